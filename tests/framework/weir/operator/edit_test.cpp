#include <tests/framework/weir/support/nodes.hpp>
#include <tests/framework/weir/support/tasks.hpp>
#include <tests/support/catch.hpp>
#include <weir/workflow/stream.hpp>

#include <stdexcept>
#include <vector>

using namespace weir;
using namespace weir_tests;

namespace {

std::vector<int> records_of(const batch& b) { return {b.as<int>(), b.as<int>() + b.size()}; }

struct edited {
  batch_ptr batch;
  std::vector<std::uint32_t> failed;
  batch_ptr failed_input;
  std::uint64_t filtered;
  bool in_place;
};

/// Runs the node on a batch that it alone holds.
edited edit(const node_definition& d, batch_ptr in) {
  one_worker w{d};
  auto& scope = w.run(in, 0, in->size(), [](auto& s) { s.exclusive = true; });
  edited e{std::move(in), {}, nullptr, scope.filtered, scope.in_place};
  for (const auto& f : scope.failures)
    e.failed.push_back(f.index);
  if (scope.failed_input)
    e.failed_input = scope.failed_input.seal();
  CHECK(w.made<int>().empty());
  return e;
}

} // namespace

TEST_CASE("an update changes a batch that nobody else reads in place") {
  const auto d = node_of([](auto s) { (void)s.update("node", [](int& x) { x *= 2; }); });
  CHECK(d.in_place);
  const auto e = edit(d, numbers(5, 0, 100));
  CHECK(e.in_place);
  CHECK(records_of(*e.batch) == std::vector<int>{200, 202, 204, 206, 208});
  CHECK(e.batch->id(4).position == 104);
}

TEST_CASE("a filter closes the gaps in place, with the positions") {
  const auto budget = std::make_shared<byte_budget>(1'000'000);
  const auto d = node_of([](auto s) { (void)s.filter("node", [](const int& x) { return x % 3 == 0; }); });
  std::vector<int> all{0, 1, 2, 3, 4, 5, 6};
  {
    const auto e = edit(d, batch_of(all, 0, 50, budget));
    CHECK(records_of(*e.batch) == std::vector<int>{0, 3, 6});
    CHECK(ids({e.batch}) == std::vector<record_id>{{0, 50, 0}, {0, 53, 0}, {0, 56, 0}});
    CHECK(e.filtered == 4);
    CHECK(budget->used() == 3 * sizeof(int));
  }
  CHECK(budget->used() == 0);
}

TEST_CASE("a record that fails in place is put aside as it was before the call") {
  const auto d = node_of([](auto s) {
    (void)s.update("node", [](int& x) {
      const int was = x;
      x = -1; // half done
      if (was % 4 == 1)
        throw std::runtime_error("no");
      x = was + 100;
    });
  });
  const auto e = edit(d, numbers(9, 2, 10));
  CHECK(records_of(*e.batch) == std::vector<int>{110, 111, 112, 114, 115, 116, 118});
  CHECK(ids({e.batch}).back() == record_id{2, 18, 0});
  CHECK(e.failed == std::vector<std::uint32_t>{0, 1});
  REQUIRE(e.failed_input);
  CHECK(records_of(*e.failed_input) == std::vector<int>{13, 17});
  CHECK(ids({e.failed_input}) == std::vector<record_id>{{2, 13, 0}, {2, 17, 0}});
}

TEST_CASE("an update and a filter may fail a record by value in place") {
  const auto update = node_of([](auto s) {
    (void)s.update("node", [](int& x) -> result<> {
      x += 1;
      if (x == 3)
        return permanent("three");
      return {};
    });
  });
  const auto e = edit(update, numbers(4));
  CHECK(records_of(*e.batch) == std::vector<int>{1, 2, 4});
  CHECK(records_of(*e.failed_input) == std::vector<int>{2});
  const auto filter = node_of([](auto s) {
    (void)s.filter("node",
                   [](const int& x) -> bool { return x == 1 ? throw std::runtime_error("one") : x > 1; });
  });
  const auto f = edit(filter, numbers(4));
  CHECK(records_of(*f.batch) == std::vector<int>{2, 3});
  CHECK(records_of(*f.failed_input) == std::vector<int>{1});
  CHECK(f.filtered == 1);
}

