#include <apps/weir/top/view.hpp>

#include <apps/weir/top/node_lines.hpp>
#include <apps/weir/top/text.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <utility>

namespace weir::top {

namespace {

std::string per_cent(const figure& share) {
  if (!share)
    return "-";
  const double n = std::clamp(*share, 0.0, 1.0) * 100;
  char text[16];
  std::snprintf(text, sizeof text, n > 0 && n < 9.95 ? "%.1f %%" : "%.0f %%", n);
  return text;
}

constexpr std::array<std::string_view, 22> help_text{
    "Keys",
    "  q             quit",
    "  up, k         the node above       down, j   the node below",
    "  PgUp, PgDn    a page of nodes      Home, End the first, the last",
    "  Enter         the selected node: figures, workers; Esc goes back",
    "  s             sort by the next column    r   the other way round",
    "  p             pause the workflow; again: resume it",
    "  ?             this page; Esc goes back",
    "",
    "Columns",
    "  state         starting, running, outage (the world outside is away), stalled, hung",
    "  in/s, out/s   records a second, of the last seconds",
    "  busy%         of the time of its workers in which they worked",
    "  idle%         in which they had nothing to do",
    "  backpr%       in which what comes after them had no room",
    "  queue         records that wait for the node",
    "  workers       busy / there are / at most",
    "  task p50/p99  milliseconds a task takes: half of them, 99 of 100",
    "  errors, restarts, dead (letters)    since the start",
    "",
    "The node that limits is the one named in the line \"limits\": give it workers,",
    "or make its task faster.",
};

} // namespace

std::vector<line> header_lines(const workflow_view& w, std::size_t width) {
  std::vector<line> out;
  std::string first = "weir " + or_dash(w.workflow) + ": " + or_dash(w.state);
  if (!w.ready && w.state == "running")
    first += " (not ready)";
  first += ", up " + seconds_text(w.up_s);
  if (!w.version.empty())
    first += ", version " + printable(w.version, 40);
  out.push_back(make(std::move(first), width, style::title));

  // As many a line as fit.
  std::vector<std::string> parts{
      count_text(w.records_per_s) + " records/s",
      "latency p50 " + ms_text(w.latency_p50_ms) + " p99 " + ms_text(w.latency_p99_ms) + " ms",
      "errors " + per_cent(w.error_ratio),
      "queue " + count_text(w.queue_records) + " (" + bytes_text(w.queue_bytes) + ")",
      "workers " + count_text(w.workers_busy) + " of " + count_text(w.workers) + " busy"};
  if (w.memory_limit.value_or(0) > 0)
    parts.push_back("memory " + bytes_text(w.memory_used) + " of " + bytes_text(w.memory_limit));
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty() && width != 0 && width_of(text) + 3 + part.size() > width) {
      out.push_back(make(std::exchange(text, {}), width));
    }
    text += (text.empty() ? "" : "   ") + part;
  }
  out.push_back(make(std::move(text), width));

  if (w.progress) {
    const std::size_t bar = width == 0 ? 40 : std::min<std::size_t>(60, width > 45 ? width - 35 : width / 4);
    out.push_back(make(progress_text(*w.progress, bar), width, style::good));
  }
  if (w.culprit)
    out.push_back(
        make("limits: " + printable(w.culprit->reason.empty() ? w.culprit->node : w.culprit->reason), width,
             style::warning));
  constexpr std::size_t most_lines = 12;
  for (const node_view& n : w.nodes)
    if (!n.cause.empty() && out.size() < most_lines)
      out.push_back(make(printable(n.id, 256) + " cannot go on: " + printable(n.cause), width, style::bad));
  for (const std::string& warning : w.warnings) {
    if (out.size() >= most_lines)
      break;
    out.push_back(make("warning: " + printable(warning), width, style::bad));
  }
  return out;
}

