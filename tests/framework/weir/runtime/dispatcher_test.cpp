#include <tests/framework/weir/runtime/dispatcher_pool.hpp>
#include <tests/support/catch.hpp>

#include <weir/supervision/health.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

using namespace weir;
using namespace weir::detail;
using namespace weir_tests;
using namespace std::chrono_literals;

// ---- task sizes
// --------------------------------------------------------------------------------------------------------

TEST_CASE("the first task is one record, later ones last about ten milliseconds") {
  pool p{{}, 1, same};
  p.offer(numbers(1000));
  REQUIRE(p.hand(0));
  CHECK(p.front(0).end - p.front(0).begin == 1);
  p.commit(p.run(0, 100us));
  REQUIRE(p.hand(0));
  CHECK(p.front(0).end - p.front(0).begin == 100);
  p.commit(p.run(0, 1ms));
  REQUIRE(p.hand(0)); // slower than thought: 0.7 * 0.1 ms + 0.3 * 1 ms
  CHECK(p.front(0).end - p.front(0).begin == 27);
}

TEST_CASE("batch_size fixes the size of a task, and a task never spans two batches") {
  pool p{{.node = {.batch_size = 30}}, 1, same};
  p.offer(numbers(70));
  p.offer(numbers(10, 0, 70));
  std::vector<std::uint32_t> sizes;
  while (p.hand(0)) {
    sizes.push_back(p.front(0).end - p.front(0).begin);
    p.commit(p.run(0));
  }
  CHECK(sizes == std::vector<std::uint32_t>{30, 30, 10, 10});
  p.check_settled();
}

TEST_CASE("a batch is shared out fairly between idle workers") {
  pool p{{.node = {.workers = {4}}}, 4, same};
  p.offer(numbers(1));
  p.hand(0);
  p.commit(p.run(0, 1us)); // so fast that one task could take all
  p.offer(numbers(400, 0, 1));
  for (std::uint32_t w = 0; w < 4; ++w) {
    REQUIRE(p.hand(w));
    CHECK(p.front(w).end - p.front(w).begin <= 101);
  }
}

TEST_CASE("a node of whole tasks gets whole batches") {
  pool p{{.whole_tasks = true}, 1, same};
  p.offer(numbers(500));
  REQUIRE(p.hand(0));
  CHECK(p.front(0).end == 500);
}

TEST_CASE("a pool wants another worker when work waits and all are busy, up to its most") {
  pool p{{.node = {.workers = {1, 3}}}, 1, same};
  CHECK_FALSE(p.work().wants_worker(p.now()));
  p.offer(numbers(100));
  CHECK_FALSE(p.work().wants_worker(p.now())); // worker 0 is free
  p.hand(0);
  CHECK(p.work().wants_worker(p.now()));
  p.add_worker();
  p.hand(1);
  CHECK_FALSE(p.work().wants_worker(p.now())); // worker 1 is starting
  p.commit(p.run(1));
  CHECK_FALSE(p.work().wants_worker(p.now())); // and is free now
  p.hand(1);
  CHECK(p.work().wants_worker(p.now()));
  p.add_worker();
  p.hand(2);
  p.commit(p.run(2));
  p.hand(2);
  CHECK_FALSE(p.work().wants_worker(p.now())); // three are the most
}

TEST_CASE("a pool follows a load that doubles and halves, and does not swing under one that is steady") {
  pool p{{.node = {.workers = {1, 8}, .batch_size = 1}}, 1, same};
  std::uint64_t position = 0;
  std::uint32_t most = 0;
  std::uint32_t least = 8;
  // Every tenth of a second so many records come that take a tenth of a second each.
  const auto under_load = [&](std::uint32_t records, int seconds) {
    for (int tick = 0; tick < seconds * 10; ++tick) {
      if (records > 0)
        p.offer(numbers(records, position, 1));
      position += records;
      std::vector<std::uint32_t> busy;
      for (std::uint32_t w = 0; w < p.workers(); ++w)
        if (p.hand(w) != nullptr)
          busy.push_back(w);
      while (p.work().wants_worker(p.now())) {
        p.add_worker();
        const auto w = p.workers() - 1;
        p.hand(w);
        p.commit(p.run(w)); // it starts
        if (p.hand(w) != nullptr)
          busy.push_back(w);
      }
      p.advance(100ms);
      for (const auto w : busy)
        p.commit(p.run(w, 100ms));
      p.resize();
      most = std::max(most, p.workers());
      least = std::min(least, p.workers());
    }
  };
  under_load(2, 60);
  CHECK(p.workers() == 2);
  under_load(4, 60);
  CHECK(p.workers() == 4);
  most = 0;
  least = 8;
  under_load(4, 300);
  CHECK(most == 4);
  CHECK(least == 4);
  under_load(2, 60);
  CHECK(p.workers() <= 3); // one to spare, for a load that comes back
  CHECK(p.workers() >= 2);
  under_load(0, 60);
  CHECK(p.workers() == 1);
  under_load(8, 30);
  CHECK(p.workers() == 8);
  under_load(0, 1);
  CHECK(p.got.size() == position);
  p.check_settled();
}

