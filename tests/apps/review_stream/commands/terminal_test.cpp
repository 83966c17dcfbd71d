#include <apps/review_stream/commands/terminal.hpp>

#include <tests/framework/weir/observe/observations.hpp>
#include <tests/support/catch.hpp>

using namespace weir;
using namespace weir::reviews;
using namespace std::chrono_literals;

TEST_CASE("numbers are shown with commas") {
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1000) == "1,000");
  CHECK(with_commas(34'353) == "34,353");
  CHECK(with_commas(1'234'567) == "1,234,567");
}

TEST_CASE("durations are shown in the unit that people would use") {
  CHECK(in_words(250us) == "0.25 ms");
  CHECK(in_words(350ms) == "350 ms");
  CHECK(in_words(1200ms) == "1.2 s");
  CHECK(in_words(30s) == "30.0 s");
  CHECK(in_words(60s) == "1 min 0 s");
  CHECK(in_words(125s) == "2 min 5 s");
  CHECK(in_words(2h) == "120 min 0 s");
}

TEST_CASE("a run on course to take more than 30 s is told once, and once more beyond 5 min") {
  course_notice notice;
  const auto when_there_are = [&](std::uint64_t total) {
    auto o = weir_tests::after(4);
    o.nodes[0].figures.progress_done = 40; // 10 a second
    o.nodes[0].figures.progress_total = total;
    weir::monitor m;
    m.take(std::move(o), weir_tests::at(4s));
    return notice.next(*m.view()).value_or("");
  };
  CHECK(when_there_are(0).empty());
  CHECK(when_there_are(200).empty());
  CHECK_THAT(when_there_are(600), Catch::Contains("on course to take 1 min, more than 30 s") &&
                                      Catch::Contains("the input gives no more"));
  CHECK(when_there_are(700).empty());
  CHECK(when_there_are(200).empty());
  CHECK(when_there_are(600).empty());
  CHECK_THAT(when_there_are(6'000), Catch::Contains("10 min, more than 5 min"));
  CHECK(when_there_are(9'000).empty());
}

TEST_CASE("an outage that lasts is told once, and its end too") {
  outage_notice notice;
  weir::node_health store;
  store.id = "store";
  store.cause = "connection refused (db:5432)";
  const auto at = [&](std::chrono::milliseconds ms, weir::node_state state) {
    store.state = state;
    return notice.next({store}, weir::time_point{ms}).value_or("");
  };
  CHECK(at(0ms, weir::node_state::running).empty());
  CHECK(at(100ms, weir::node_state::outage).empty());
  CHECK(at(900ms, weir::node_state::running).empty()); // too short to be worth a line
  CHECK(at(1000ms, weir::node_state::outage).empty());
  CHECK(at(2000ms, weir::node_state::outage) ==
        "waiting: node 'store' cannot go on: connection refused (db:5432); it is tried again and again\n");
  CHECK(at(3000ms, weir::node_state::outage).empty());
  CHECK(at(4000ms, weir::node_state::running) == "node 'store' goes on\n");
}

TEST_CASE("the progress bar says what the monitor says, of what every store has") {
  monitor_view seen;
  node_observation source;
  source.figures.id = "reviews";
  source.figures.received = 1200;
  source.figures.is_source = true;
  node_observation first;
  first.figures.id = "store";
  first.figures.delivered = 1100;
  first.figures.dead_letters = 3;
  node_observation second;
  second.figures.id = "store-2";
  second.figures.delivered = 900;
  seen.now.nodes = {source, first, second};
  seen.rates.records_per_s = 812.7;
  seen.rates.latency.p50 = 350ms;
  seen.rates.reading = progress{.done = 250, .total = 1000, .eta_s = 12.5};
  const std::vector<std::string> stores{"store", "store-2"};
  CHECK(progress_text(seen, stores, false) ==
        "25 %  about 12.5 s left  1,200 read, 900 stored, 812 a second, "
        "latency 350 ms, 3 dead letters");
  CHECK_THAT(progress_text(seen, stores, true), Catch::StartsWith("[#######-----------------------] 25 %"));
  seen.rates.reading.reset();
  seen.rates.latency.p50 = {};
  CHECK(progress_text(seen, {}, true) == "1,200 read, 0 stored, 812 a second, 3 dead letters");
}
