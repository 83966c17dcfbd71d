#include <apps/weir/top/view.hpp>

#include <apps/weir/top/text.hpp>

#include <tests/apps/weir/support/canned_server.hpp>
#include <tests/support/catch.hpp>

#include <string>
#include <vector>

using namespace weir::top;
using namespace weir::test;

namespace {

snapshot canned(const std::string& state = "running") {
  return {*parse_workflow(workflow_json(state, 800)), *parse_events(events_json("out of memory")), {}, {}};
}

std::string joined(const std::vector<line>& lines) {
  std::string all;
  for (const line& l : lines)
    all += l.text + "\n";
  return all;
}

std::string page(view& v, const snapshot& now, std::size_t width = 120, std::size_t height = 40) {
  return joined(v.lines(now, width, height));
}

/// The text of the line that is marked.
std::string selected(view& v, const snapshot& now) {
  for (const line& l : v.lines(now, 120, 40))
    if (l.style == style::selected)
      return l.text;
  return {};
}

} // namespace

TEST_CASE("the page of nodes shows the workflow, what limits it, its nodes and events") {
  view v;
  const std::string text = page(v, canned());
  for (const std::string part :
       {"weir review-stream: running, up 1m15s", "800 records/s", "latency p50 1.2 p99 3.4 ms",
        "errors 0.1 %", "workers 3 of 10 busy", "25 %, about 9.5s left", "limits: store: 98 % busy",
        "warning: analyze: 2 restarts", "store cannot go on: disk?[2J full", "backpr%", "task p50/p99",
        "1/2/4", "1.2/12", "outage", "12:30:05 restart analyze/1: out of memory", "q quit"})
    CHECK_THAT(text, Catch::Contains(part));
}

TEST_CASE("no line is wider or page higher than the screen, whatever its size") {
  snapshot now = canned();
  now.workflow->nodes[0].id = "\xE6\xB5\x8B\xE8\xAF\x95\xE6\xB5\x8B\xE8\xAF\x95 Stra\xC3\x9F"
                              "e with a rather long name for a node of a workflow";
  now.trouble = weir::transient("no answer in time", "http://127.0.0.1:7461", "wait");
  now.note = "pause: accepted";
  for (const std::size_t width : {1U, 2U, 7U, 20U, 40U, 80U, 120U, 200U})
    for (const std::size_t height : {1U, 2U, 3U, 5U, 8U, 24U, 60U})
      for (const char open : {' ', '?', '\n'}) {
        view v;
        (void)v.press(open == '\n' ? key::enter : key::character, open, now);
        const auto lines = v.lines(now, width, height);
        CHECK(lines.size() <= height);
        for (const line& l : lines)
          CHECK(width_of(l.text) <= width);
      }
}

TEST_CASE("a narrow screen leaves out the lesser columns, a wide one shows all") {
  const snapshot now = canned();
  const auto nodes = sorted(*now.workflow, column::workflow, false);
  const std::string narrow = table_lines(nodes, 40, column::workflow, false)[0].text;
  CHECK_THAT(narrow, Catch::Contains("node") && Catch::Contains("state") && Catch::Contains("busy%"));
  CHECK_THAT(narrow, !Catch::Contains("restarts"));
  for (const std::size_t width : {std::size_t{200}, std::size_t{0}}) {
    const std::string wide = table_lines(nodes, width, column::workflow, false)[0].text;
    CHECK_THAT(wide, Catch::Contains("idle%") && Catch::Contains("restarts") && Catch::Contains("dead"));
  }
}

TEST_CASE("columns stay in line with names of any script") {
  snapshot now = canned();
  now.workflow->nodes[0].id = "\xE6\xB5\x8B\xE8\xAF\x95";
  now.workflow->nodes[1].id = "Gr\xC3\xBC\xC3\x9F"
                              "e";
  const auto rows = table_lines(sorted(*now.workflow, column::workflow, false), 200, column::workflow, false);
  for (const line& row : rows)
    CHECK(width_of(row.text) == width_of(rows[0].text));
}

TEST_CASE("what a server says never reaches the terminal as an escape sequence") {
  snapshot now = canned();
  now.workflow->workflow = "\x1b]0;owned\x07";
  now.workflow->nodes[0].id = "a\x1b[2J";
  now.workflow->warnings = {"\x1b[31m"};
  now.workflow->culprit->reason = "\xC2\x9B"
                                  "31m";
  now.events[0].cause = "\x1b[5m";
  now.trouble = weir::transient("\x1b[1m");
  now.note = "\x1bZ";
  view v;
  std::string all = page(v, now) + plain_text(now, 0, column::workflow);
  (void)v.press(key::enter, 0, now);
  all += page(v, now);
  CHECK(all.find('\x1b') == std::string::npos);
  CHECK(all.find('\x07') == std::string::npos);
  CHECK(all.find("\xC2\x9B") == std::string::npos);
}