TEST_CASE("a pool says in an event why it lets a worker go, and never has fewer than its least") {
  pool p{{.node = {.workers = {2, 4}}}, 3, same};
  p.offer(numbers(10));
  p.work_off();
  for (int i = 0; i < 10; ++i) {
    p.advance(5s);
    p.resize();
  }
  CHECK(p.workers() == 2);
  REQUIRE(p.work().news().size() == 1);
  CHECK(p.work().news()[0].kind == event_kind::scale_down);
  CHECK(p.work().news()[0].worker == 2);
  CHECK(p.work().news()[0].cause == "of 3 workers 0.0 were busy on average");
  CHECK_FALSE(p.work().due(p.now()).has_value());
}

// ---- commit, retry, dead letters
// ---------------------------------------------------------------------------------------

TEST_CASE("outputs, settlement and the grant come with the commit, once") {
  pool p{{.node = {.batch_size = 2}}, 1, same};
  p.offer(numbers(4), 7);
  p.hand(0);
  auto a = p.run(0);
  CHECK(p.got.empty());
  CHECK(p.work().in_hand() == 4);
  CHECK(p.commit(a));
  CHECK(p.got == std::vector<int>{0, 1});
  CHECK(p.settled[7] == 2);
  CHECK(p.granted.count(7) == 0);
  CHECK_FALSE(p.commit(a)); // twice the same answer: dropped whole
  CHECK(p.got.size() == 2);
  p.work_off();
  CHECK(p.got == up_to(4));
  p.check_settled();
}

TEST_CASE("an answer of an old incarnation is dropped whole") {
  pool p{{.node = {.timeout = 1s, .batch_size = 4}}, 1, same};
  p.offer(numbers(4));
  p.hand(0);
  auto late = p.run(0);
  p.offer(numbers(1, 0, 100));
  p.stand_at(0, 2);
  p.replace(0);
  CHECK_FALSE(p.commit(late));
  CHECK(p.got.empty());
  p.work_off();
  CHECK(p.dead_numbers() == std::vector<int>{2});
  std::ranges::sort(p.got);
  CHECK(p.got == std::vector<int>{0, 1, 3, 100});
  p.check_settled();
}

TEST_CASE("a failed record is tried again after its backoff while the others go on") {
  int fails = 2;
  pool p{{.node = {.batch_size = 3}, .retry = fixed_backoff{100ms, 5}},
         1,
         [&fails](const int& x, worker_context& c) -> result<int> {
           if (x == 1 && fails-- > 0)
             throw std::runtime_error("not yet");
           return x * 10 + static_cast<int>(c.attempt());
         }};
  p.offer(numbers(3));
  p.work_off();
  CHECK(p.got == std::vector<int>{1, 21});
  CHECK(p.work().due(p.now()) == p.now() + 100ms);
  p.advance(99ms);
  CHECK(p.hand(0) == nullptr);
  p.advance(1ms);
  p.work_off();
  CHECK(p.got.size() == 2);
  p.advance(100ms);
  p.work_off();
  CHECK(p.got == std::vector<int>{1, 21, 13});
  CHECK(p.figures.retries == 2);
  CHECK(p.figures.errors == 2);
  p.check_settled();
}

