#include <tests/framework/weir/observe/observations.hpp>
#include <tests/support/catch.hpp>

#include <weir/observe/culprit.hpp>

using namespace weir;
using namespace weir_tests;
using Catch::Contains;

namespace {

monitor_view seen_after(observation o) {
  monitor m;
  const auto up = o.up;
  m.take(std::move(o), at(up));
  return *m.view();
}

/// The source may not send: analyze has no room.
observation with_full_pool() {
  observation o = after(4);
  spend(o.nodes[0], 0.05, 0.05, 4);
  spend(o.nodes[1], 0.98, 0.02, 4);
  o.nodes[1].figures.busy_workers = 10;
  o.nodes[1].figures.queued = 50;
  return o;
}

} // namespace

TEST_CASE("a pool whose workers are all busy while records wait is the culprit") {
  const auto v = seen_after(with_full_pool());
  REQUIRE(v.limits.size() == 1);
  CHECK(v.limits[0].node == "analyze");
  CHECK(v.limits[0].score == Approx(0.98));
  CHECK(v.limits[0].reason == "analyze: 98 % busy, 10 of 10 workers; add workers or raise max");
}

TEST_CASE("a pool that may still grow is said to do so by itself") {
  observation o = with_full_pool();
  o.nodes[1].figures.workers = o.nodes[1].figures.busy_workers = 4;
  const auto v = seen_after(std::move(o));
  REQUIRE_FALSE(v.limits.empty());
  CHECK_THAT(v.limits[0].reason, Contains("4 of 4 workers; it may grow to 10 by itself"));
}

TEST_CASE("one busy worker of many does not make a pool the culprit") {
  observation o = with_full_pool();
  o.nodes[1].figures.busy_workers = 2;
  for (const auto& l : seen_after(std::move(o)).limits)
    CHECK(l.node != "analyze");
}

TEST_CASE("a sink that is slow says how much it writes") {
  observation o = after(4, 800);
  spend(o.nodes[1], 0.1, 0.1, 4);
  spend(o.nodes[2], 0.97, 0.03, 4);
  o.nodes[2].figures.busy_workers = 1;
  spend(o.nodes[0], 0.1, 0.1, 4);
  const auto v = seen_after(std::move(o));
  REQUIRE_FALSE(v.limits.empty());
  CHECK(v.limits[0].node == "store");
  CHECK_THAT(v.limits[0].reason, Contains("store: 97 % busy, 1 of 1 workers; it writes 800 a second; "));
}

TEST_CASE("a busy node that nothing waits for limits nothing") {
  observation o = after(4);
  spend(o.nodes[2], 0.97, 0.03, 4);
  for (const auto& l : seen_after(std::move(o)).limits)
    CHECK(l.node != "store");
}

TEST_CASE("where everything keeps up the input is the limit") {
  const auto v = seen_after(after(4));
  REQUIRE(v.limits.size() == 1);
  CHECK_THAT(v.limits[0].reason, Contains("reads: the input gives no more than 100 a second"));
}

TEST_CASE("outages come first, then stalls, then failures, with their causes") {
  observation o = with_full_pool();
  o.nodes[1].figures.errors = 200;
  o.nodes[1].health.last_failure = {{failure_kind::error, "model server said 500", 0s}};
  o.nodes[2].health.state = node_state::outage;
  o.nodes[2].health.cause = "connection refused (store:5432)";
  auto hung = node("trend");
  hung.health.stalled = true;
  hung.figures.queued = 7;
  hung.health.last_failure = {{failure_kind::crash, "killed by signal 11", 0s}};
  o.nodes.push_back(hung);
  const auto v = seen_after(std::move(o));
  REQUIRE(v.limits.size() == 4);
  CHECK_THAT(v.limits[0].reason, Contains("store: outage: connection refused (store:5432)"));
  CHECK_THAT(v.limits[1].reason, Contains("trend: stalled: 7 records wait"));
  CHECK_THAT(v.limits[1].reason, Contains(", last cause: crash: killed by signal 11;"));
  CHECK_THAT(v.limits[2].reason, Contains("analyze: 50 % of its attempts fail, last cause: model server"));
  CHECK_THAT(v.limits[3].reason, Contains("98 % busy"));
}

TEST_CASE("a paused or ended workflow is limited by nothing") {
  for (const char* state : {"paused", "completed", "failed"}) {
    observation o = with_full_pool();
    o.state = state;
    CHECK(seen_after(std::move(o)).limits.empty());
  }
}

TEST_CASE("input that takes more than 30 s or 5 min is told, with what would help") {
  const auto reading = [](std::uint64_t total) {
    observation o = with_full_pool();
    o.nodes[0].figures.progress_done = 40; // 10 a second
    o.nodes[0].figures.progress_total = total;
    return seen_after(std::move(o)).warnings;
  };
  CHECK(reading(300).empty());
  REQUIRE(reading(600).size() == 1);
  CHECK_THAT(reading(600)[0],
             Contains("on course to take 1 min, more than 30 s, for its input (56 s to go)"));
  CHECK_THAT(reading(600)[0], Contains("add workers or raise max"));
  REQUIRE(reading(6'000).size() == 1);
  CHECK_THAT(reading(6'000)[0], Contains("10 min, more than 5 min"));
}

TEST_CASE("a memory budget nearly used up is told") {
  observation o = after(4);
  o.memory_used = 9'500;
  const auto v = seen_after(std::move(o));
  REQUIRE(v.warnings.size() == 1);
  CHECK_THAT(v.warnings[0], Contains("95 % of the memory budget is used"));
}
