#include <apps/review_stream/commands/summary.hpp>

#include <tests/apps/review_stream/support/judged.hpp>
#include <tests/support/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::reviews;
using namespace std::chrono_literals;

namespace {

/// A run over 100 lines into two sinks, of which the second has delivered less.
run_result two_sinks() {
  run_result r;
  node_result source;
  source.id = "reviews";
  source.received = 100;
  source.is_source = true;
  node_result judge;
  judge.id = "analyze_sentiment";
  judge.received = 95;
  judge.filtered = 2; // the repeats
  judge.retries = 3;
  judge.timeouts = 2;
  judge.restarts = 1;
  node_result first;
  first.id = "store";
  first.delivered = 95;
  first.retries = 1;
  first.is_sink = true;
  node_result second = first;
  second.id = "store-2";
  second.delivered = 90;
  r.nodes = {source, judge, first, second};
  r.dead_letters = 5;
  r.took = 2s;
  return r;
}

/// What the monitor makes of it.
workflow_rates pace(double records_per_s) {
  workflow_rates whole;
  whole.records_per_s = records_per_s;
  whole.latency = {1500us, 20ms, 30ms};
  return whole;
}

review_workflow into(std::vector<output_uri> outputs) { return {workflow{"test"}, std::move(outputs)}; }

} // namespace

TEST_CASE("the JSON summary is one line with every figure of the run") {
  auto work = into({});
  work.stores = {"store", "store-2"};
  work.counters = {std::make_shared<actors::sqlite_counters>()};
  work.counters[0]->ignored = 7;
  *work.repeats = 2;
  const std::string line = summary_json(two_sinks(), pace(50), work, 0);
  CHECK(line.find('\n') == std::string::npos);
  const auto o = boost::json::parse(line).as_object();
  CHECK(o.at("records_in") == 100);
  CHECK(o.at("records_out") == 83); // what every store has delivered and did not have before
  CHECK(o.at("duplicates") == 9);   // dropped on the way, or there already
  CHECK(o.at("filtered") == 0);
  CHECK(o.at("dead_letters") == 5);
  CHECK(o.at("retries") == 5);
  CHECK(o.at("timeouts") == 2);
  CHECK(o.at("restarts") == 1);
  CHECK(o.at("duration_s").to_number<double>() == 2.0);
  CHECK(o.at("throughput_per_s").to_number<double>() == 50.0);
  CHECK(o.at("latency_ms").at("p50").to_number<double>() == 1.5);
  CHECK(o.at("latency_ms").at("p95").to_number<double>() == 20.0);
  CHECK(o.at("latency_ms").at("p99").to_number<double>() == 30.0);
  CHECK(o.at("status") == "completed");
  CHECK(o.at("undelivered") == 0);
  CHECK(o.at("exit") == 0);
}

TEST_CASE("the JSON summary of an unclean end counts what was not delivered") {
  run_result r = two_sinks();
  r.status = run_status::drained_uncleanly;
  r.undelivered = {{"store", 3}, {"store-2", 4}};
  const auto o = boost::json::parse(summary_json(r, pace(50), into({}), 3)).as_object();
  CHECK(o.at("status") == "drained uncleanly");
  CHECK(o.at("undelivered") == 7);
  CHECK(o.at("exit") == 3);
}

TEST_CASE("a run that ended at once has no rate and no division by zero") {
  const auto o = boost::json::parse(summary_json({}, rates_of({}), into({}), 0)).as_object();
  CHECK(o.at("records_in") == 0);
  CHECK(o.at("throughput_per_s").to_number<double>() == 0.0);
}

TEST_CASE("the summary for people tells new reviews from those that were there already, and what they say") {
  auto work = into({{output_uri::kind::sqlite, "reviews.db"}});
  work.stores = {"store"};
  work.counters = {std::make_shared<actors::sqlite_counters>()};
  work.counters[0]->ignored = 1;
  product_summary lamp;
  lamp.product = "lamp";
  lamp.add(test::complete());
  work.products->push_back(lamp);
  run_result r;
  node_result source;
  source.received = 3;
  source.is_source = true;
  node_result sink;
  sink.id = "store";
  sink.delivered = 2;
  sink.is_sink = true;
  r.nodes = {source, sink};
  r.dead_letters = 1;
  r.took = 1s;
  const std::string text = summary_text(r, pace(3), work, {});
  CHECK_THAT(text, Catch::StartsWith("review-stream: completed in 1.0 s, 3 reviews a second\n"));
  CHECK_THAT(text, Catch::Contains("read             3\n"));
  CHECK_THAT(text, Catch::Contains("new              1\n"));
  CHECK_THAT(text, Catch::Contains("there already    1 (the first review of an id is kept)\n"));
  CHECK_THAT(text, Catch::Contains("dead letters     1  -> dead-letters.jsonl\n"));
  CHECK_THAT(text, Catch::Contains("What 1 reviews say"));
  CHECK_THAT(text, Catch::Contains("sqlite3 -box reviews.db"));
}