TEST_CASE("a record that waits for its retry does not hold back the demand of its batch") {
  pool p{{.node = {.batch_size = 4}, .retry = fixed_backoff{1s, 0}},
         1,
         [](const int& x, worker_context& c) -> result<int> {
           if (x == 2 && c.attempt() == 1)
             throw std::runtime_error("once");
           return x;
         }};
  p.offer(numbers(4));
  p.work_off();
  CHECK(p.granted[0] == 1);
  CHECK(p.settled[0] == 3);
  p.advance(1s);
  p.work_off();
  p.check_settled();
}

TEST_CASE("the last attempt and a permanent error make a dead letter with the attempts that were made") {
  pool p{{.retry = fixed_backoff{0ns, 3}}, 1, [](const int& x, worker_context&) -> result<int> {
           if (x == 0)
             return permanent("never");
           if (x == 1)
             throw std::runtime_error("again and again");
           return x;
         }};
  p.offer(numbers(3));
  p.work_off();
  REQUIRE(p.dead.size() == 2);
  for (const auto& d : p.dead)
    CHECK(d.attempts == (d.index == 0 ? 1U : 3U));
  CHECK(p.got == std::vector<int>{2});
  CHECK(p.figures.dead_letters == 2);
  p.check_settled();
}

TEST_CASE("a policy without limit never gives up") {
  int left = 1000;
  pool p{{.retry = exponential_backoff{.first = 1ms, .max = 1s, .max_attempts = 0}},
         1,
         [&left](const int& x, worker_context&) -> result<int> {
           if (left-- > 0)
             throw std::runtime_error("away");
           return x;
         }};
  p.offer(numbers(1));
  for (int i = 0; i < 1001; ++i) {
    p.work_off();
    p.advance(1s);
  }
  CHECK(p.got == std::vector<int>{0});
  CHECK(p.dead.empty());
  p.check_settled();
}

TEST_CASE("an exhausted resource stops the work and keeps the record in hand") {
  pool p{{.node = {.batch_size = 4}}, 1, [](const int& x, worker_context&) -> result<int> {
           if (x == 1)
             return exhausted("disk is full");
           return x;
         }};
  p.offer(numbers(4));
  p.hand(0);
  p.commit(p.run(0));
  REQUIRE(p.work().fatal());
  CHECK(p.work().fatal()->what == "disk is full");
  CHECK(p.dead.empty());
  CHECK(p.work().in_hand() == 1);
  CHECK(p.settled[0] == 3);
  CHECK(p.hand(0) == nullptr);
}

// ---- whole tasks
// -------------------------------------------------------------------------------------------------------

TEST_CASE("a whole task that fails for good is halved until each record at fault stands alone") {
  for (const bool ordered : {false, true}) {
    int calls = 0;
    pool p{{.ordered = ordered, .whole_tasks = true},
           1,
           pool::batch_code{[&calls](std::span<const int> in, worker_context&) -> result<std::vector<int>> {
             ++calls;
             for (const int x : in)
               if (x == 13 || x == 50)
                 return permanent("unlucky");
             return std::vector<int>(in.begin(), in.end());
           }}};
    p.offer(numbers(64));
    p.work_off();
    CHECK(p.dead_numbers() == std::vector<int>{13, 50});
    auto expected = up_to(64);
    std::erase_if(expected, [](int x) { return x == 13 || x == 50; });
    CHECK(p.got == expected);
    CHECK(calls <= 2 * 13);
    p.check_settled();
  }
}

TEST_CASE("a whole task that fails for now is tried again whole, and halved when its attempts are used up") {
  std::vector<std::size_t> sizes;
  pool p{{.retry = fixed_backoff{1s, 2}, .whole_tasks = true},
         1,
         pool::batch_code{[&sizes](std::span<const int> in, worker_context&) -> result<std::vector<int>> {
           sizes.push_back(in.size());
           if (std::ranges::find(in, 3) != in.end())
             return transient("away");
           return std::vector<int>(in.begin(), in.end());
         }}};
  p.offer(numbers(4));
  for (int i = 0; i < 4; ++i) {
    p.work_off();
    p.advance(1s);
  }
  CHECK(sizes == std::vector<std::size_t>{4, 4, 2, 2, 1, 1});
  CHECK(p.dead_numbers() == std::vector<int>{3});
  CHECK(p.got == up_to(3));
  p.check_settled();
}

// ---- order
// -------------------------------------------------------------------------------------------------------------

