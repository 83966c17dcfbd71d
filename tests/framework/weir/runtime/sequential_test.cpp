#include <tests/framework/weir/runtime/runs.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("sequential mode delivers the same records in source order: linear, diamond and keyed") {
  const no_batch_leaks leaks;
  const auto both = [](auto&& build, const std::vector<int>& expected) {
    for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
      workflow w{"both"};
      w.settings().mode = mode;
      collected<int> got;
      build(w, got);
      const auto r = run_to_end(w);
      CHECK(r.status == run_status::completed);
      auto sorted = expected;
      std::ranges::sort(sorted);
      CHECK(got.sorted() == sorted);
      if (mode == execution_mode::sequential)
        CHECK(got.records() == expected);
    }
  };
  SECTION("linear") {
    std::vector<int> expected;
    for (int i = 0; i < 5000; ++i)
      for (int k = 0; k < i % 3; ++k)
        expected.push_back(i + 1);
    both(
        [](workflow& w, collected<int>& got) {
          w.from("numbers", from_range(count_to(5000)))
              .flat_map("repeat",
                        [](const int& x) { return std::vector<int>(static_cast<std::size_t>(x % 3), x); })
              .map("add",
                   [](const int& x, worker_context& c) {
                     if (x % 500 == 0 && c.attempt() == 1)
                       throw std::runtime_error("once");
                     return x + 1;
                   },
                   {.workers = {4}, .retry = fixed_backoff{0ns, 2}})
              .to("collect", got.sink());
        },
        expected);
  }
  SECTION("diamond") {
    std::vector<int> expected;
    for (int i = 0; i < 500; ++i) { // every record by both ways before the next
      expected.push_back(i);
      expected.push_back(i + 10'000);
    }
    for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
      workflow w{"diamond"};
      w.settings().mode = mode;
      collected<int> got;
      auto s = w.from("numbers", from_range(count_to(500)));
      auto a = s.map("a", [](const int& x) { return x; });
      auto b =
          s.map("b", [](const int& x) { return x + 5000; }).map("c", [](const int& x) { return x + 5000; });
      a.merge("meet", b).to("collect", got.sink());
      const auto r = run_to_end(w);
      CHECK(r.status == run_status::completed);
      check_books(r, w);
      auto all = got.records();
      if (mode == execution_mode::sequential) {
        REQUIRE(all.size() == 1000);
        for (std::size_t i = 0; i < all.size(); i += 2) // which way is first is not promised
          if (all[i] % 10'000 != static_cast<int>(i / 2) || all[i + 1] % 10'000 != static_cast<int>(i / 2))
            FAIL("source order is broken at " << i << ": " << all[i] << ", " << all[i + 1]);
      }
      std::ranges::sort(all);
      std::ranges::sort(expected);
      CHECK(all == expected);
    }
  }
  SECTION("keyed") {
    both(
        [](workflow& w, collected<int>& got) {
          w.from("numbers", from_range(count_to(5000)))
              .key_by([](const int& x) { return x % 17; })
              .map("add", plus_one, {.workers = {4}})
              .to("collect", got.sink());
        },
        [] {
          auto all = count_to(5001);
          all.erase(all.begin());
          return all;
        }());
  }
}

TEST_CASE("a flat map of many children passes a diamond in sequential mode") {
  workflow w{"many children"};
  w.settings().mode = execution_mode::sequential;
  collected<int> got;
  auto s = w.from("one", from_range(std::vector<int>{5000})).flat_map("spread", [](const int& n) {
    return count_to(n);
  });
  auto a = s.map("a", plus_one);
  auto b = s.map("b", plus_one);
  a.merge("meet", b).to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  CHECK(r.dead_letters == 0);
  CHECK(got.size() == 10'000);
}

TEST_CASE("ids of aggregates do not depend on the number of workers") {
  struct count {
    int n = 0;
    void add(const int&) { ++n; }
    int result(const int& key) const { return key; }
  };
  std::map<int, std::string> first;
  for (const std::uint32_t workers : {1U, 2U, 5U}) {
    workflow w{"ids"};
    std::mutex mutex;
    std::map<int, std::string> ids;
    w.from("numbers", from_range(count_to(1000)))
        .key_by([](const int& x) { return x % 20; })
        .aggregate("count", count{}, {.workers = {workers}})
        .map("look",
             [&](const int& key, worker_context& c) {
               const std::lock_guard lock{mutex};
               ids[key] = to_string(c.id(), "count");
               return key;
             })
        .to("drop", [](const int&) {});
    CHECK(run_to_end(w).status == run_status::completed);
    CHECK(ids.size() == 20);
    if (first.empty())
      first = ids;
    CHECK(ids == first);
  }
}

TEST_CASE("a source's retry waiting in its fused steps does not delay or lose the end") {
  const no_batch_leaks leaks;
  workflow w{"fused retry"};
  collected<int> got;
  w.from("numbers", from_range(count_to(100)), {.retry = fixed_backoff{5ms, 3}})
      .map([](const int& x, worker_context& c) {
        if (x == 99 && c.attempt() < 3)
          throw std::runtime_error("not yet");
        return x;
      })
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.sorted() == count_to(100));
  CHECK(r.node("numbers").retries == 2);
}
