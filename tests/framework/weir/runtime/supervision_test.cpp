// User code throws, hangs and lies; the world outside goes away: the stream neither loses nor doubles a
// record.

#include <tests/framework/weir/runtime/runs.hpp>
#include <weir/resource/connection_pool.hpp>

#include <map>
#include <set>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

namespace {

enum class fate { good, hangs, throws, refused };

fate fate_of(int n) {
  if (n % 501 == 0)
    return fate::hangs;
  if (n % 97 == 0)
    return fate::throws;
  return n % 1003 == 0 ? fate::refused : fate::good;
}

} // namespace

TEST_CASE(
    "100,000 records among which some hang, throw or are refused: those and no others are dead letters") {
  constexpr int records = 100'000;
  const std::set<int> stubborn{501, 1002, 50'100, 100'200 - 501};
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  workflow w{"under fire"};
  const auto letters = std::make_shared<dead_letter_memory>();
  w.dead_letters(letters);
  collected<int> got;
  w.from("numbers", from_range(count_to(records + 1)))
      .filter([](const int& n) { return n > 0; })
      .map("work",
           [&stubborn, gate](const int& n, worker_context& c) -> result<int> {
             switch (fate_of(n)) {
             case fate::hangs:
               if (c.attempt() == 3 && stubborn.contains(n))
                 await([&] { return gate->load(); }, "the test opens the gate");
               wait_for_stop(c.stop());
               return transient("stopped");
             case fate::throws:
               throw std::runtime_error("broken");
             case fate::refused:
               return permanent("refused");
             case fate::good:
               break;
             }
             return n;
           },
           {.workers = {4},
            .isolation = isolation::thread,
            .timeout = 50ms,
            .grace = 50ms,
            .retry = exponential_backoff{.first = 1ms, .max_attempts = 3}})
      .to("collect", got.sink());
  engine e{{.threads = 2}};
  const auto job = e.start(w);
  const auto r = end_of(job);
  *gate = true;

  std::map<fate, std::uint64_t> count;
  std::map<int, failure_kind> expected;
  std::vector<int> good;
  for (int n = 1; n <= records; ++n) {
    const auto f = fate_of(n);
    ++count[f];
    if (f == fate::good)
      good.push_back(n);
    else
      expected[n] = f == fate::hangs ? failure_kind::timeout : failure_kind::error;
  }
  std::map<int, failure_kind> dead;
  for (const auto& l : letters->letters()) {
    // One more where the machine was so busy that for a while nothing went well, as in an outage.
    if (fate_of(std::stoi(l.payload)) == fate::refused)
      CHECK(l.attempts == 1);
    else
      CHECK(l.attempts >= 3);
    dead[std::stoi(l.payload)] = l.kind;
  }
  CHECK(r.status == run_status::completed);
  CHECK(dead == expected);
  CHECK(r.dead_letters == expected.size());
  CHECK(got.sorted() == good);
  const auto& work = r.node("work");
  CHECK(work.timeouts >= 3 * count[fate::hangs]);
  CHECK(work.retries >= 2 * (count[fate::hangs] + count[fate::throws]));
  CHECK(work.restarts >= 4);
  CHECK(work.abandoned >= 4);
  check_books(r, w);
}

TEST_CASE("a keyed node that throws once a key keeps each key's order and sum") {
  struct row {
    int key = 0;
    int value = 0;
  };
  struct summed {
    int key = 0;
    int value = 0;
    long sum = 0;
  };
  struct adder {
    std::map<int, long> sums;
    std::set<int> thrown;
    bool throws = false;
    void on_record(const row& r, context<summed>& out) {
      if (throws && r.value >= 50 && thrown.insert(r.key).second)
        throw std::runtime_error("once");
      out.emit({r.key, r.value, sums[r.key] += r.value});
    }
  };
  const auto run = [](bool throws, const node_options& options) {
    std::vector<row> rows;
    for (int value = 0; value < 200; ++value)
      for (int key = 0; key < 100; ++key)
        rows.push_back({key, value});
    workflow w{"sums"};
    collected<std::tuple<int, int, long>> got;
    w.from("rows", from_range(rows))
        .key_by(&row::key)
        .node("add", adder{.sums = {}, .thrown = {}, .throws = throws}, options)
        .to("collect", [to = got.sink()](const summed& s) { to({s.key, s.value, s.sum}); });
    const auto r = run_to_end(w);
    CHECK(r.status == run_status::completed);
    CHECK(r.dead_letters == 0);
    CHECK(r.node("add").retries == (throws ? 100 : 0));
    std::map<int, std::vector<std::pair<int, long>>> of_key;
    for (const auto& [key, value, sum] : got.records())
      of_key[key].emplace_back(value, sum);
    return of_key;
  };
  for (const auto where : {isolation::shared, isolation::thread}) {
    const node_options options{
        .workers = {4}, .isolation = where, .retry = exponential_backoff{.first = 1ms, .max_attempts = 3}};
    CHECK(run(true, options) == run(false, options));
  }
}