TEST_CASE("ordered outputs wait for those before them") {
  pool p{{.node = {.workers = {2}, .batch_size = 2}, .ordered = true}, 2, same};
  p.offer(numbers(4));
  p.hand(0);
  p.hand(1);
  p.commit(p.run(1));
  CHECK(p.got.empty());
  CHECK(p.settled[0] == 0);
  p.commit(p.run(0));
  CHECK(p.got == up_to(4));
  p.check_settled();
}

TEST_CASE("a keyed lane is serial and a record that waits for its retry holds its lane and no other") {
  bool away = true;
  pool p{{.node = {.workers = {2}, .batch_size = 10}, .retry = fixed_backoff{1s, 0}, .keyed = true},
         2,
         [&away](const int& x, worker_context&) -> result<int> {
           if (x == 2 && away)
             throw std::runtime_error("away");
           return x;
         }};
  p.offer(numbers(5), 0, 0);
  p.offer(numbers(5, 0, 100), 0, 1);
  REQUIRE(p.hand(0));
  CHECK(p.hand(0) == nullptr); // one task at a time
  p.commit(p.run(0));
  CHECK(p.got == up_to(2));
  p.work_off();
  CHECK(p.got == std::vector<int>{0, 1, 100, 101, 102, 103, 104});
  p.offer(numbers(1, 0, 200), 0, 0);
  CHECK(p.hand(0) == nullptr);
  away = false;
  p.advance(1s);
  p.work_off();
  CHECK(p.got == std::vector<int>{0, 1, 100, 101, 102, 103, 104, 2, 3, 4, 200});
  p.check_settled();
}

// ---- timeouts
// ----------------------------------------------------------------------------------------------------------

TEST_CASE("the record that a worker hung in has failed, the rest of its task is run elsewhere") {
  pool p{{.node = {.timeout = 1s, .batch_size = 4}}, 1, same};
  p.offer(numbers(8));
  p.hand(0);
  p.stand_at(0, 2);
  p.replace(0);
  p.work_off();
  p.advance(1s); // the new worker starts after a backoff
  p.work_off();
  REQUIRE(p.dead.size() == 1);
  CHECK(p.dead[0].why.kind == failure_kind::timeout);
  CHECK(p.dead_numbers() == std::vector<int>{2});
  std::ranges::sort(p.got);
  CHECK(p.got == std::vector<int>{0, 1, 3, 4, 5, 6, 7});
  CHECK(p.figures.timeouts == 1);
  CHECK(p.figures.restarts == 1);
  p.check_settled();
}

TEST_CASE(
    "of a worker that is lost nobody knows where, the task is run again with care, and then one is blamed") {
  pool p{{.node = {.timeout = 1s, .batch_size = 4}}, 1, same};
  p.offer(numbers(4));
  REQUIRE(p.hand(0));
  CHECK_FALSE(p.front(0).careful);
  p.stand_at(0, no_index);
  p.replace(0);
  p.advance(1s);
  REQUIRE(p.hand(0));
  p.commit(p.run(0)); // it starts
  REQUIRE(p.hand(0));
  CHECK(p.dead.empty());
  CHECK(p.front(0).careful);
  CHECK(p.front(0).end - p.front(0).begin == 4);
  CHECK(p.front(0).attempt == 1); // nobody's fault so far
  p.stand_at(0, 2);
  p.replace(0);
  p.advance(1s);
  p.work_off();
  CHECK(p.dead_numbers() == std::vector<int>{2});
  std::ranges::sort(p.got);
  CHECK(p.got == std::vector<int>{0, 1, 3});
  p.check_settled();
}

TEST_CASE("a task that was run with care and does not say where it died is tried in halves") {
  pool p{{.node = {.timeout = 1s, .batch_size = 4}}, 1, same};
  p.offer(numbers(4));
  const auto dies_at = [&](int bad) {
    for (int tasks = 0; tasks < 100 && p.dead.empty(); ++tasks) {
      p.advance(1s);
      if (p.hand(0) == nullptr)
        break;
      const task& t = p.front(0);
      const bool in_it =
          t.kind == task_kind::run && static_cast<int>(t.begin) <= bad && bad < static_cast<int>(t.end);
      if (!in_it) {
        p.commit(p.run(0));
        continue;
      }
      p.stand_at(0, no_index);
      p.replace(0);
    }
  };
  dies_at(2);
  p.work_off();
  CHECK(p.dead_numbers() == std::vector<int>{2});
  std::ranges::sort(p.got);
  CHECK(p.got == std::vector<int>{0, 1, 3});
  p.check_settled();
}

