#include <tests/framework/weir/support/nodes.hpp>
#include <tests/framework/weir/support/tasks.hpp>
#include <tests/support/catch.hpp>
#include <weir/workflow/stream.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace weir;
using namespace weir_tests;

namespace {

struct reading {
  std::int64_t number = 0;
  double value = 0;
};

/// The same chain twice: once in blocks, once record by record.
struct both_ways {
  template <class Out, class Build>
  static void agree(int records, Build&& build) {
    const auto d = node_of(build);
    const auto in = numbers(records, 3, 1000);
    one_worker blocks{d};
    auto& first = blocks.run(in);
    const auto failed = first.failures.size();
    const auto filtered = first.filtered;
    std::vector<std::uint32_t> at;
    for (const auto& f : first.failures)
      at.push_back(f.index);
    std::ranges::sort(at); // a step runs over a whole block before the next one: not in the order of records
    one_worker single{d};
    auto& second = single.run(in, 0, in->size(), [](auto& scope) { scope.timed = true; });
    CHECK(blocks.made<Out>() == single.made<Out>());
    CHECK(blocks.made_ids() == single.made_ids());
    CHECK(filtered == second.filtered);
    REQUIRE(failed == second.failures.size());
    for (std::size_t i = 0; i < failed; ++i)
      CHECK(at[i] == second.failures[i].index);
  }
};

} // namespace

TEST_CASE("a chain run in blocks makes the records and ids that it makes record by record") {
  for (const int n : {1, 2, 127, 128, 129, 1000}) {
    both_ways::agree<int>(n, [](auto s) { (void)s.map("node", [](const int& x) { return x + 1; }); });
    both_ways::agree<int>(n, [](auto s) { (void)s.filter("node", [](const int& x) { return x % 3 == 1; }); });
    both_ways::agree<int>(n, [](auto s) { (void)s.filter("node", [](const int&) { return false; }); });
    both_ways::agree<std::int64_t>(n, [](auto s) {
      (void)s.map("node", [](const int& x) { return 2L * x; })
          .filter([](const long& x) { return x % 3 == 0; })
          .update([](long& x) { x += 7; })
          .filter([](const long& x) { return x % 5 != 0; })
          .filter_map([](const long& x) { return x % 2 == 0 ? std::optional{x} : std::nullopt; });
    });
  }
}

TEST_CASE("in blocks a record fails alone, by a throw or by value, in whatever step") {
  both_ways::agree<int>(600, [](auto s) {
    (void)s
        .map("node",
             [](const int& x) -> result<int> {
               if (x % 100 == 3)
                 return permanent("a hundred and three");
               return x;
             })
        .filter([](const int& x) -> bool {
          if (x % 100 == 50)
            throw std::runtime_error("fifty");
          return x % 2 == 0;
        })
        .update([](int& x) {
          if (x % 100 == 20)
            throw std::runtime_error("twenty");
          ++x;
        });
  });
}

TEST_CASE("every step of a block sees each record once, also when others fail") {
  std::vector<int> mapped, filtered;
  const auto d = node_of([&](auto s) {
    (void)
        s.map("node", [&mapped](const int& x) {
           mapped.push_back(x);
           if (x == 5)
             throw std::runtime_error("five");
           return x;
         }).filter([&filtered](const int& x) {
          filtered.push_back(x);
          return true;
        });
  });
  one_worker w{d};
  w.run(numbers(200));
  CHECK(mapped.size() == 200);
  CHECK(std::ranges::is_sorted(mapped));
  CHECK(filtered.size() == 199);
  CHECK(std::ranges::count(filtered, 5) == 0);
}

TEST_CASE("a callable that looks at its context is told which record it is at") {
  std::vector<std::uint64_t> seen;
  const auto d = node_of([&](auto s) {
    (void)s.filter("node", [](const int& x) { return x % 2 == 0; })
        .map([&seen](const int& x, worker_context& c) {
          seen.push_back(c.id().position);
          return x;
        });
  });
  one_worker w{d};
  w.run(numbers(10, 0, 70));
  CHECK(seen == std::vector<std::uint64_t>{70, 72, 74, 76, 78});
}

TEST_CASE("a sink that is fused takes what comes out of the block") {
  std::vector<int> got;
  const auto d = node_of([&](auto s) {
    s.map("node", [](const int& x) { return 10 * x; })
        .filter([](const int& x) { return x % 20 == 0; })
        .to([&got](const int& x) {
          if (x == 40)
            throw std::runtime_error("forty");
          got.push_back(x);
        });
  });
  CHECK(d.role == node_role::sink);
  one_worker w{d};
  auto& scope = w.run(numbers(7));
  CHECK(got == std::vector<int>{0, 20, 60});
  REQUIRE(scope.failures.size() == 1);
  CHECK(scope.failures[0].index == 4);
}

TEST_CASE("outputs that do not fit into one batch go on in the next") {
  const auto d = node_of([](auto s) { (void)s.map("node", [](const int& x) { return reading{x, 0.5}; }); });
  one_worker w{d, {.max_records = 50}};
  w.run(numbers(300));
  const auto made = w.made<reading>();
  REQUIRE(made.size() == 300);
  for (int i = 0; i < 300; ++i)
    CHECK(made[static_cast<std::size_t>(i)].number == i);
  CHECK(w.made_ids().back().position == 299);
}

TEST_CASE("once it is stopped a block run ends and says where") {
  const auto d = node_of([](auto s) { (void)s.map("node", [](const int& x) { return x; }); });
  one_worker w{d};
  std::stop_source stop;
  stop.request_stop();
  auto& scope = w.run(numbers(300), 0, 300, [&](auto& s) { s.stop = stop.get_token(); });
  CHECK(scope.next == 0);
  CHECK(w.made<int>().empty());
}
