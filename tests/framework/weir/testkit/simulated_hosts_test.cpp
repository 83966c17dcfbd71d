#include <tests/support/catch.hpp>
#include <weir/testkit/simulation.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <numeric>

using namespace weir;
using namespace std::chrono_literals;

namespace {

std::vector<int> count_to(int n) {
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// A source, a pool whose workers are on the hosts, a sink here.
workflow spread_pool(std::vector<int>& got, int records, node_options options = {}) {
  workflow w{"spread"};
  options.workers = {2};
  options.batch_size = 4;
  w.from("numbers", from_range(count_to(records)))
      .map(
          "work", [](const int& x) { return x; }, options)
      .to("collect", [&got](const int& x) { got.push_back(x); });
  return w;
}

void check_each_once(std::vector<int> got, int records) {
  std::ranges::sort(got);
  CHECK(got == count_to(records));
}

/// Goes on until so many records have arrived.
bool run_to(simulation& s, const std::vector<int>& got, std::size_t records) {
  while (got.size() < records && !s.ended())
    if (!s.step())
      return false;
  return got.size() >= records;
}

} // namespace

TEST_CASE("a pool works on the hosts alone, each record once") {
  std::vector<int> got;
  simulation s{spread_pool(got, 500), {.hosts = {.hosts = 3}}};
  REQUIRE(run_to(s, got, 100));
  CHECK(s.figures()[1].workers == 6);
  REQUIRE(s.run());
  CHECK(s.result().status == run_status::completed);
  check_each_once(got, 500);
}

TEST_CASE("a host that vanishes under load loses nothing, doubles nothing, and is no failed attempt") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::vector<int> got;
    simulation s{spread_pool(got, 500), {.seed = seed, .faults = {.slow = 0.5}, .hosts = {.hosts = 3}}};
    REQUIRE(run_to(s, got, 100 + seed));
    REQUIRE(s.host_vanishes(1 + seed % 3));
    const auto vanished = s.now();
    while (!s.ended() && s.figures()[1].workers > 4)
      REQUIRE(s.step());
    CHECK(s.now() - vanished < 3s);
    REQUIRE(s.run());
    const auto r = s.result();
    CHECK(r.status == run_status::completed);
    CHECK(r.node("work").dead_letters == 0);
    CHECK(r.node("work").retries == 0);
    check_each_once(got, 500);
  }
}

TEST_CASE("what a host still answers after it was given up is dropped") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::vector<int> got;
    simulation s{spread_pool(got, 500),
                 {.seed = seed, .faults = {.slow = 0.5}, .hosts = {.hosts = 2, .most_delay = 200ms}}};
    REQUIRE(run_to(s, got, 100 + seed));
    switch (seed % 3) {
    case 0:
      REQUIRE(s.host_pauses(1, 20s));
      break;
    case 1:
      REQUIRE(s.host_unheard(1, 20s));
      break;
    default:
      REQUIRE(s.host_deaf(1, 20s));
    }
    s.advance(6s);
    CHECK(s.hosts() == std::vector<std::uint64_t>{2});
    s.advance(30s); // it answers, and joins again
    CHECK((s.ended() || s.hosts() == std::vector<std::uint64_t>{1, 2}));
    REQUIRE(s.run());
    check_each_once(got, 500);
  }
}

TEST_CASE("a broken connection is made again, and nothing of what was under way is done twice") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::vector<int> got;
    int worked = 0;
    workflow w{"counted"};
    w.from("numbers", from_range(count_to(500)))
        .map("work",
             [&worked](const int& x) {
               ++worked;
               return x;
             },
             {.workers = {2}, .batch_size = 4})
        .to("collect", [&got](const int& x) { got.push_back(x); });
    simulation s{w, {.seed = seed, .faults = {.slow = 0.5}, .hosts = {.hosts = 2, .narrow = seed % 2 == 0}}};
    for (std::size_t n = 50; n < 500; n += 100) {
      REQUIRE(run_to(s, got, n));
      s.host_cut(1 + n / 100 % 2);
    }
    REQUIRE(s.run());
    check_each_once(got, 500);
    CHECK(worked == 500);
  }
}

