#include <tests/framework/weir/runtime/dispatcher_pool.hpp>
#include <tests/support/catch.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

using namespace weir;
using namespace weir::detail;
using namespace weir_tests;
using namespace std::chrono_literals;

namespace {

dispatcher_options dealing(dispatch how, std::uint32_t workers, std::uint32_t batch_size = 1) {
  return {.node = {.workers = {workers}, .dispatch = how, .batch_size = batch_size}};
}

/// The first record of the task that worker w is at, which was handed to it just now; -1: it gets none.
int handed(pool& p, std::uint32_t w) {
  const task* t = p.hand(w);
  return t == nullptr ? -1 : t->input->as<int>()[t->begin];
}

} // namespace

TEST_CASE("round robin deals tasks in turn, and a worker that is done waits for its own") {
  pool p{dealing(dispatch::round_robin, 3), 3, same};
  p.offer(numbers(6));
  std::set<int> first;
  for (std::uint32_t w = 0; w < 3; ++w)
    first.insert(handed(p, w));
  CHECK(first == std::set<int>{0, 1, 2});
  p.commit(p.run(0));
  const int second = handed(p, 0);
  CHECK(second >= 3);
  p.commit(p.run(0));
  CHECK(handed(p, 0) == -1); // two records wait for the others, which are busy
  CHECK(p.work().queued() == 2);
  p.work_off();
  CHECK(p.got.size() == 6);
  p.check_settled();
}

TEST_CASE("a worker that pulls takes what is next, whoever is slow") {
  pool p{dealing(dispatch::pull, 3), 3, same};
  p.offer(numbers(6));
  handed(p, 1); // and never answers
  for (const int expected : {1, 2, 3, 4, 5}) {
    CHECK(handed(p, 0) == expected);
    p.commit(p.run(0));
  }
}

TEST_CASE("least loaded deals to the worker with the fewest records queued and in hand") {
  pool p{dealing(dispatch::least_loaded, 2, 4), 2, same};
  p.offer(numbers(4));
  const std::uint32_t busy = p.hand(0) != nullptr ? 0 : 1;
  if (busy == 1)
    REQUIRE(p.hand(1));
  p.offer(numbers(4, 0, 4));
  CHECK(handed(p, 1 - busy) == 4); // none against four
  p.commit(p.run(1 - busy));
  p.work_off();
  p.check_settled();
}

TEST_CASE("least loaded passes by the worker that has much to do") {
  pool p{dealing(dispatch::least_loaded, 2, 10), 2, same};
  p.offer(numbers(10));
  const std::uint32_t busy = p.hand(0) != nullptr ? 0 : 1;
  if (busy == 1)
    REQUIRE(p.hand(1));
  for (std::uint64_t i = 10; i < 19; ++i) // one each, while the other still has its ten
    p.offer(numbers(1, 0, i));
  int got = 0;
  while (p.hand(1 - busy) != nullptr) {
    p.commit(p.run(1 - busy));
    ++got;
  }
  CHECK(got == 9);
  p.work_off();
  p.check_settled();
}

TEST_CASE("while nobody knows what a record costs, each worker is dealt one") {
  for (const auto how : {dispatch::round_robin, dispatch::least_loaded}) {
    pool p{dealing(how, 4, 0), 4, same};
    p.offer(numbers(1000));
    for (std::uint32_t w = 0; w < 4; ++w) {
      REQUIRE(p.hand(w));
      CHECK(p.front(w).end - p.front(w).begin == 1);
    }
    CHECK(p.hand(0) == nullptr);
    p.commit(p.run(0, 1us));
    REQUIRE(p.hand(0)); // now it is known, and every worker has a share of the rest
    CHECK(p.front(0).end - p.front(0).begin > 240);
    p.work_off(1us);
    CHECK(p.got.size() == 1000);
    p.check_settled();
  }
}