TEST_CASE("in sequential mode a call that hangs beyond its timeout ends the run") {
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  workflow w{"hung"};
  w.settings().mode = execution_mode::sequential;
  w.from("numbers", from_range(count_to(10)))
      .map("stuck",
           [gate](const int& x) {
             if (x == 3)
               await([&] { return gate->load(); }, "the test opens the gate");
             return x;
           },
           {.timeout = 20ms, .grace = 20ms})
      .to("drop", [](const int&) {});
  const auto r = run_to_end(w);
  *gate = true;
  CHECK(r.status == run_status::failed);
  REQUIRE_FALSE(r.errors.empty());
  CHECK_THAT(r.errors[0].message(), Catch::Contains("timeout of 20 ms and cannot be left behind") &&
                                        Catch::Contains("node 'stuck'"));
}

TEST_CASE("stop ends even a run whose code hangs on the scheduler's own threads") {
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  const auto inside = std::make_shared<std::atomic<bool>>(false);
  workflow w{"hung"};
  w.from("numbers", from_range(count_to(10)))
      .map("stuck",
           [gate, inside](const int& x) {
             *inside = true;
             await([&] { return gate->load(); }, "the test opens the gate");
             return x;
           })
      .to("drop", [](const int&) {});
  {
    engine e{{.threads = 2}};
    const auto job = e.start(w);
    await([&] { return inside->load(); }, "the call");
    auto handle = job;
    handle.stop();
    const auto r = end_of(job);
    CHECK(r.status == run_status::failed);
    REQUIRE_FALSE(r.errors.empty());
    CHECK_THAT(r.errors[0].message(), Catch::Contains("user code did not return within 5 s"));
  }
  *gate = true;
}

TEST_CASE("a rebuilt node object is told why its predecessor was given up") {
  struct fragile {
    std::shared_ptr<std::vector<std::string>> told;
    bool hangs = false;
    std::shared_ptr<std::atomic<bool>> gate;
    void on_start(context<int>& c) {
      const auto* crash = c.last_crash();
      told->push_back(crash == nullptr ? "first"
                                       : std::string{to_string(crash->kind)} + ": " + crash->why.what +
                                             (crash->record ? " at " + std::to_string(crash->record->position)
                                                            : std::string{}));
    }
    void on_record(const int& x, context<int>& out) {
      if (x == 7 && out.attempt() == 1) {
        if (hangs)
          await([&] { return gate->load(); }, "the test opens the gate");
        throw std::runtime_error("lucky no more");
      }
      out.emit(x);
    }
  };
  for (const bool hangs : {false, true}) {
    const auto told = std::make_shared<std::vector<std::string>>();
    const auto gate = std::make_shared<std::atomic<bool>>(false);
    workflow w{"rebuilt"};
    collected<int> got;
    node_options options{.workers = {1},
                         .isolation = isolation::thread,
                         .retry = exponential_backoff{.first = 1ms, .max_attempts = 3},
                         .restart = {.backoff = {.first = 1ms}, .on_throw = after_throw::rebuild}};
    if (hangs) {
      options.timeout = 20ms;
      options.grace = 20ms;
    }
    w.from("numbers", from_range(count_to(20)))
        .node("fragile", fragile{told, hangs, gate}, options)
        .to("collect", got.sink());
    const auto r = run_to_end(w);
    *gate = true;
    CHECK(r.status == run_status::completed);
    CHECK(r.node("fragile").restarts == 1);
    CHECK(got.sorted() == count_to(20));
    REQUIRE(told->size() == 2);
    CHECK(told->front() == "first");
    CHECK(told->back() == (hangs ? "timeout: the worker did not return within its timeout of 20 ms at 7"
                                 : "error: lucky no more at 7"));
  }
}