TEST_CASE("ordinals of a flat map's records stay with their records in place") {
  batch_builder builder{record_type_of<int>(), 4, 1, 20, {}, nullptr};
  for (int i = 0; i < 4; ++i) {
    ::new (builder.slot()) int(i);
    builder.commit(0, mix_ordinal(0, static_cast<std::uint64_t>(i)));
  }
  const auto in = builder.seal();
  const auto before = ids({in});
  const auto d = node_of([](auto s) { (void)s.filter("node", [](const int& x) { return x > 1; }); });
  const auto e = edit(d, in);
  CHECK(ids({e.batch}) == std::vector<record_id>{before[2], before[3]});
}

TEST_CASE(
    "a chain of more steps that may throw, and one that makes another type, leaves its input as it was") {
  const auto adds = node_of(
      [](auto s) { (void)s.update("node", [](int& x) { ++x; }).filter([](const int&) { return true; }); });
  const auto copies = node_of([](auto s) { (void)s.map("node", [](const int& x) noexcept { return x; }); });
  for (const auto& d : {adds, copies}) {
    CHECK_FALSE(d.in_place);
    one_worker w{d};
    const auto in = numbers(300, 0);
    const auto& scope = w.run(in, 0, in->size(), [](auto& s) { s.exclusive = true; });
    CHECK_FALSE(scope.spent);
    CHECK(records_of(*in) == records_of(*numbers(300, 0)));
    CHECK(w.made<int>().size() == 300);
  }
}

TEST_CASE("a chain in which nothing can fail changes a batch that nobody else reads on its way") {
  const auto d = node_of([](auto s) {
    (void)s.update("node", [](int& x) noexcept { x += 1000; }).filter([](const int& x) noexcept {
      return x % 2 == 1;
    });
  });
  CHECK(d.in_place);
  std::vector<int> expected;
  for (int i = 1; i < 300; i += 2)
    expected.push_back(1000 + i);
  for (const bool alone : {true, false}) {
    one_worker w{d};
    const auto in = numbers(300, 0);
    const auto& scope = w.run(in, 0, in->size(), [&](auto& s) { s.exclusive = alone; });
    CHECK(scope.spent == alone);
    CHECK_FALSE(scope.in_place); // the output is a batch of its own
    CHECK(scope.filtered == 150);
    CHECK(w.made<int>() == expected);
    CHECK(in->as<int>()[1] == (alone ? 1001 : 1)); // others would see it
    CHECK(in->id(1).position == 1);
  }
}

TEST_CASE("so does one that delivers") {
  int sum = 0;
  const auto d = node_of([&sum](auto s) {
    std::move(s)
        .update("node", [](int& x) noexcept { x *= 2; })
        .filter([](const int& x) noexcept { return x < 100; })
        .to([&sum](const int& x, worker_context&) noexcept { sum += x; });
  });
  CHECK(d.in_place);
  const auto may_throw = node_of([&sum](auto s) {
    std::move(s).update("node", [](int& x) noexcept { x *= 2; }).to([&sum](const int& x) { sum += x; });
  });
  CHECK_FALSE(may_throw.in_place);
  for (const bool alone : {true, false}) {
    sum = 0;
    one_worker w{d};
    const auto in = numbers(200, 0);
    const auto& scope = w.run(in, 0, in->size(), [&](auto& s) { s.exclusive = alone; });
    CHECK(scope.spent == alone);
    CHECK(sum == 49 * 50); // 2 * (0 + ... + 49)
    CHECK(in->as<int>()[10] == (alone ? 20 : 10));
  }
}