TEST_CASE("records of equal key prefer their worker, and an idle one takes from one that is busy") {
  pool p{dealing(dispatch::key_affinity, 2), 2, same};
  p.offer(numbers(4), 0, 0);
  p.offer(numbers(1, 0, 10), 0, 1);
  CHECK(handed(p, 1) == 10); // its own, though older records wait for the other
  p.commit(p.run(1));
  CHECK(handed(p, 1) == -1); // the other is free to take what is its
  CHECK(handed(p, 0) == 0);
  while (p.hand(0) != nullptr) { // what it gets ahead
  }
  REQUIRE(handed(p, 1) >= 2); // from behind, of what waits for the busy one
  p.commit(p.run(1));
  REQUIRE(handed(p, 1) >= 2);
  p.work_off();
  CHECK(p.got.size() == 5);
  p.check_settled();
}

TEST_CASE("affine records go back to their worker when it has been busy") {
  pool p{dealing(dispatch::key_affinity, 2, 10), 2, same};
  for (std::uint64_t round = 0; round < 10; ++round) {
    p.offer(numbers(1, 0, 2 * round), 0, 0);
    p.offer(numbers(1, 0, 2 * round + 1), 0, 1);
    for (std::uint32_t w = 0; w < 2; ++w) {
      CHECK(handed(p, w) % 2 == static_cast<int>(w));
      p.commit(p.run(w));
    }
  }
  p.check_settled();
}

TEST_CASE("what waited for a worker that hangs goes to the others") {
  for (const auto how : {dispatch::round_robin, dispatch::least_loaded, dispatch::key_affinity}) {
    pool p{dealing(how, 2), 2, same};
    p.offer(numbers(10), 0, 1);
    REQUIRE(p.hand(1));
    REQUIRE(p.hand(0));
    p.replace(1); // it gets nothing until it has started again
    for (int left = 9; left > 0; --left) {
      if (p.tasks(0) == 0)
        REQUIRE(p.hand(0));
      p.commit(p.run(0));
    }
    CHECK(p.work().queued() == 0);
    CHECK(p.dead.size() == 1); // what it was at
    CHECK(p.got.size() == 9);
    p.check_settled();
  }
}

TEST_CASE("records offered while their worker is gone do not wait for it") {
  pool p{dealing(dispatch::key_affinity, 3), 3, same};
  p.replace(2);
  p.offer(numbers(6), 0, 2);
  std::set<int> got{handed(p, 0), handed(p, 1)};
  CHECK_FALSE(got.contains(-1));
}

TEST_CASE("a worker that is added gets a share of what waits") {
  for (const auto how : {dispatch::round_robin, dispatch::least_loaded}) {
    auto o = dealing(how, 1);
    o.node.workers.max = 2;
    pool p{o, 1, same};
    p.offer(numbers(10));
    REQUIRE(p.hand(0));
    REQUIRE(p.work().wants_worker(p.now()));
    p.add_worker();
    REQUIRE(p.hand(1)); // its start
    p.commit(p.run(1));
    int shared = 0;
    for (; p.hand(1) != nullptr; ++shared)
      p.commit(p.run(1));
    CHECK(shared >= 4);
    CHECK(shared < 9);
    p.work_off();
    p.check_settled();
  }
}

TEST_CASE("in an outage any worker probes, whoever the records were dealt to") {
  for (const auto how : {dispatch::round_robin, dispatch::least_loaded, dispatch::key_affinity}) {
    auto o = dealing(how, 3, 0);
    o.retry = exponential_backoff{.first = 10ms, .max = 10s, .max_attempts = 0};
    o.is_sink = true;
    bool away = false;
    pool p{o, 3, [&away](const int& x, worker_context&) -> result<int> {
             if (away)
               return transient("away");
             return x;
           }};
    p.offer(numbers(3)); // what a record costs is known from here on
    p.work_off(10us);
    away = true;
    p.offer(numbers(90, 0, 3), 0, 0);
    REQUIRE(p.hand(0));
    p.commit(p.run(0, 10us));
    REQUIRE(p.work().in_outage());
    for (int ask = 0; ask < 40; ++ask) {
      p.advance(10s);
      const auto w = static_cast<std::uint32_t>(1 + ask % 2); // never the one that it was dealt to
      REQUIRE(p.hand(w));
      CHECK(p.hand(0) == nullptr); // one at a time
      p.commit(p.run(w, 10us));
    }
    away = false;
    for (int i = 0; i < 20; ++i) {
      p.advance(10s);
      p.work_off(10us);
    }
    CHECK(p.dead.empty());
    CHECK(p.got.size() == 93);
    p.check_settled();
  }
}

