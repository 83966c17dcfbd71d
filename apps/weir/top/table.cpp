#include <apps/weir/top/table.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace weir::top {

namespace {

constexpr std::array<std::string_view, columns> names{"workflow", "id",     "state",    "in",    "out",
                                                      "busy",     "idle",   "backpr",   "queue", "workers",
                                                      "task",     "errors", "restarts", "dead"};

std::string workers_text(const node_view& n) {
  if (!n.workers_now || n.workers_max.value_or(0) == 0)
    return "-";
  return count_text(n.workers_busy) + "/" + count_text(n.workers_now) + "/" + count_text(n.workers_max);
}

/// What a node is sorted by; words have no figure.
figure figure_of(const node_view& n, column by) {
  switch (by) {
  case column::in:
    return n.received_per_s;
  case column::out:
    return n.sent_per_s;
  case column::busy:
    return n.busy;
  case column::idle:
    return n.idle;
  case column::backpressured:
    return n.backpressured;
  case column::queue:
    return n.queue_records;
  case column::workers:
    return n.workers_busy;
  case column::task:
    return n.task_p99_ms;
  case column::errors:
    return n.errors;
  case column::restarts:
    return n.restarts;
  case column::dead:
    return n.dead_letters;
  default:
    return std::nullopt;
  }
}

struct shown_column {
  column by;
  std::string_view heading;
  std::size_t width;
  unsigned rank; ///< the higher, the sooner it is left out
};

// In the order of the screen. The node's name takes what is left.
constexpr std::array<shown_column, 12> table{{{column::state, "state", 8, 1},
                                              {column::in, "in/s", 6, 2},
                                              {column::out, "out/s", 6, 4},
                                              {column::busy, "busy%", 6, 3},
                                              {column::idle, "idle%", 6, 10},
                                              {column::backpressured, "backpr%", 8, 7},
                                              {column::queue, "queue", 6, 5},
                                              {column::workers, "workers", 12, 6},
                                              {column::task, "task p50/p99", 13, 8},
                                              {column::errors, "errors", 7, 9},
                                              {column::restarts, "restarts", 9, 12},
                                              {column::dead, "dead", 6, 11}}};
constexpr std::size_t least_name = 8;
constexpr std::size_t most_name = 40;

std::string cell(const node_view& n, column by) {
  switch (by) {
  case column::state:
    return state_text(n);
  case column::in:
    return count_text(n.received_per_s);
  case column::out:
    return count_text(n.sent_per_s);
  case column::busy:
    return percent_text(n.busy);
  case column::idle:
    return percent_text(n.idle);
  case column::backpressured:
    return percent_text(n.backpressured);
  case column::queue:
    return count_text(n.queue_records);
  case column::workers:
    return workers_text(n);
  case column::task:
    return n.task_p50_ms || n.task_p99_ms ? ms_text(n.task_p50_ms) + "/" + ms_text(n.task_p99_ms) : "-";
  case column::errors:
    return count_text(n.errors);
  case column::restarts:
    return count_text(n.restarts);
  case column::dead:
    return count_text(n.dead_letters);
  default:
    return {};
  }
}

bool is_bad(const node_view& n) { return n.stalled || n.state == "outage" || n.workers_hung.value_or(0) > 0; }

} // namespace

std::string state_text(const node_view& n) {
  if (n.stalled)
    return "stalled";
  if (n.workers_hung.value_or(0) > 0)
    return "hung";
  return or_dash(n.state);
}

std::string_view to_string(column by) noexcept { return names[static_cast<std::size_t>(by)]; }

result<column> parse_column(std::string_view name) {
  const auto at = std::ranges::find(names, name);
  if (at != names.end())
    return static_cast<column>(at - names.begin());
  std::string all;
  for (const auto n : names)
    all += (all.empty() ? "" : ", ") + std::string{n};
  return permanent("unknown column '" + printable(name, 80) + "'", "--sort", "use one of " + all);
}

std::vector<const node_view*> sorted(const workflow_view& w, column by, bool reversed) {
  std::vector<const node_view*> nodes;
  for (const node_view& n : w.nodes)
    nodes.push_back(&n);
  if (by == column::workflow) {
    if (reversed)
      std::ranges::reverse(nodes);
    return nodes;
  }
  std::ranges::stable_sort(nodes, [&](const node_view* a, const node_view* b) {
    if (by == column::id || by == column::state) {
      const std::string& left_word = by == column::id ? a->id : a->state;
      const std::string& right_word = by == column::id ? b->id : b->state;
      return reversed ? right_word < left_word : left_word < right_word;
    }
    const figure x = figure_of(*a, by);
    const figure y = figure_of(*b, by);
    if (!x || !y)
      return x.has_value() && !y;
    return reversed ? *x < *y : *y < *x;
  });
  return nodes;
}

std::vector<line> table_lines(const std::vector<const node_view*>& nodes, std::size_t width, column by,
                              bool reversed) {
  std::size_t name = std::max<std::size_t>(least_name, 4);
  for (const node_view* n : nodes)
    name = std::max(name, width_of(printable(n->id, 256)));
  name = std::min(name, most_name);
  // The columns that fit beside names of at least their least width.
  unsigned most_rank = 0;
  for (unsigned rank = 1; rank <= table.size(); ++rank) {
    std::size_t sum = std::min(name, std::max(least_name, width / 4));
    for (const shown_column& c : table)
      if (c.rank <= rank)
        sum += c.width + 1;
    if (width != 0 && sum > width)
      break;
    most_rank = rank;
  }
  std::size_t others = 0;
  for (const shown_column& c : table)
    if (c.rank <= most_rank)
      others += c.width + 1;
  if (width != 0)
    name = std::min(name, width > others ? width - others : 0);

  const auto marked = [&](std::string_view text, column c) {
    return std::string{text} + (c == by ? (reversed ? "^" : "v") : "");
  };
  std::vector<line> out;
  std::string heading = left(marked("node", column::id), name);
  for (const shown_column& c : table)
    if (c.rank <= most_rank)
      heading += " " + (c.by == column::state ? left(marked(c.heading, c.by), c.width)
                                              : right(marked(c.heading, c.by), c.width));
  out.push_back(make(std::move(heading), width, style::heading));
  for (const node_view* n : nodes) {
    std::string row = left(printable(n->id, 256), name);
    for (const shown_column& c : table)
      if (c.rank <= most_rank)
        row += " " + (c.by == column::state ? left(cell(*n, c.by), c.width) : right(cell(*n, c.by), c.width));
    out.push_back(make(std::move(row), width, is_bad(*n) ? style::bad : style::plain));
  }
  return out;
}

} // namespace weir::top