TEST_CASE("an abandoned worker keeps order: ordered and keyed nodes release its records in place") {
  for (const bool keyed : {false, true}) {
    pool p{{.node = {.workers = {1}, .timeout = 1s, .batch_size = 6},
            .retry = fixed_backoff{1s, 2},
            .keyed = keyed,
            .ordered = !keyed},
           1,
           same};
    p.offer(numbers(6));
    p.offer(numbers(2, 0, 6));
    p.hand(0);
    p.stand_at(0, 3);
    p.replace(0);
    p.work_off();
    p.advance(1s);
    p.work_off();
    CHECK(p.got == up_to(8));
    p.check_settled();
  }
}

TEST_CASE("a whole task whose worker was abandoned is tried in halves") {
  pool p{{.node = {.timeout = 1s}, .whole_tasks = true},
         1,
         pool::batch_code{[](std::span<const int> in, worker_context&) -> result<std::vector<int>> {
           return std::vector<int>(in.begin(), in.end());
         }}};
  p.offer(numbers(4));
  p.hand(0);
  p.replace(0);
  p.hand(0);
  p.commit(p.run(0)); // starts
  REQUIRE(p.hand(0));
  CHECK(p.front(0).end - p.front(0).begin == 2);
  p.commit(p.run(0));
  p.work_off();
  CHECK(p.got == up_to(4));
  p.check_settled();
}

// ---- outages
// ----------------------------------------------------------------------------------------------------------

TEST_CASE("a sink that fails for 20 minutes, then works: nothing is a dead letter, and everything arrives") {
  const time_point back{20min};
  pool* self = nullptr;
  int calls = 0;
  pool p{{.retry = exponential_backoff{.first = 100ms, .max = 10s, .max_attempts = 0}, .is_sink = true},
         1,
         [&](const int& x, worker_context&) -> result<int> {
           ++calls;
           if (self->now() < back)
             throw std::runtime_error("connection refused");
           return x;
         }};
  self = &p;
  p.offer(numbers(50));
  for (p.work_off(); p.now() < back; p.work_off()) {
    REQUIRE(p.work().in_outage());
    CHECK(p.work().outage_cause()->what == "connection refused");
    CHECK(p.figures.outage == 1);
    const auto due = p.work().due(p.now());
    REQUIRE(due);
    p.advance(*due - p.now());
  }
  CHECK(calls < 400); // it asked now and then, not all the time
  CHECK_FALSE(p.work().in_outage());
  CHECK(p.figures.outage == 0);
  CHECK(p.figures.outages == 1);
  CHECK(p.dead.empty());
  auto got = p.got;
  std::ranges::sort(got);
  CHECK(got == up_to(50));
  p.check_settled();
}

TEST_CASE(
    "when everything fails alike a node holds its records back; when some go well the others are at fault") {
  bool down = true;
  pool* self = nullptr;
  pool p{{.node = {.workers = {2}, .batch_size = 1},
          .retry = exponential_backoff{.first = 10ms, .max_attempts = 3}},
         2,
         [&](const int& x, worker_context&) -> result<int> {
           if (down || x == 7)
             throw std::runtime_error("connection refused");
           return x;
         }};
  self = &p;
  p.offer(numbers(20));
  const auto pass = [&](duration time) {
    for (const auto until = self->now() + time; p.now() < until;) {
      p.work_off();
      const auto due = p.work().due(p.now());
      p.advance(due ? std::min<duration>(*due - p.now(), until - p.now()) : until - p.now());
    }
  };
  pass(20min);
  CHECK(p.work().in_outage());
  CHECK(p.dead.empty());
  CHECK(p.got.empty());
  down = false;
  pass(1min);
  CHECK_FALSE(p.work().in_outage());
  CHECK(p.dead_numbers() == std::vector<int>{7});
  CHECK(p.got.size() == 19);
  p.check_settled();
}