std::vector<line> event_lines(const std::vector<event_view>& events, std::size_t width, std::size_t most) {
  std::vector<line> out;
  for (std::size_t i = events.size() - std::min(most, events.size()); i < events.size(); ++i) {
    const event_view& e = events[i];
    // "2026-01-01T12:30:00.250Z": the time of day.
    const std::string time =
        e.time.size() >= 19 && e.time[10] == 'T' ? printable(e.time.substr(11, 8)) : or_dash(e.time);
    std::string text = time + " " + or_dash(e.kind);
    if (!e.node.empty())
      text += " " + printable(e.node, 256);
    if (e.worker)
      text += "/" + std::to_string(*e.worker);
    if (!e.cause.empty())
      text += ": " + printable(e.cause);
    out.push_back(make(std::move(text), width, style::faint));
  }
  return out;
}

std::string plain_text(const snapshot& now, std::size_t width, column by) {
  std::string out;
  const auto add = [&out](const std::vector<line>& lines) {
    for (const line& l : lines) {
      const auto end = l.text.find_last_not_of(' ');
      out += l.text.substr(0, end == std::string::npos ? 0 : end + 1) + '\n';
    }
  };
  if (now.workflow) {
    add(header_lines(*now.workflow, width));
    out += '\n';
    add(table_lines(sorted(*now.workflow, by, false), width, by, false));
  }
  if (!now.events.empty()) {
    out += '\n';
    add(event_lines(now.events, width, 5));
  }
  return out;
}

void view::move(std::ptrdiff_t by, const snapshot& now) {
  if (!now.workflow || now.workflow->nodes.empty())
    return;
  const auto nodes = sorted(*now.workflow, by_, reversed_);
  const auto at = std::ranges::find(nodes, selected_, [](const node_view* n) { return n->id; });
  const auto last = static_cast<std::ptrdiff_t>(nodes.size()) - 1;
  const std::ptrdiff_t from = at == nodes.end() ? 0 : at - nodes.begin();
  const std::ptrdiff_t to = std::clamp<std::ptrdiff_t>(by < -last  ? 0
                                                       : by > last ? last
                                                                   : from + by,
                                                       0, last);
  selected_ = nodes[static_cast<std::size_t>(to)]->id;
}

view::action view::press(key k, char c, const snapshot& now) {
  if (k == key::character) {
    switch (c) {
    case 'q':
      return action::quit;
    case 'p':
      return action::toggle_pause;
    case 'j':
      k = key::down;
      break;
    case 'k':
      k = key::up;
      break;
    case 's':
      by_ = static_cast<column>((static_cast<std::size_t>(by_) + 1) % columns);
      return action::none;
    case 'r':
      reversed_ = !reversed_;
      return action::none;
    case '?':
      page_ = page_ == page::help ? page::nodes : page::help;
      scroll_ = 0;
      return action::none;
    default:
      return action::none;
    }
  }
  constexpr std::ptrdiff_t all = 1'000'000'000;
  const auto rows = static_cast<std::ptrdiff_t>(rows_);
  std::ptrdiff_t by = 0;
  switch (k) {
  case key::up:
    by = -1;
    break;
  case key::down:
    by = 1;
    break;
  case key::page_up:
    by = -rows;
    break;
  case key::page_down:
    by = rows;
    break;
  case key::home:
    by = -all;
    break;
  case key::end:
    by = all;
    break;
  case key::enter:
    if (page_ == page::nodes && now.workflow && !now.workflow->nodes.empty()) {
      page_ = page::node;
      scroll_ = 0;
    }
    return action::none;
  case key::escape:
    page_ = page::nodes;
    return action::none;
  case key::character:
    return action::none;
  }
  if (page_ == page::nodes)
    move(by, now);
  else
    scroll_ = by < 0 ? scroll_ - std::min(scroll_, static_cast<std::size_t>(-by))
                     : scroll_ + static_cast<std::size_t>(by); // lines() holds it to what there is
  return action::none;
}