TEST_CASE(
    "a worker that keeps hanging escalates: the node is rebuilt, then the workflow fails and says why") {
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  workflow w{"hopeless"};
  w.from("numbers", from_range(count_to(100)))
      .map("stuck",
           [gate](const int& x) {
             await([&] { return gate->load(); }, "the test opens the gate");
             return x;
           },
           {.workers = {2},
            .isolation = isolation::thread,
            .timeout = 5ms,
            .grace = 1ms,
            .restart = {.max = 2, .within = 60s, .backoff = {.first = 1ms}}})
      .to("drop", [](const int&) {});
  const auto r = run_to_end(w);
  *gate = true;
  CHECK(r.status == run_status::failed);
  REQUIRE_FALSE(r.errors.empty());
  CHECK_THAT(r.errors[0].message(), Catch::Contains("restarted too often") &&
                                        Catch::Contains("node 'stuck'") && Catch::Contains("5 ms"));
}

TEST_CASE("the number of hung workers left behind is bounded") {
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  workflow w{"many hang"};
  w.settings().max_abandoned_workers = 3;
  w.from("numbers", from_range(count_to(100)))
      .map(
          "stuck",
          [gate](const int& x) {
            await([&] { return gate->load(); }, "the test opens the gate");
            return x;
          },
          {.workers = {2}, .timeout = 5ms, .grace = 1ms, .restart = {.max = 1000, .backoff = {.first = 0ms}}})
      .to("drop", [](const int&) {});
  const auto r = run_to_end(w);
  *gate = true;
  CHECK(r.status == run_status::failed);
  REQUIRE_FALSE(r.errors.empty());
  CHECK_THAT(r.errors[0].message(), Catch::Contains("4 workers did not return and were left behind"));
}