TEST_CASE("patience with what looks like an outage ends") {
  pool p{{.node = {.outage_patience = 5min}, .retry = exponential_backoff{.first = 10ms, .max_attempts = 3}},
         1,
         [](const int&, worker_context&) -> result<int> { throw std::runtime_error("bug"); }};
  p.offer(numbers(5));
  for (p.work_off(); p.now() < time_point{6min}; p.work_off())
    p.advance(1s);
  CHECK(p.dead.size() == 5);
  CHECK(p.figures.outages >= 1);
  p.check_settled();
}

TEST_CASE("a single record that fails while nothing else is left is no outage") {
  pool p{{.retry = fixed_backoff{10ms, 3}}, 1, [](const int&, worker_context&) -> result<int> {
           throw std::runtime_error("bug");
         }};
  p.offer(numbers(1));
  p.work().end_input();
  for (int i = 0; i < 5; ++i) {
    p.work_off();
    p.advance(10ms);
  }
  CHECK(p.dead.size() == 1);
  CHECK(p.dead[0].attempts == 3);
}

TEST_CASE("a batch function's records alone decide: two of the same cause are an outage, not dead letters") {
  bool down = true;
  pool p{{.retry = fixed_backoff{10ms, 2}, .whole_tasks = true},
         1,
         pool::batch_code{[&](std::span<const int> in, worker_context&) -> result<std::vector<int>> {
           if (down || std::ranges::find(in, 3) != in.end())
             return transient("503");
           return std::vector<int>(in.begin(), in.end());
         }}};
  p.offer(numbers(8));
  for (int i = 0; i < 1000; ++i) {
    p.work_off();
    p.advance(1s);
  }
  CHECK(p.work().in_outage());
  CHECK(p.dead.empty());
  down = false;
  for (int i = 0; i < 60; ++i) {
    p.work_off();
    p.advance(1s);
  }
  CHECK(p.dead_numbers() == std::vector<int>{3});
  CHECK(p.got.size() == 7);
  p.check_settled();
}

TEST_CASE("retries beyond their budget wait for it") {
  pool p{{.node = {.retries = {.share = 0, .per_second = 10, .reserve = 5}}, .retry = fixed_backoff{1ms, 2}},
         1,
         [](const int& x, worker_context& c) -> result<int> {
           if (c.attempt() == 1 && x < 25)
             throw std::runtime_error("once");
           return x;
         }};
  p.offer(numbers(30));
  p.work_off();
  p.advance(1ms);
  p.work_off();
  CHECK(p.figures.retries == 5);
  p.advance(1s);
  p.work_off();
  CHECK(p.figures.retries == 15);
  p.advance(1s);
  p.work_off();
  CHECK(p.figures.retries == 25);
  CHECK(p.got.size() == 30);
  p.check_settled();
}

TEST_CASE("a record that failed before an outage began is not lost to it") {
  bool down = false;
  bool first = true;
  const retry_policy policy = custom_retry{[](const failed_attempt& f) -> std::optional<duration> {
    if (f.attempts >= 3)
      return std::nullopt;
    return f.why.what == "early" ? 1min : 10ms;
  }};
  pool p{{.node = {.batch_size = 2}, .retry = policy}, 1, [&](const int& x, worker_context&) -> result<int> {
           if (x == 0 && std::exchange(first, false))
             throw std::runtime_error("early");
           if (down)
             throw std::runtime_error("refused");
           return x;
         }};
  p.offer(numbers(4));
  p.hand(0);
  p.commit(p.run(0)); // record 0 fails while 1 goes well
  down = true;
  for (int i = 0; i < 100; ++i) {
    p.work_off();
    p.advance(1s);
  }
  CHECK(p.work().in_outage());
  down = false;
  for (int i = 0; i < 60; ++i) {
    p.work_off();
    p.advance(1s);
  }
  CHECK(p.dead.empty());
  auto got = p.got;
  std::ranges::sort(got);
  CHECK(got == up_to(4));
  p.check_settled();
}

// ---- restarts
// ---------------------------------------------------------------------------------------------------------

TEST_CASE("a node that cannot go on starts nothing more") {
  node_figures figures;
  dispatcher d{{}, figures};
  d.add_worker(0, std::make_shared<watched_call>());
  const auto t = d.assign(0, {});
  REQUIRE(t);
  answer a;
  a.task = t->id;
  a.kind = task_kind::start;
  a.whole = permanent("no such file");
  const bool taken = d.commit(std::move(a), {});
  CHECK(taken);
  CHECK(d.fatal());
  CHECK_FALSE(d.assign(0, time_point{1h}));
}

