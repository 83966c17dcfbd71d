#include <tests/support/catch.hpp>
#include <weir/testkit/simulation.hpp>
#include <weir/weir.hpp>

#include <numeric>
#include <stdexcept>

using namespace weir;
using namespace std::chrono_literals;

namespace {

std::vector<int> count_to(int n) {
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// A source, a pool of two, a sink.
workflow pool_of_two(std::vector<int>& got, node_options options = {}) {
  workflow w{"pool"};
  options.workers = {2};
  options.batch_size = 4;
  w.from("numbers", from_range(count_to(50)))
      .map(
          "work", [](const int& x) { return x; }, options)
      .to("collect", [&got](const int& x) { got.push_back(x); });
  return w;
}

} // namespace

TEST_CASE("a seed gives the same run again, another seed another") {
  const auto run = [](std::uint64_t seed) {
    std::vector<int> got;
    simulation s{pool_of_two(got), {.seed = seed, .faults = {.slow = 0.5}}};
    REQUIRE(s.run());
    return got;
  };
  const auto first = run(7);
  CHECK(first.size() == 50);
  CHECK(run(7) == first);
  CHECK(run(8) != first);
}

TEST_CASE("each fault is answered as supervision says") {
  const node_options options{.isolation = isolation::thread,
                             .timeout = 100ms,
                             .grace = 10ms,
                             .retry = exponential_backoff{.first = 1ms, .max_attempts = 3}};
  struct row {
    fault what;
    std::uint64_t timeouts, restarts, retries;
  };
  for (const auto& [what, timeouts, restarts, retries] :
       {row{fault::throws, 0, 0, 1}, row{fault::hangs, 1, 0, 1}, row{fault::ignores_stop, 1, 1, 1},
        row{fault::late, 1, 1, 1}, row{fault::dies_before, 0, 1, 1}, row{fault::dies_after, 0, 1, 1},
        row{fault::slow, 0, 0, 0}}) {
    INFO(to_string(what));
    std::vector<int> got;
    simulation s{pool_of_two(got, options), {.seed = 3}};
    s.inject("work", what);
    REQUIRE(s.run());
    const auto r = s.result();
    CHECK(r.status == run_status::completed);
    std::ranges::sort(got);
    CHECK(got == count_to(50));
    CHECK(r.node("work").timeouts == timeouts);
    CHECK(r.node("work").restarts == restarts);
    CHECK(r.node("work").retries == retries);
    CHECK(s.broken_rule().empty());
  }
}

TEST_CASE("a hang without a timeout is stuck, and the simulation says so") {
  std::vector<int> got;
  simulation s{pool_of_two(got), {}};
  s.inject("work", fault::ignores_stop);
  CHECK_FALSE(s.run());
  CHECK_FALSE(s.ended());
}

TEST_CASE("a drain with a deadline ends a run that hangs, and lists what is left") {
  std::vector<int> got;
  simulation s{pool_of_two(got), {}};
  s.inject("work", fault::ignores_stop);
  s.settle();
  s.drain(5s);
  s.settle();
  CHECK_FALSE(s.ended());
  s.advance(5s);
  REQUIRE(s.ended());
  const auto r = s.result();
  CHECK(r.status == run_status::drained_uncleanly);
  std::uint64_t left = 0;
  for (const auto& u : r.undelivered)
    left += u.records;
  CHECK(left + got.size() == r.node("numbers").received);
}

TEST_CASE(
    "a sink that fails for 20 minutes, then works: not ready meanwhile, no dead letter, all delivered") {
  std::vector<int> got;
  const simulation* sim = nullptr;
  time_point back{};
  workflow w{"outage"};
  w.from("numbers", from_range(count_to(500))).to("store", [&](const int& x) -> result<> {
    if (sim->now() < back)
      return transient("connection refused", "db:5432");
    got.push_back(x);
    return {};
  });
  simulation s{w, {}};
  sim = &s;
  back = s.now() + 20min;
  s.advance(1min);
  CHECK_FALSE(s.ready());
  CHECK(s.health()[1].state == node_state::outage);
  CHECK(s.health()[1].cause == "connection refused (db:5432)");
  s.advance(18min);
  CHECK_FALSE(s.ready());
  CHECK(got.empty());
  REQUIRE(s.run());
  const auto r = s.result();
  CHECK(r.status == run_status::completed);
  CHECK(r.dead_letters == 0);
  CHECK(r.node("store").outages == 1);
  std::ranges::sort(got);
  CHECK(got == count_to(500));
}

TEST_CASE("shares of time add up to one") {
  std::vector<int> got;
  simulation s{pool_of_two(got), {.faults = {.slow = 0.5}}};
  REQUIRE(s.run());
  const auto work = s.health()[1];
  CHECK(work.busy + work.idle + work.backpressured == Approx(1));
  CHECK(work.busy > 0);
}

TEST_CASE("a workflow with mistakes cannot be simulated") {
  workflow w{"nothing"};
  CHECK_THROWS_AS(simulation(w, {}), error);
}
