#include <tests/framework/weir/runtime/runs.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("pools of shared and of thread workers process every record once") {
  const no_batch_leaks leaks;
  for (const auto where : {isolation::shared, isolation::thread})
    for (const std::uint32_t workers : {1U, 2U, 7U}) {
      workflow w{"pool"};
      collected<int> got;
      std::atomic<std::uint32_t> seen{0};
      w.from("numbers", from_range(count_to(20'000)))
          .map("work",
               [&seen](const int& x, worker_context& c) {
                 seen |= 1U << c.worker();
                 return x + 1;
               },
               {.workers = {workers}, .isolation = where})
          .to("collect", got.sink());
      const auto r = run_to_end(w);
      CHECK(r.status == run_status::completed);
      check_books(r, w);
      auto expected = count_to(20'001);
      expected.erase(expected.begin());
      CHECK(got.sorted() == expected);
      CHECK(seen < 1U << workers);
    }
}

TEST_CASE("an ordered pool keeps the order of its input however long each record takes and whatever fails") {
  const no_batch_leaks leaks;
  for (const auto where : {isolation::shared, isolation::thread}) {
    workflow w{"ordered"};
    collected<int> got;
    w.from("numbers", from_range(count_to(5000)))
        .map("work",
             [](const int& x, worker_context& c) {
               spin((x * 7919) % 3000);
               if (x % 50 == 7 && c.attempt() == 1)
                 throw std::runtime_error("once");
               if (x % 500 == 3)
                 throw permanent("never");
               return x;
             },
             {.workers = {4}, .isolation = where, .order = ordering::ordered, .retry = fixed_backoff{1ms, 3}})
        .to("collect", got.sink());
    const auto r = run_to_end(w);
    CHECK(r.status == run_status::completed);
    check_books(r, w);
    CHECK(r.dead_letters == 10);
    CHECK(r.node("work").retries == 100);
    auto expected = count_to(5000);
    std::erase_if(expected, [](int x) { return x % 500 == 3; });
    CHECK(got.records() == expected);
  }
}

TEST_CASE("a pool grows from min to max workers when work waits") {
  const no_batch_leaks leaks;
  workflow w{"growth"};
  collected<int> got;
  std::atomic<int> at_once{0};
  w.from("numbers", from_range(count_to(100)))
      .map("work",
           [&at_once](const int& x) { // nobody returns before four work at once
             ++at_once;
             await([&] { return at_once >= 4; }, "a pool that grows to four workers");
             return x;
           },
           {.workers = {.min = 1, .max = 4}, .isolation = isolation::thread})
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.sorted() == count_to(100));
}

TEST_CASE("keyed aggregation with any number of workers equals the sums of one thread") {
  const no_batch_leaks leaks;
  struct sum {
    long total = 0;
    void add(const int& x) { total += x; }
    std::pair<int, long> result(const int& key) const { return {key, total}; }
  };
  std::map<int, long> expected;
  for (int i = 0; i < 30'000; ++i)
    expected[i % 101] += i;
  for (const std::uint32_t workers : {1U, 2U, 3U, 5U, 8U})
    for (const auto where : {isolation::shared, isolation::thread}) {
      workflow w{"sums"};
      collected<std::pair<int, long>> got;
      w.from("numbers", from_range(count_to(30'000)))
          .key_by([](const int& x) { return x % 101; })
          .aggregate("sum", sum{}, {.workers = {workers}, .isolation = where})
          .to("collect", got.sink());
      const auto r = run_to_end(w);
      CHECK(r.status == run_status::completed);
      check_books(r, w);
      CHECK(r.node("sum").aggregated == 30'000);
      CHECK(r.node("sum").sent == 101);
      const auto records = got.records();
      CHECK(records.size() == 101);
      CHECK(std::map<int, long>(records.begin(), records.end()) == expected);
    }
}

TEST_CASE("records of one key stay in order through a keyed pool that retries") {
  const no_batch_leaks leaks;
  workflow w{"keyed"};
  std::mutex mutex;
  std::map<int, std::vector<int>> by_key;
  w.from("numbers", from_range(count_to(10'000)))
      .key_by([](const int& x) { return x % 10; })
      .map("work",
           [&](const int& x, worker_context& c) {
             if (x % 97 == 0 && c.attempt() < 3)
               throw std::runtime_error("not yet");
             const std::lock_guard lock{mutex};
             by_key[x % 10].push_back(x);
             return x;
           },
           {.workers = {4}, .retry = fixed_backoff{0ns, 3}})
      .to("drop", [](const int&) {});
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(r.node("work").retries == 2 * 104);
  REQUIRE(by_key.size() == 10);
  for (const auto& [key, all] : by_key) {
    CHECK(all.size() == 1000);
    CHECK(std::ranges::is_sorted(all));
  }
}

TEST_CASE("a key function that throws fails no more than its record") {
  const no_batch_leaks leaks;
  struct counter {
    long n = 0;
    void add(const int&) { ++n; }
    long result() const { return n; }
  };
  for (const std::uint32_t workers : {1U, 4U}) {
    workflow w{"bad keys"};
    collected<long> got;
    w.from("numbers", from_range(count_to(1000)))
        .key_by([](const int& x) {
          if (x == 500)
            throw std::runtime_error("no key in this record");
          return x % 7;
        })
        .aggregate("count", counter{}, {.workers = {workers}})
        .to("collect", got.sink());
    const auto r = run_to_end(w);
    CHECK(r.status == run_status::completed);
    REQUIRE(r.last_dead_letters.size() == 1);
    CHECK(r.last_dead_letters[0].cause.find("no key in this record") != std::string::npos);
    CHECK(r.last_dead_letters[0].node == "count");
    CHECK(r.last_dead_letters[0].id == "numbers:500");
    const auto all = got.records();
    CHECK(std::accumulate(all.begin(), all.end(), 0L) == 999);
  }
}