TEST_CASE("restarts in a row wait longer and longer, until something goes well") {
  node_figures figures;
  dispatcher_options options;
  options.node.restart = {.max = 1'000'000, .backoff = {.first = 100ms, .max = 1h}};
  dispatcher d{options, figures};
  d.add_worker(0, std::make_shared<watched_call>());
  time_point now{};
  d.offer(numbers(1000), UINT32_MAX, 0, now);
  std::vector<duration> waits;
  for (int i = 0; i < 12; ++i) {
    const auto from = now;
    while (!d.assign(0, now)) // its start, after a backoff
      now += 1ms;
    waits.push_back(now - from);
    answer started;
    started.task = 2 * static_cast<std::uint64_t>(i) + 1;
    started.incarnation = d.incarnation(0);
    started.kind = task_kind::start;
    const bool taken = d.commit(std::move(started), now);
    REQUIRE(taken);
    REQUIRE(d.assign(0, now));
    d.replace_worker(0, std::make_shared<watched_call>(), failure_kind::crash, transient("died"), now);
  }
  // Full jitter: any one wait may be short, but the longest grow with the bound.
  CHECK(*std::max_element(waits.begin(), waits.begin() + 4) < 500ms);
  CHECK(*std::max_element(waits.begin() + 8, waits.end()) > 5s);
}

// ---- the end
// -----------------------------------------------------------------------------------------------------------

TEST_CASE("workers drain when the input has ended and everything is decided, not before") {
  pool p{{.node = {.workers = {2}, .batch_size = 1}}, 2, same};
  p.offer(numbers(1));
  p.work().end_input();
  p.hand(0);
  CHECK(p.hand(1) == nullptr);
  CHECK_FALSE(p.work().finished());
  p.commit(p.run(0));
  for (std::uint32_t w = 0; w < 2; ++w) {
    REQUIRE(p.hand(w));
    CHECK(p.front(w).kind == task_kind::drain);
    CHECK_FALSE(p.work().finished());
    p.commit(p.run(w));
  }
  CHECK(p.work().finished());
  CHECK(p.hand(0) == nullptr);
  CHECK_FALSE(p.work().due(p.now()));
  CHECK_FALSE(p.work().has_work());
}

// ---- everything at once
// ------------------------------------------------------------------------------------------------

TEST_CASE(
    "whatever fails, hangs and interleaves, each record ends once, and order holds where it was promised") {
  for (unsigned seed = 1; seed <= 600; ++seed) {
    std::mt19937 random{seed};
    const auto chance = [&random](unsigned percent) { return random() % 100 < percent; };
    const bool keyed = seed % 3 == 0;
    const bool ordered = seed % 3 == 1;
    const bool whole = seed % 5 == 0 && !keyed;
    const auto workers = static_cast<std::uint32_t>(1 + random() % 4);
    dispatcher_options o;
    o.node.workers = {workers};
    o.node.timeout = 1s;
    o.node.grace = 100ms;
    o.node.batch_size = random() % 2 == 0 ? 0 : static_cast<std::uint32_t>(1 + random() % 9);
    o.retry = exponential_backoff{
        .first = 10ms, .max = 1s, .max_attempts = static_cast<std::uint32_t>(1 + random() % 3)};
    o.keyed = keyed;
    o.ordered = ordered;
    o.whole_tasks = whole;
    o.seed = seed;
    const auto work = [&](const int& x) -> result<int> {
      if (x % 17 == 3)
        return permanent("never");
      if (chance(5))
        throw std::runtime_error("now and then");
      return x;
    };
    std::unique_ptr<pool> made;
    if (whole)
      made = std::make_unique<pool>(
          o, workers,
          pool::batch_code{[&](std::span<const int> in, worker_context&) -> result<std::vector<int>> {
            std::vector<int> out;
            for (const int x : in) {
              auto y = work(x);
              if (!y)
                return std::move(y).error();
              out.push_back(*y);
            }
            return out;
          }});
    else
      made = std::make_unique<pool>(o, workers,
                                    pool::function{[&](const int& x, worker_context&) { return work(x); }});
    pool& p = *made;
    int next = 0;
    for (int round = 0; round < 100'000 && !p.work().finished(); ++round) {
      if (next < 300 && chance(20)) {
        const int n = static_cast<int>(1 + random() % 40);
        p.offer(numbers(n, 0, static_cast<std::uint64_t>(next)), static_cast<std::uint32_t>(random() % 2),
                keyed ? static_cast<std::uint32_t>(random() % workers) : 0);
        next += n;
      } else if (next >= 300) {
        p.work().end_input();
      }
      const auto w = static_cast<std::uint32_t>(random() % workers);
      if (chance(60))
        p.hand(w);
      if (p.tasks(w) > 0 && chance(50)) {
        const task t = p.front(w);
        if (t.kind == task_kind::run && chance(3)) { // hangs, and is given up
          auto late = p.run(w);
          p.stand_at(w, t.begin + random() % (t.end - t.begin));
          p.replace(w);
          if (p.commit(std::move(late)))
            FAIL("seed " << seed << ": a late answer was taken");
        } else {
          p.commit(p.run(w, 1us * (1 + random() % 2000)));
        }
      }
      if (chance(10))
        p.advance(1ms * (random() % 100));
    }
    INFO("seed " << seed);
    REQUIRE(p.work().finished());
    auto all = p.got;
    if (ordered)
      REQUIRE(std::ranges::is_sorted(all));
    const auto dead = p.dead_numbers();
    all.insert(all.end(), dead.begin(), dead.end());
    std::ranges::sort(all);
    REQUIRE(all == up_to(next));
    REQUIRE(std::set<record_id>(p.ids.begin(), p.ids.end()).size() == p.ids.size());
    for (int x = 3; x < next; x += 17)
      REQUIRE(std::ranges::binary_search(dead, x));
    REQUIRE(p.figures.received == static_cast<std::uint64_t>(next));
    REQUIRE(p.figures.dead_letters == dead.size());
    p.check_settled();
  }
}

