#include <tests/framework/weir/support/nodes.hpp>
#include <tests/framework/weir/support/tasks.hpp>
#include <tests/framework/weir/support/tracked.hpp>
#include <tests/support/catch.hpp>
#include <weir/workflow/stream.hpp>

#include <set>
#include <stdexcept>
#include <string>

using namespace weir;
using namespace weir_tests;

namespace {

struct word {
  std::string text;
  int length = 0;
  int twice() const { return 2 * length; }
  std::vector<std::string> letters() const {
    std::vector<std::string> all;
    for (const char c : text)
      all.emplace_back(1, c);
    return all;
  }
};

template <class Out, class T, class Build>
std::vector<Out> outputs(std::vector<T> in, Build&& build) {
  const auto d = node_of<T>(build);
  one_worker w{d};
  w.run(batch_of(std::move(in)));
  return w.template made<Out>();
}

} // namespace

TEST_CASE("every verb does to records what its name says") {
  const std::vector<int> in{0, 1, 2, 3};
  CHECK(outputs<int>(in, [](auto s) { (void)s.map("node", [](const int& x) { return x * x; }); }) ==
        std::vector<int>{0, 1, 4, 9});
  CHECK(outputs<int>(in, [](auto s) { (void)s.filter("node", [](const int& x) { return x > 1; }); }) ==
        std::vector<int>{2, 3});
  CHECK(outputs<std::string>(in, [](auto s) {
          (void)s.filter_map("node", [](const int& x) {
            return x % 2 == 1 ? std::optional{std::to_string(x)} : std::nullopt;
          });
        }) == std::vector<std::string>{"1", "3"});
  CHECK(outputs<int>(in, [](auto s) {
          (void)s.flat_map("node",
                           [](const int& x) { return std::vector<int>(static_cast<std::size_t>(x), x); });
        }) == std::vector<int>{1, 2, 2, 3, 3, 3});
  CHECK(outputs<long>(in, [](auto s) {
          (void)s.map_batch("node", [](std::span<const int> all) {
            std::vector<long> out(all.begin(), all.end());
            return out;
          });
        }) == std::vector<long>{0, 1, 2, 3});
}

TEST_CASE("every verb may fail a record by value") {
  const auto failures_of = [](auto build) {
    const auto d = node_of<int>(build);
    one_worker w{d};
    auto& scope = w.run(numbers(4));
    REQUIRE(scope.failures.size() == 1);
    CHECK(scope.failures[0].index == 2);
    CHECK(scope.failures[0].why == permanent("two"));
    return w.made<int>();
  };
  CHECK(failures_of([](auto s) {
          (void)s.map("node", [](const int& x) -> result<int> {
            if (x == 2)
              return permanent("two");
            return x;
          });
        }) == std::vector<int>{0, 1, 3});
  CHECK(failures_of([](auto s) {
          (void)s.filter_map("node", [](const int& x) -> result<std::optional<int>> {
            if (x == 2)
              return permanent("two");
            return x == 0 ? std::nullopt : std::optional{x};
          });
        }) == std::vector<int>{1, 3});
  CHECK(failures_of([](auto s) {
          (void)s.flat_map("node", [](const int& x) -> result<std::vector<int>> {
            if (x == 2)
              return permanent("two");
            return std::vector<int>{x, x};
          });
        }) == std::vector<int>{0, 0, 1, 1, 3, 3});
  CHECK(failures_of([](auto s) { // two fused steps: the first child of 2 is taken back
          (void)s.flat_map("node", [](const int& x) { return std::vector<int>{x, x + 10}; })
              .map([](const int& x) -> result<int> {
                if (x == 12)
                  return permanent("two");
                return x;
              });
        }) == std::vector<int>{0, 10, 1, 11, 3, 13});
}

TEST_CASE("a callable may take the worker's context as second parameter") {
  const auto d = node_of<int>([](auto s) {
    (void)s.map("node", [](const int& x, worker_context& c) {
      return x + static_cast<int>(c.id().position) + static_cast<int>(100 * c.attempt()) +
             c.resource<int>("offset");
    });
  });
  one_worker w{d};
  w.resources.add("offset", std::make_shared<int>(1000));
  w.run(numbers(3, 0, 50));
  CHECK(w.made<int>() == std::vector<int>{1200, 1202, 1204});
}

TEST_CASE("members are callables too") {
  const std::vector<word> in{{"abc", 3}, {"de", 2}};
  CHECK(outputs<std::string>(in, [](auto s) { (void)s.map("node", &word::text); }) ==
        std::vector<std::string>{"abc", "de"});
  CHECK(outputs<int>(in, [](auto s) { (void)s.map("node", &word::twice); }) == std::vector<int>{6, 4});
  CHECK(outputs<std::string>(in, [](auto s) { (void)s.flat_map("node", &word::letters); }) ==
        std::vector<std::string>{"a", "b", "c", "d", "e"});
}