TEST_CASE("figures are sorted from large to small, words from a to z, and back") {
  const snapshot now = canned();
  const auto first = [&](column by, bool reversed) { return sorted(*now.workflow, by, reversed)[0]->id; };
  CHECK(first(column::workflow, false) == "read");
  CHECK(first(column::id, false) == "analyze");
  CHECK(first(column::id, true) == "store");
  CHECK(first(column::busy, false) == "store");
  CHECK(first(column::busy, true) == "read");
  CHECK(first(column::dead, false) == "analyze");
  CHECK(*parse_column("backpr") == column::backpressured);
  CHECK_THAT(parse_column("speed").error().message(), Catch::Contains("use one of workflow, id"));
}

TEST_CASE("keys select, open, sort, pause and quit") {
  const snapshot now = canned();
  view v;
  CHECK_THAT(selected(v, now), Catch::StartsWith("read"));
  (void)v.press(key::down, 0, now);
  CHECK_THAT(selected(v, now), Catch::StartsWith("analyze"));
  (void)v.press(key::end, 0, now);
  CHECK_THAT(selected(v, now), Catch::StartsWith("store"));
  (void)v.press(key::down, 0, now);
  CHECK_THAT(selected(v, now), Catch::StartsWith("store"));
  (void)v.press(key::character, 'k', now);
  CHECK_THAT(selected(v, now), Catch::StartsWith("analyze"));
  (void)v.press(key::character, 's', now); // the selection stays on its node
  CHECK_THAT(selected(v, now), Catch::StartsWith("analyze"));
  CHECK_THAT(page(v, now), Catch::Contains("s sort: id"));
  (void)v.press(key::character, 'r', now);
  CHECK_THAT(page(v, now), Catch::Contains("sort: id reversed"));

  (void)v.press(key::enter, 0, now);
  const std::string detail = page(v, now);
  CHECK_THAT(detail, Catch::Contains("node analyze (step): running"));
  CHECK_THAT(detail, Catch::Contains("0 busy          250ms"));
  (void)v.press(key::escape, 0, now);
  CHECK_THAT(page(v, now), Catch::Contains("limits:"));
  (void)v.press(key::character, '?', now);
  CHECK_THAT(page(v, now), Catch::Contains("pause the workflow"));
  CHECK(v.press(key::character, 'p', now) == view::action::toggle_pause);
  CHECK(v.press(key::character, 'q', now) == view::action::quit);
}

TEST_CASE("the selected node is on the screen however many there are") {
  snapshot now = canned();
  for (int i = 0; i < 500; ++i) {
    now.workflow->nodes.push_back(now.workflow->nodes[1]);
    now.workflow->nodes.back().id = "n" + std::to_string(i);
  }
  view v;
  for (const key k : {key::end, key::page_up, key::page_up, key::up, key::home, key::page_down, key::down}) {
    (void)v.press(k, 0, now);
    CHECK(!selected(v, now).empty());
  }
  (void)v.press(key::end, 0, now);
  CHECK_THAT(selected(v, now), Catch::StartsWith("n499"));
}

TEST_CASE("a page without workflow, nodes, or the node that was open is still a page") {
  snapshot now;
  view v;
  (void)v.press(key::down, 0, now);
  (void)v.press(key::enter, 0, now);
  CHECK_THAT(page(v, now), Catch::Contains("waiting"));
  now.workflow = workflow_view{};
  (void)v.press(key::end, 0, now);
  CHECK_THAT(page(v, now), Catch::Contains("node"));
  now = canned();
  (void)page(v, now);
  (void)v.press(key::enter, 0, now);
  now.workflow->nodes.clear();
  CHECK_THAT(page(v, now), Catch::Contains("node read is no more"));
}

TEST_CASE("plain text is the same without a terminal") {
  const std::string text = plain_text(canned(), 0, column::busy);
  CHECK_THAT(text, Catch::Contains("\nstore ") && Catch::Contains("busy%v"));
  CHECK(text.find("\nstore ") < text.find("\nread "));
  CHECK_THAT(text, Catch::Contains("store cannot go on: disk?[2J full"));
}
