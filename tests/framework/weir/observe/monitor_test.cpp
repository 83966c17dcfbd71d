#include <tests/framework/weir/observe/observations.hpp>
#include <tests/support/catch.hpp>

#include <atomic>
#include <thread>

using namespace weir;
using namespace weir_tests;

TEST_CASE("before the first observation a monitor shows nothing and does not fail") {
  const monitor m;
  REQUIRE(m.view() != nullptr);
  CHECK(m.view()->now.nodes.empty());
  CHECK(m.view()->limits.empty());
  CHECK(m.history().empty());
}

TEST_CASE("rates of a young run are means since its start") {
  monitor m;
  m.take(after(2, 100), at(2s));
  const auto seen = m.view();
  CHECK(seen->rates.window == 2s);
  CHECK(seen->rates.records_per_s == Approx(100));
  CHECK(seen->rates.nodes[2].delivered_per_s == Approx(100));
  CHECK(seen->rates.edges[0] == Approx(100));
}

TEST_CASE("rates, shares and quantiles look back five seconds and no further") {
  monitor m;
  for (std::uint64_t s = 1; s <= 20; ++s)
    m.take(after(s, 100), at(std::chrono::seconds{s}));
  // From here on three times as fast, slower to deliver, and busier.
  for (std::uint64_t s = 1; s <= 5; ++s) {
    observation o = after(20, 100);
    o.up = std::chrono::seconds{20 + s};
    o.nodes[0].figures.received += 300 * s;
    o.edges[0].records += 300 * s;
    o.nodes[2].record_latency.buckets.push_back({80ms, 300 * s});
    o.nodes[1].busy_time += s * second_ns;
    m.take(std::move(o), at(std::chrono::seconds{20 + s}));
  }
  const auto seen = m.view();
  CHECK(seen->rates.window == 5s);
  CHECK(seen->rates.records_per_s == Approx(300));
  CHECK(seen->rates.edges[0] == Approx(300));
  CHECK(seen->rates.latency.p50 == 80ms);
  CHECK(seen->rates.nodes[1].busy == Approx(1));
  CHECK(seen->rates.nodes[1].idle == Approx(0));
}

TEST_CASE("quantiles are of all time where nothing happened in the window") {
  monitor m;
  m.take(after(10), at(10s));
  observation still = after(10);
  still.up = 20s;
  m.take(std::move(still), at(20s));
  CHECK(m.view()->rates.records_per_s == Approx(0));
  CHECK(m.view()->rates.latency.p99 == 5ms);
}

TEST_CASE("the share of failed attempts counts steps and sinks, retries too") {
  monitor m;
  observation o = after(1, 100);
  o.nodes[1].figures.errors = 40;
  o.nodes[1].figures.retries = 20;
  m.take(std::move(o), at(1s));
  // 100 + 20 attempts of analyze, 100 of store.
  CHECK(m.view()->rates.error_ratio == Approx(40.0 / 220));
  CHECK(m.view()->rates.nodes[1].error_ratio == Approx(40.0 / 120));
}

TEST_CASE("history holds the last 15 minutes, a point a second, oldest first") {
  monitor m;
  for (std::uint64_t s = 1; s <= 1'000; ++s)
    m.take(after(s), at(std::chrono::seconds{s}));
  observation again = after(1'000);
  again.up += 300ms;
  m.take(std::move(again), at(1'000s + 300ms));
  const auto history = m.history();
  REQUIRE(history.size() == monitor::history_points);
  CHECK(history.back().time == run_start() + 1'000s + 300ms);
  CHECK(history.front().time == run_start() + 101s);
  CHECK(history.front().records_per_s == Approx(100));
}

TEST_CASE("a run that starts anew begins its figures anew") {
  monitor m;
  m.take(after(100), at(100s));
  observation next = after(1, 10);
  next.started += 1h;
  m.take(std::move(next), at(101s));
  CHECK(m.view()->rates.records_per_s == Approx(10));
  CHECK(m.history().size() == 1);
}

TEST_CASE("progress of sources adds up, and the slowest says how long it takes") {
  monitor m;
  const auto read = [](std::uint64_t s) {
    observation o = after(s);
    o.nodes[0].figures.progress_done = 10 * s;
    o.nodes[0].figures.progress_total = 1'000;
    auto other = node("files");
    other.figures.is_source = true;
    other.figures.progress_done = s;
    other.figures.progress_total = 50;
    o.nodes.push_back(other);
    return o;
  };
  m.take(read(10), at(10s));
  const auto p = m.view()->rates.reading;
  REQUIRE(p);
  CHECK(p->done == 110);
  CHECK(p->total == 1'050);
  REQUIRE(p->eta_s);
  CHECK(*p->eta_s == Approx(90));
}

TEST_CASE("readers and the one who takes do not disturb each other") {
  monitor m;
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> wrong{0};
  std::thread reader{[&] {
    while (!done.load()) {
      const auto seen = m.view();
      wrong += seen->now.nodes.size() == seen->rates.nodes.size() ? 0U : 1U;
      wrong += m.history().size() <= monitor::history_points ? 0U : 1U;
    }
  }};
  for (std::uint64_t s = 1; s <= 300; ++s)
    m.take(after(s), at(std::chrono::seconds{s}));
  done = true;
  reader.join();
  CHECK(wrong.load() == 0);
}