TEST_CASE("between fused steps a record is moved, never copied") {
  const auto d = node_of<int>([](auto s) {
    (void)s.map("node", [](const int& x) { return tracked{x}; })
        .filter([](const tracked& t) { return t.number != 1; })
        .map([](tracked t) {
          t.number *= 2;
          return t;
        })
        .filter_map([](tracked t) { return std::optional<tracked>{std::move(t)}; })
        .flat_map([](tracked t) {
          std::vector<tracked> all(2);
          all[1].number = t.number;
          all[0] = std::move(t);
          return all;
        });
  });
  one_worker w{d};
  tracked::reset();
  w.run(numbers(4));
  CHECK(tracked::copies == 0);
  std::vector<int> got;
  for (const auto& t : w.made<tracked>())
    got.push_back(t.number);
  CHECK(got == std::vector<int>{0, 0, 4, 4, 6, 6});
}

TEST_CASE("a flat map does not empty a range that is not its own") {
  // The callable hands out a reference to what it keeps: every record must find it whole.
  const auto kept = std::make_shared<std::vector<std::string>>(2, std::string(50, 'x'));
  const auto all = outputs<std::string>(std::vector<int>{1, 2, 3}, [kept](auto s) {
    (void)s.flat_map("node", [kept](const int&) -> std::vector<std::string>& { return *kept; });
  });
  CHECK(all == std::vector<std::string>(6, std::string(50, 'x')));
  const auto views = outputs<std::string>(std::vector<int>{1, 2, 3}, [kept](auto s) {
    (void)s.flat_map("node", [kept](const int&) { return std::span<std::string>{*kept}; });
  });
  CHECK(views == std::vector<std::string>(6, std::string(50, 'x')));
}

TEST_CASE("the children of a flat map have distinct ids, the same at every run, through several flat maps") {
  const auto d = node_of<int>([](auto s) {
    (void)s.flat_map("node", [](const int& x) { return std::vector<int>(3, x); })
        .filter([n = 0](const int&) mutable { return n++ >= 0; })
        .flat_map([](const int& x) { return std::vector<int>(2, x); });
  });
  std::vector<record_id> first;
  for (int run = 0; run < 2; ++run) {
    one_worker w{d};
    w.run(numbers(5, 3, 1000));
    auto ids = w.made_ids();
    REQUIRE(ids.size() == 30);
    CHECK(std::set<record_id>(ids.begin(), ids.end()).size() == 30);
    CHECK(ids[29].position == 1004);
    CHECK(ids[29].source == 3);
    if (run == 0)
      first = ids;
    CHECK(ids == first);
    // A task of the second half alone gives the same ids: they do not depend on how work is cut.
    w.run(numbers(5, 3, 1000), 2, 5, [](auto&) {});
    CHECK(w.made_ids() == std::vector<record_id>(first.begin() + 12, first.end()));
  }
}

TEST_CASE("records without an output are counted as filtered, failed ones are not") {
  const auto d = node_of<int>([](auto s) {
    (void)s.filter("node", [](const int& x) {
      if (x == 5)
        throw std::runtime_error("five");
      return x % 2 == 0;
    });
  });
  one_worker w{d};
  auto& scope = w.run(numbers(10));
  CHECK(scope.failures.size() == 1);
  CHECK(scope.filtered == 4);
  const auto f = node_of<int>([](auto s) {
    (void)s.flat_map("node",
                     [](const int& x) { return std::vector<int>(static_cast<std::size_t>(x % 3), x); });
  });
  one_worker v{f};
  CHECK(v.run(numbers(9)).filtered == 3);
}

TEST_CASE("a callable with state of its own gets a fresh copy for each worker") {
  const auto d =
      node_of<int>([](auto s) { (void)s.map("node", [n = 0](const int&) mutable { return ++n; }); });
  for (int worker = 0; worker < 2; ++worker) {
    one_worker w{d};
    w.run(numbers(3));
    CHECK(w.made<int>() == std::vector<int>{1, 2, 3});
  }
}

TEST_CASE("branch sends what holds to port true and the rest to port false") {
  const auto d = node_of<int>([](auto s) { (void)s.branch("node", [](const int& x) { return x < 2; }); });
  REQUIRE(d.outputs.size() == 2);
  CHECK(d.outputs[0].name == "true");
  CHECK(d.outputs[1].name == "false");
  one_worker w{d};
  CHECK(w.run(numbers(5)).filtered == 0);
  CHECK(w.made<int>(0) == std::vector<int>{0, 1});
  CHECK(w.made<int>(1) == std::vector<int>{2, 3, 4});
  CHECK(w.made_ids(1)[0] == record_id{0, 2, 0});
}
