#include <tests/framework/weir/runtime/runs.hpp>
#include <tests/framework/weir/support/tracked.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("a linear workflow delivers every record once, in order") {
  const no_batch_leaks leaks;
  workflow w{"linear"};
  collected<int> got;
  w.from("numbers", from_range(count_to(100'000)))
      .map("add", plus_one)
      .filter("even", even)
      .map("halve", [](const int& x) { return x / 2; })
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  CHECK(r.ok());
  CHECK(r.exit_code() == 0);
  check_books(r, w);
  CHECK(r.node("numbers").sent == 100'000);
  CHECK(r.node("even").filtered == 50'000);
  CHECK(r.node("collect").delivered == 50'000);
  const auto records = got.records();
  REQUIRE(records.size() == 50'000);
  for (int i = 0; i < 50'000; ++i)
    if (records[static_cast<std::size_t>(i)] != i + 1)
      FAIL("at " << i);
  CHECK(r.nodes.size() == 5);
  CHECK_THROWS_AS(r.node("nobody"), std::out_of_range);
}

TEST_CASE("steps fused into a source, a map, a class and a batch function all run") {
  const no_batch_leaks leaks;
  struct doubler {
    void on_record(const int& x, context<int>& out) { out.emit(2 * x); }
  };
  workflow w{"fused"};
  collected<int> got;
  w.from("numbers", from_range(count_to(10'000)))
      .filter(even)
      .map(plus_one)
      .node("double", doubler{})
      .map(plus_one)
      .map_batch("triple",
                 [](std::span<const int> in) {
                   std::vector<int> out;
                   for (const int x : in)
                     out.push_back(3 * x);
                   return out;
                 })
      .filter([](const int& x) { return x % 9 == 0; })
      .map("last", plus_one)
      .map(plus_one)
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  std::vector<int> expected;
  for (int i = 0; i < 10'000; i += 2)
    if (const int x = 3 * (2 * (i + 1) + 1); x % 9 == 0)
      expected.push_back(x + 2);
  CHECK(got.records() == expected);
}

TEST_CASE("fan-out shares records by reference: not one is copied") {
  const no_batch_leaks leaks;
  workflow w{"fan-out"};
  std::atomic<long> sum{0};
  auto s = w.from("numbers", generate([n = 0]() mutable -> std::optional<tracked> {
                    if (n == 5000)
                      return std::nullopt;
                    return tracked{n++};
                  }));
  for (const char* name : {"a", "b", "c"})
    s.map(std::string("map ") + name, [](const tracked& t) {
       return t.number;
     }).to(std::string("sum ") + name, [&sum](const int& x) { sum += x; });
  s.to("direct", [&sum](const tracked& t) { sum += t.number; });
  tracked::reset();
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(sum == 4L * 4999 * 5000 / 2);
  CHECK(tracked::copies == 0);
  CHECK(tracked::alive == 0);
}

TEST_CASE("merge brings every record of every stream") {
  const no_batch_leaks leaks;
  workflow w{"merge"};
  collected<int> got;
  auto a = w.from("a", from_range(count_to(5000)));
  auto b = w.from("b", from_range(count_to(3000))).map("negate", [](const int& x) { return -x; });
  a.merge("all", b, w.from("c", from_range(count_to(100)))).to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  auto expected = count_to(5000);
  for (int i = 0; i < 3000; ++i)
    expected.push_back(-i);
  for (int i = 0; i < 100; ++i)
    expected.push_back(i);
  std::ranges::sort(expected);
  CHECK(got.sorted() == expected);
}

TEST_CASE("branch sends each record one of two ways") {
  const no_batch_leaks leaks;
  workflow w{"branch"};
  collected<int> yes, no;
  auto [even_ones, odd_ones] = w.from("numbers", from_range(count_to(10'000))).branch("is even", even);
  even_ones.to("even", yes.sink());
  std::move(odd_ones).map(plus_one).to("odd", no.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(yes.size() == 5000);
  CHECK(no.size() == 5000);
  CHECK(std::ranges::all_of(yes.records(), [](int x) { return x % 2 == 0; }));
  CHECK(std::ranges::all_of(no.records(), [](int x) { return x % 2 == 0; }));
}

TEST_CASE("a node class emits to named ports of different types") {
  const no_batch_leaks leaks;
  using outputs = ports<port<"small", int>, port<"text", std::string>>;
  struct sorter {
    void on_record(const int& x, context<outputs>& out) {
      if (x < 10)
        out.emit<"small">(x);
      if (x % 2 == 1)
        out.emit<"text">(std::to_string(x));
    }
  };
  workflow w{"ports"};
  collected<int> small;
  collected<std::string> text;
  auto streams = w.from("numbers", from_range(count_to(100))).node("sort", sorter{});
  streams.get<"small">().to("ints", small.sink());
  streams.get<"text">().to("strings", text.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w, {"sort"});
  CHECK(small.records() == count_to(10));
  CHECK(text.size() == 50);
  CHECK(r.node("sort").filtered == 45);
}

TEST_CASE("a diamond delivers each record once a path") {
  const no_batch_leaks leaks;
  workflow w{"diamond"};
  collected<int> got;
  auto s = w.from("numbers", from_range(count_to(20'000)));
  auto left = s.map("left", plus_one, {.workers = {3}});
  auto right = s.filter("right", even);
  left.merge("meet", right).to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.size() == 30'000);
}