TEST_CASE("too many dead letters are a fault of the whole: the workflow fails") {
  const auto run = [](double share) {
    workflow w{"bad input"};
    w.settings().max_dead_letters.share = share;
    w.from("numbers", from_range(count_to(10'000)))
        .map("work",
             [](const int& x) -> result<int> { return x % 5 == 0 ? permanent("odd") : result<int>{x}; })
        .to("drop", [](const int&) {});
    return run_to_end(w);
  };
  const auto r = run(0.1);
  CHECK(r.status == run_status::failed);
  REQUIRE_FALSE(r.errors.empty());
  CHECK_THAT(r.errors[0].message(), Catch::Contains("more than 10 % of 1000 records became dead letters") &&
                                        Catch::Contains("node 'work'"));
  CHECK(run(0.25).status == run_status::completed);
  CHECK(run(1).status == run_status::completed);
}

TEST_CASE("dead letters wait for a dead-letter sink that is away") {
  struct away final : dead_letter_sink {
    std::atomic<int> tries{0};
    std::vector<std::string> kept;
    result<> write(std::span<const dead_letter> letters) override {
      if (++tries < 4)
        return transient("away");
      for (const auto& l : letters)
        kept.push_back(l.payload);
      return {};
    }
  };
  const auto to = std::make_shared<away>();
  workflow w{"letters"};
  w.dead_letters(to);
  collected<int> got;
  w.from("numbers", from_range(count_to(100)))
      .map("work", [](const int& x) -> result<int> { return x == 50 ? permanent("odd") : result<int>{x}; })
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  CHECK(r.node("work").outages == 1);
  CHECK(to->kept == std::vector<std::string>{"50"});
  CHECK(got.size() == 99);
  CHECK(r.dead_letters == 1);
}

TEST_CASE("what an abandoned worker holds of a pool counts as lost and is replaced") {
  struct connection {};
  const auto pool = std::make_shared<connection_pool<connection>>(
      [] { return std::make_unique<connection>(); }, connection_pool_options{.size = 1});
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  workflow w{"lease"};
  w.add_resource("database", pool);
  collected<int> got;
  w.from("numbers", from_range(count_to(20)))
      .map("query",
           [gate](const int& x, worker_context& c) -> result<int> {
             auto lease = c.resource<connection_pool<connection>>("database").acquire(c.stop());
             if (!lease)
               return lease.error();
             if (x == 7 && c.attempt() == 1)
               await([&] { return gate->load(); }, "the test opens the gate");
             return x;
           },
           {.timeout = 50ms, .grace = 10ms, .retry = exponential_backoff{.first = 1ms, .max_attempts = 0}})
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  CHECK(got.sorted() == count_to(20));
  const auto figures = pool->figures();
  CHECK(figures.lost == 1);
  CHECK(figures.abandoned == 1);
  CHECK(figures.created == 2);
  CHECK(figures.in_use == 0);
  *gate = true;
}

TEST_CASE("a run that fails ends although another node hangs on the scheduler's own threads") {
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  const auto inside = std::make_shared<std::atomic<bool>>(false);
  workflow w{"fails and hangs"};
  auto numbers = w.from("numbers", from_range(count_to(10)));
  numbers.to("stuck", [gate, inside](const int&) {
    *inside = true;
    inside->notify_all();
    await([&] { return gate->load(); }, "the test opens the gate");
  });
  numbers.to("fails", [inside](const int&) -> result<> {
    inside->wait(false);
    return exhausted("disk is full");
  });
  const auto r = run_to_end(w, 4);
  *gate = true;
  CHECK(r.status == run_status::failed);
  REQUIRE(r.errors.size() == 2);
  CHECK(r.errors[0].what == "disk is full");
}

TEST_CASE("records without a key and those that fail in a fused step count for the limit of dead letters") {
  for (const bool fused : {false, true}) {
    workflow w{"all bad"};
    if (fused)
      w.from("numbers", from_range(count_to(5000)))
          .map([](const int&) -> int { throw std::runtime_error("bad"); })
          .to("drop", [](const int&) {});
    else
      w.from("numbers", from_range(count_to(5000)))
          .key_by([](const int&) -> int { throw std::runtime_error("bad"); })
          .to("drop", [](const int&) {}, {.workers = {2}});
    const auto r = run_to_end(w);
    CHECK(r.status == run_status::failed);
    CHECK(r.dead_letters > 100);
    REQUIRE_FALSE(r.errors.empty());
    CHECK_THAT(r.errors[0].message(), Catch::Contains("became dead letters"));
  }
}

TEST_CASE("a source is polled again at the pace of its own policy, never without a pause") {
  struct away {
    std::shared_ptr<std::atomic<int>> polls;
    poll_result poll(emitter<int>&, std::size_t) {
      ++*polls;
      throw std::runtime_error("away");
    }
  };
  for (const auto& policy : {retry_policy{no_retry}, retry_policy{fixed_backoff{1h, 3}}}) {
    const auto polls = std::make_shared<std::atomic<int>>(0);
    workflow w{"away"};
    w.from("rows", away{polls}, {.retry = policy}).to("drop", [](const int&) {});
    engine e{{.threads = 2}};
    auto job = e.start(w);
    await([&] { return polls->load() > 0; }, "a poll");
    CHECK_FALSE(job.wait_for(200ms));
    CHECK_FALSE(job.ready());
    CHECK(job.health()[0].cause == "away");
    job.stop();
    end_of(job);
    CHECK(*polls < 20);
  }
}

TEST_CASE("what failed last is known, after it is over too, and is no outage") {
  workflow w{"last"};
  w.dead_letters(std::make_shared<dead_letter_memory>());
  w.from("numbers", from_range(std::vector<int>{1, 2, 3, 4}))
      .map("halve",
           [](const int& x) -> result<int> {
             if (x == 3)
               return permanent("three is odd", "x", "send another");
             return x / 2;
           })
      .to("drop", [](const int&) {});
  engine e{{.threads = 2}};
  auto job = e.start(w);
  end_of(job);
  const auto health = job.health();
  REQUIRE(health[1].last_failure);
  CHECK(health[1].last_failure->kind == failure_kind::error);
  CHECK(health[1].last_failure->cause == "three is odd (x): send another");
  CHECK(health[1].cause.empty());
  CHECK_FALSE(health[0].last_failure);
  CHECK_FALSE(health[2].last_failure);
}

TEST_CASE("an object that a throw left in place has no crash to look back on") {
  struct looks_back {
    void on_record(const int& x, context<bool>& out) {
      if (x == 3)
        throw std::runtime_error("bad");
      out.emit(out.last_crash() != nullptr);
    }
  };
  workflow w{"kept"};
  collected<bool> got;
  w.from("numbers", from_range(count_to(10))).node("look", looks_back{}).to("collect", got.sink());
  CHECK(run_to_end(w).ok());
  CHECK(got.records() == std::vector<bool>(9, false));
}
