#include <apps/weir/top/model.hpp>

#include <tests/apps/weir/support/canned_server.hpp>
#include <tests/support/catch.hpp>

using namespace weir::top;
using namespace weir::test;

TEST_CASE("the answer of the admin API becomes values") {
  const auto w = parse_workflow(workflow_json("running", 800.5));
  REQUIRE(w);
  CHECK(w->workflow == "review-stream");
  CHECK(w->ready);
  CHECK(w->records_per_s == 800.5);
  CHECK(w->latency_p99_ms == 3.4);
  REQUIRE(w->progress);
  CHECK(w->progress->total == 1000);
  REQUIRE(w->culprit);
  CHECK(w->culprit->node == "store");
  REQUIRE(w->nodes.size() == 3);
  const node_view& analyze = w->nodes[1];
  CHECK(analyze.busy == 0.5);
  CHECK(analyze.workers_max == 4);
  CHECK(!analyze.latency_p50_ms);
  REQUIRE(analyze.workers.size() == 2);
  CHECK(analyze.workers[0].task_age_s == 0.25);
  CHECK(!analyze.workers[1].task_age_s);
  CHECK(w->nodes[2].latency_p99_ms == 11);
}

TEST_CASE("what is missing or of another type is nothing, not a failure") {
  const auto w = parse_workflow(
      R"({"workflow":7,"progress":null,"culprit":null,"nodes":[{"id":"a","time":null,"workers":"many"},3]})");
  REQUIRE(w);
  CHECK(w->workflow.empty());
  CHECK(!w->progress);
  CHECK(!w->culprit);
  REQUIRE(w->nodes.size() == 1);
  CHECK(!w->nodes[0].busy);
  CHECK(!w->nodes[0].workers_now);
}

TEST_CASE("an answer of something else is refused") {
  CHECK(!parse_workflow(""));
  CHECK(!parse_workflow("<html>"));
  CHECK(!parse_workflow("[]"));
  CHECK(!parse_workflow("{}"));
  CHECK(!parse_workflow(std::string(100'000, '[')));
  CHECK(!parse_events(R"({"events":3})"));
}

TEST_CASE("events are read oldest first") {
  const auto events = parse_events(events_json("out of memory"));
  REQUIRE(events);
  REQUIRE(events->size() == 1);
  CHECK(events->front().kind == "restart");
  CHECK(events->front().worker == 1U);
  CHECK(parse_error_text(R"({"error":"not now"})") == "not now");
  CHECK(parse_error_text("gone").empty());
}