std::vector<line> view::node_page(const snapshot& now, std::size_t width) const {
  std::vector<line> out;
  const auto& nodes = now.workflow->nodes;
  const auto at = std::ranges::find(nodes, selected_, &node_view::id);
  if (at == nodes.end()) {
    out.push_back(make("node " + printable(selected_, 256) + " is no more; Esc goes back", width));
    return out;
  }
  return node_lines(*at, width);
}

std::vector<line> view::nodes_page(const snapshot& now, std::size_t width, std::size_t height) {
  std::vector<line> out = header_lines(*now.workflow, width);
  const auto nodes = sorted(*now.workflow, by_, reversed_);
  std::size_t at = 0;
  if (!nodes.empty()) {
    const auto found = std::ranges::find(nodes, selected_, [](const node_view* n) { return n->id; });
    at = found == nodes.end() ? 0 : static_cast<std::size_t>(found - nodes.begin());
    selected_ = nodes[at]->id;
  }
  // A header may not push the table off a low screen.
  if (height >= 6 && out.size() + 4 > height)
    out.resize(height - 4);
  const std::size_t left_over = height > out.size() + 1 ? height - out.size() - 1 : 0;
  const std::size_t spare = left_over > nodes.size() ? left_over - nodes.size() : 0;
  // A heading and the last events, where the nodes leave room.
  const std::size_t below =
      now.events.empty() || spare < 2 ? 0 : std::min({now.events.size() + 1, std::size_t{9}, spare});
  rows_ = std::max<std::size_t>(1, std::min(nodes.size(), left_over - below));
  first_ = std::min(first_, nodes.size() - std::min(rows_, nodes.size()));
  first_ = std::clamp(first_, at + 1 - std::min(at + 1, rows_), at);
  auto rows = table_lines(nodes, width, by_, reversed_);
  out.push_back(std::move(rows.front()));
  for (std::size_t i = first_; i < std::min(nodes.size(), first_ + rows_); ++i) {
    line& row = rows[i + 1];
    if (i == at) {
      row.text = left(row.text, width);
      row.style = style::selected;
    }
    out.push_back(std::move(row));
  }
  if (below > 0) {
    out.push_back(make("last events", width, style::heading));
    for (line& l : event_lines(now.events, width, below - 1))
      out.push_back(std::move(l));
  }
  return out;
}

std::vector<line> view::lines(const snapshot& now, std::size_t width, std::size_t height) {
  if (height == 0 || width == 0)
    return {};
  std::vector<line> top;
  if (now.trouble)
    top.push_back(make("NO ANSWER, trying again: " + printable(now.trouble->message()), width, style::bad));
  if (!now.note.empty())
    top.push_back(make(printable(now.note), width, style::warning));
  const std::size_t foot = height > top.size() + 3 ? 1 : 0;
  const std::size_t room = height - std::min(height, top.size() + foot);

  std::vector<line> body;
  if (page_ == page::help) {
    for (const auto text : help_text)
      body.push_back(make(std::string{text}, width));
  } else if (!now.workflow) {
    body.push_back(make("waiting for the workflow", width));
  } else if (page_ == page::node) {
    body = node_page(now, width);
  } else {
    body = nodes_page(now, width, room);
  }
  if (page_ != page::nodes) {
    scroll_ = std::min(scroll_, body.size() - std::min(body.size(), room));
    body.erase(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(scroll_));
  }
  if (body.size() > room)
    body.resize(room);
  body.resize(room);
  top.insert(top.end(), std::make_move_iterator(body.begin()), std::make_move_iterator(body.end()));
  if (foot > 0)
    top.push_back(make(page_ == page::nodes
                           ? "q quit  Enter node  s sort: " + std::string{to_string(by_)} +
                                 (reversed_ ? " reversed" : "") + "  r reverse  p pause  ? help"
                           : "Esc back  q quit  arrows scroll",
                       width, style::faint));
  if (top.size() > height)
    top.resize(height);
  return top;
}

} // namespace weir::top