TEST_CASE("lost packets and links that hold little cost time, and nothing else") {
  std::vector<int> got;
  simulation s{spread_pool(got, 500), {.hosts = {.hosts = 3, .loss = 0.2, .narrow = true}}};
  REQUIRE(s.run());
  CHECK(s.result().node("work").retries == 0);
  check_each_once(got, 500);
}

TEST_CASE("a pool without a host waits, and goes on as soon as one joins") {
  std::vector<int> got;
  simulation s{spread_pool(got, 500), {.hosts = {.hosts = 1}}};
  REQUIRE(run_to(s, got, 100));
  REQUIRE(s.host_vanishes(1));
  s.advance(1h);
  const auto before = got.size();
  CHECK(before < 500);
  CHECK_FALSE(s.ended());
  s.advance(1h);
  CHECK(got.size() == before);
  s.host_joins();
  REQUIRE(s.run());
  check_each_once(got, 500);
}

TEST_CASE("a host that joins a running workflow is used at once") {
  std::vector<int> got;
  simulation s{spread_pool(got, 2000), {.hosts = {.hosts = 1}}};
  REQUIRE(run_to(s, got, 100));
  s.host_joins();
  const auto joined = s.now();
  while (s.figures()[1].workers < 4)
    REQUIRE(s.step());
  CHECK(s.now() - joined < 1s);
  REQUIRE(s.run());
  check_each_once(got, 2000);
}

TEST_CASE("a host that is drained finishes what it has, and leaves") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::vector<int> got;
    simulation s{spread_pool(got, 500), {.seed = seed, .faults = {.slow = 0.5}, .hosts = {.hosts = 2}}};
    REQUIRE(run_to(s, got, 50));
    REQUIRE(s.host_drains(1, seed % 2 == 0));
    while (s.hosts_left() == 0)
      REQUIRE(s.step());
    CHECK_FALSE(s.ended());
    CHECK(s.hosts() == std::vector<std::uint64_t>{2});
    REQUIRE(s.run());
    CHECK(s.result().node("work").restarts == 0);
    check_each_once(got, 500);
  }
}

TEST_CASE("workers here and on hosts share the work of an ordered pool, whatever the hosts do") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::vector<int> got;
    simulation s{spread_pool(got, 1000, {.order = ordering::ordered}),
                 {.seed = seed,
                  .faults = {.slow = 0.2},
                  .hosts = {.hosts = 3, .workers_here = true, .trouble_every = 20ms}}};
    REQUIRE(s.run());
    CHECK(got == count_to(1000));
  }
}

TEST_CASE("a worker that hangs on its host is replaced there, and its record blamed") {
  std::vector<int> got;
  simulation s{spread_pool(got, 100,
                           {.isolation = isolation::thread,
                            .timeout = 100ms,
                            .grace = 10ms,
                            .retry = exponential_backoff{.first = 1ms, .max_attempts = 3}}),
               {.hosts = {.hosts = 1}}};
  s.inject("work", fault::ignores_stop);
  REQUIRE(s.run());
  CHECK(s.result().node("work").timeouts >= 1);
  CHECK(s.result().node("work").restarts == 1);
  check_each_once(got, 100);
}

TEST_CASE("a worker on a host that is lost does not keep the turn of its node from those behind it") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    std::vector<int> got;
    workflow w = spread_pool(got, 300,
                             {.order = ordering::ordered,
                              .retry = exponential_backoff{.first = 1ms, .max = 100ms, .max_attempts = 0}});
    w.settings().max_concurrent_nodes = 1;
    w.settings().limits.max_records = 4;
    simulation s{w,
                 {.seed = seed,
                  .faults = {.throws = 0.05},
                  .hosts = {.hosts = 2, .per_host = 1, .trouble_every = 50ms, .most_troubles = 20}}};
    REQUIRE(s.run());
    CHECK(got == count_to(300));
  }
}