TEST_CASE("records of one lane come out in order whatever fails and hangs") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    pool p{{.node = {.workers = {3}, .timeout = 1s, .batch_size = static_cast<std::uint32_t>(random() % 8)},
            .retry = fixed_backoff{5ms, 0},
            .keyed = true},
           3,
           [&random](const int& x, worker_context&) -> result<int> {
             if (random() % 12 == 0)
               throw std::runtime_error("now and then");
             return x;
           }};
    for (std::uint32_t lane = 0; lane < 3; ++lane)
      for (std::uint64_t b = 0; b < 4; ++b)
        p.offer(numbers(20, 0, lane * 1000 + b * 20), lane, lane);
    p.work().end_input();
    for (int round = 0; round < 100'000 && !p.work().finished(); ++round) {
      const auto w = static_cast<std::uint32_t>(random() % 3);
      p.hand(w);
      if (p.tasks(w) > 0) {
        const task t = p.front(w);
        if (t.kind == task_kind::run && random() % 25 == 0) {
          p.stand_at(w, t.begin + static_cast<std::uint32_t>(random() % (t.end - t.begin)));
          p.replace(w);
        } else {
          p.commit(p.run(w, 100us));
        }
      }
      p.advance(1ms);
    }
    INFO("seed " << seed);
    REQUIRE(p.work().finished());
    for (int lane = 0; lane < 3; ++lane) {
      std::vector<int> mine;
      for (const int x : p.got)
        if (x / 1000 == lane)
          mine.push_back(x);
      REQUIRE(mine.size() == 80);
      REQUIRE(std::ranges::is_sorted(mine));
    }
    p.check_settled();
  }
}

TEST_CASE("records that come after a long rest do not make a node stalled, those that are not decided do") {
  pool p{{.node = {.batch_size = 1}}, 1, same};
  p.figures.started = 1;
  const auto stalled = [&] { return health_of("n", p.figures, {}, p.now()).stalled; };
  p.offer(numbers(1));
  REQUIRE(p.hand(0));
  p.commit(p.run(0));
  p.advance(60s); // nothing comes
  CHECK_FALSE(stalled());
  p.offer(numbers(2, 0, 1));
  REQUIRE(p.hand(0)); // one is worked on, one waits
  CHECK_FALSE(stalled());
  p.advance(9s);
  CHECK_FALSE(stalled());
  p.advance(2s);
  CHECK(stalled());
  p.commit(p.run(0));
  CHECK_FALSE(stalled());
}