TEST_CASE("whatever the policy, what fails, hangs, grows and interleaves, each record ends once") {
  constexpr std::array policies{dispatch::round_robin, dispatch::least_loaded, dispatch::key_affinity};
  for (unsigned seed = 1; seed <= 900; ++seed) {
    std::mt19937 random{seed};
    const auto chance = [&random](unsigned percent) { return random() % 100 < percent; };
    const auto how = policies[seed % 3];
    const bool ordered = how != dispatch::key_affinity && chance(40);
    const bool whole = chance(20);
    const auto begun = static_cast<std::uint32_t>(1 + random() % 4);
    const auto most = begun + static_cast<std::uint32_t>(random() % 3);
    dispatcher_options o = dealing(how, begun, chance(50) ? 0 : static_cast<std::uint32_t>(1 + random() % 9));
    o.node.workers.max = most;
    o.node.timeout = 1s;
    o.retry = exponential_backoff{
        .first = 10ms, .max = 1s, .max_attempts = static_cast<std::uint32_t>(1 + random() % 3)};
    o.ordered = ordered;
    o.whole_tasks = whole;
    o.is_sink = chance(20);
    o.node.restart.on_throw = chance(20) ? after_throw::rebuild : after_throw::keep;
    o.seed = seed;
    bool away = false;
    const auto work = [&](const int& x) -> result<int> {
      if (away)
        return transient("away");
      if (x % 17 == 3)
        return permanent("never");
      if (chance(5))
        throw std::runtime_error("now and then");
      return x;
    };
    const auto of_batch = [&](std::span<const int> in, worker_context&) -> result<std::vector<int>> {
      for (const int x : in)
        if (auto y = work(x); !y)
          return std::move(y).error();
      return std::vector<int>(in.begin(), in.end());
    };
    const auto p =
        whole ? std::make_unique<pool>(o, begun, pool::batch_code{of_batch})
              : std::make_unique<pool>(
                    o, begun, pool::function{[&](const int& x, worker_context&) { return work(x); }});
    std::uint32_t workers = begun;
    int next = 0;
    for (int round = 0; round < 100'000 && !p->work().finished(); ++round) {
      if (next < 300 && chance(20)) {
        const int n = static_cast<int>(1 + random() % 40);
        p->offer(numbers(n, 0, static_cast<std::uint64_t>(next)), static_cast<std::uint32_t>(random() % 2),
                 how == dispatch::key_affinity ? static_cast<std::uint32_t>(random() % most) : 0);
        next += n;
      } else if (next >= 300) {
        p->work().end_input();
      }
      if (chance(2))
        away = !away && next < 300;
      if (p->work().wants_worker(p->now())) {
        p->add_worker();
        ++workers;
      }
      const auto w = static_cast<std::uint32_t>(random() % workers);
      if (chance(60))
        p->hand(w);
      if (p->tasks(w) > 0 && chance(50)) {
        const task t = p->front(w);
        if (t.kind == task_kind::run && chance(3)) {
          p->stand_at(w, t.begin + static_cast<std::uint32_t>(random() % (t.end - t.begin)));
          p->replace(w);
        } else {
          p->commit(p->run(w, 1us * (1 + random() % 2000)));
        }
      }
      if (chance(10))
        p->advance(1ms * (random() % 100));
    }
    INFO("seed " << seed);
    REQUIRE(p->work().finished());
    REQUIRE(workers <= most);
    auto all = p->got;
    if (ordered)
      REQUIRE(std::ranges::is_sorted(all));
    const auto dead = p->dead_numbers();
    all.insert(all.end(), dead.begin(), dead.end());
    std::ranges::sort(all);
    REQUIRE(all == up_to(next));
    p->check_settled();
  }
}
