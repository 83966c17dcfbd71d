#include <tests/framework/weir/support/batches.hpp>
#include <tests/framework/weir/support/tracked.hpp>
#include <tests/support/catch.hpp>
#include <weir/record/batch.hpp>
#include <weir/record/records.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace weir;
using namespace weir_tests;

TEST_CASE("records of a batch are destroyed exactly once, when the last pointer goes") {
  const auto live = batch::live();
  {
    auto b = batch_of<tracked>({1, 2, 3});
    CHECK(batch::live() == live + 1);
    CHECK(tracked::alive == 3);
    batch_ptr other = b;
    b.reset();
    CHECK(tracked::alive == 3);
    CHECK(other->as<tracked>()[2].number == 3);
  }
  CHECK(tracked::alive == 0);
  CHECK(batch::live() == live);
}

TEST_CASE("a builder that is never sealed destroys what it holds") {
  const auto live = batch::live();
  {
    batch_builder b{record_type_of<tracked>(), 4, 0, 0, {}, nullptr};
    ::new (b.slot()) tracked{1};
    b.commit(0);
    ::new (b.slot()) tracked{2};
    b.commit(1);
    CHECK(tracked::alive == 2);
  }
  CHECK(tracked::alive == 0);
  CHECK(batch::live() == live);
}

TEST_CASE("a builder can be moved, and what it held before is destroyed") {
  const auto live = batch::live();
  {
    batch_builder a{record_type_of<tracked>(), 4, 0, 0, {}, nullptr};
    ::new (a.slot()) tracked{1};
    a.commit(0);
    batch_builder b{std::move(a)};
    CHECK_FALSE(a); // NOLINT(bugprone-use-after-move): empty is what it is then
    CHECK(b.size() == 1);
    batch_builder c{record_type_of<tracked>(), 4, 0, 0, {}, nullptr};
    ::new (c.slot()) tracked{2};
    c.commit(0);
    b = std::move(c);
    CHECK(b.size() == 1);
  }
  CHECK(tracked::alive == 0);
  CHECK(batch::live() == live);
}

TEST_CASE("truncate destroys the records it forgets and their bytes") {
  batch_builder b{record_type_of<std::string>(), 8, 0, 0, {}, nullptr};
  for (std::uint32_t i = 0; i < 5; ++i) {
    auto* s = ::new (b.slot()) std::string(100 * (i + 1), 'x');
    b.add_bytes(byte_size(*s));
    b.commit(i, i + 10);
  }
  const auto all = b.bytes();
  b.truncate(9); // more than there are: nothing
  CHECK(b.bytes() == all);
  b.truncate(2);
  CHECK(b.size() == 2);
  auto sealed = b.seal();
  CHECK_FALSE(b);
  CHECK(sealed->size() == 2);
  CHECK(sealed->bytes() == byte_size(std::string(100, 'x')) + byte_size(std::string(200, 'x')));
  CHECK(sealed->ordinal(1) == 11);
}

TEST_CASE("a record's id is its source, its position and its ordinal") {
  batch_builder b{record_type_of<int>(), 4, 3, 1'000'000'000'000ULL, {}, nullptr};
  for (const std::uint32_t offset : {0U, 7U, 4'000'000'000U}) {
    ::new (b.slot()) int(1);
    b.commit(offset, 0);
  }
  CHECK(b.seal()->id(2) == record_id{3, 1'004'000'000'000ULL, 0});
}

TEST_CASE("records that came before the first ordinal keep ordinal 0") {
  batch_builder b{record_type_of<int>(), 4, 0, 0, {}, nullptr};
  for (const std::uint64_t ordinal : {0, 0, 9, 0}) {
    ::new (b.slot()) int(1);
    b.commit(b.size(), ordinal);
  }
  const auto sealed = b.seal();
  REQUIRE(sealed->has_ordinals());
  CHECK(sealed->ordinal(0) == 0);
  CHECK(sealed->ordinal(2) == 9);
  CHECK(sealed->id(3) == record_id{0, 3, 0});
}

TEST_CASE("an id prints as source and position, with the ordinal in hexadecimal") {
  CHECK(to_string(record_id{0, 12, 0}, "reviews") == "reviews:12");
  CHECK(to_string(record_id{0, 12, 0xBEEF}, "reviews") == "reviews:12.beef");
  CHECK(to_string(record_id{0, ~0ULL, ~0ULL}, "r") == "r:18446744073709551615.ffffffffffffffff");
}

TEST_CASE("a sealed batch charges the budget with its records and releases it at its end") {
  const auto budget = std::make_shared<byte_budget>(1'000'000);
  auto text = batch_of<std::string>({std::string(1000, 'x'), "short"}, 0, 0, budget);
  CHECK(text->bytes() == byte_size(std::string(1000, 'x')) + sizeof(std::string));
  CHECK(budget->used() == text->bytes());
  auto plain = batch_of<int>({1, 2, 3}, 0, 0, budget);
  CHECK(plain->bytes() == 3 * sizeof(int));
  CHECK(budget->used() == text->bytes() + 3 * sizeof(int));
  text.reset();
  CHECK(budget->used() == 3 * sizeof(int));
  plain.reset();
  CHECK(budget->used() == 0);
}

TEST_CASE("a record type aligned to a cache line is aligned in its batch") {
  struct alignas(64) line {
    int number;
  };
  const auto b = batch_of<line>({{1}, {2}, {3}});
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(reinterpret_cast<std::uintptr_t>(b->record(i)) % 64 == 0);
    CHECK(b->as<line>()[i].number == static_cast<int>(i) + 1);
  }
}

TEST_CASE("records of odd sizes do not overlap their offsets") {
  struct odd {
    char bytes[7];
  };
  batch_builder b{record_type_of<odd>(), 1000, 0, 0, {}, nullptr};
  for (std::uint32_t i = 0; i < 1000; ++i) {
    auto* o = ::new (b.slot()) odd{};
    for (auto& c : o->bytes)
      c = static_cast<char>(i);
    b.commit(i * 3);
  }
  const auto sealed = b.seal();
  for (std::uint32_t i = 0; i < 1000; ++i) {
    REQUIRE(sealed->as<odd>()[i].bytes[6] == static_cast<char>(i));
    REQUIRE(sealed->offset(i) == i * 3);
  }
}

TEST_CASE("batches may be dropped by other threads than those that made them") {
  const auto live = batch::live();
  for (int round = 0; round < 50; ++round) {
    auto b = batch_of<tracked>({1, 2, 3, 4});
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([mine = b]() mutable { mine.reset(); });
    b.reset();
    for (auto& t : threads)
      t.join();
  }
  CHECK(tracked::alive == 0);
  CHECK(batch::live() == live);
}

TEST_CASE("a task sees its slice of the batch with ids") {
  const auto b = numbers(10, 2, 100);
  const records<int> slice{*b, 3, 6};
  CHECK(slice.size() == 3);
  CHECK_FALSE(slice.empty());
  CHECK(slice[0] == 103);
  CHECK(std::vector<int>(slice.begin(), slice.end()) == std::vector<int>{103, 104, 105});
  CHECK(slice.span().size() == 3);
  CHECK(slice.id(2) == record_id{2, 105, 0});
  CHECK(records<int>{*b, 4, 4}.empty());
}

TEST_CASE("byte_size counts the heap of strings, containers, optionals and described structs") {
  CHECK(byte_size(7) == sizeof(int));
  CHECK(byte_size(std::string("short")) == sizeof(std::string));
  CHECK(byte_size(std::string(1000, 'x')) >= sizeof(std::string) + 1000);
  CHECK(byte_size(std::vector<int>(100)) == sizeof(std::vector<int>) + 100 * sizeof(int));
  CHECK(byte_size(std::optional<std::string>{std::string(500, 'x')}) >= 500);
  CHECK(byte_size(std::optional<std::string>{}) == sizeof(std::optional<std::string>));
  CHECK(byte_size(std::vector<std::string>(3, std::string(100, 'x'))) >= 300);
}

TEST_CASE("positions without gaps take no room, and are written down at the first gap") {
  batch_builder builder{record_type_of<int>(), 20, 3, 100, {}, nullptr};
  const auto fill = [&](int n) {
    for (int i = 0; i < n; ++i)
      static_cast<int*>(builder.slot())[i] = i;
  };
  fill(5);
  builder.commit_run(0, 5);
  fill(1);
  builder.commit(5);
  fill(4);
  builder.commit_run(8, 4); // two positions were rejected
  const auto b = builder.seal();
  CHECK_FALSE(b->dense());
  REQUIRE(b->size() == 10);
  const std::vector<std::uint32_t> offsets{0, 1, 2, 3, 4, 5, 8, 9, 10, 11};
  for (std::uint32_t i = 0; i < 10; ++i)
    CHECK(b->id(i) == record_id{3, 100 + offsets[i], 0});
  batch_builder gapless{record_type_of<int>(), 4, 3, 0, {}, nullptr};
  gapless.commit_run(0, 4);
  CHECK(gapless.seal()->dense());
}

TEST_CASE("records made of others have the ids of those") {
  const auto from = numbers(10, 1, 40);
  batch_builder builder{record_type_of<int>(), 10, 1, 40, {}, nullptr};
  const std::vector<std::uint32_t> all{0, 1, 2};
  const std::vector<std::uint32_t> some{4, 7};
  builder.commit_from(*from, all.data(), 3);
  builder.commit_from(*from, some.data(), 2);
  builder.commit_from(*from, some.data(), 0);
  const auto b = builder.seal();
  const std::vector<std::uint64_t> positions{40, 41, 42, 44, 47};
  REQUIRE(b->size() == 5);
  for (std::uint32_t i = 0; i < 5; ++i)
    CHECK(b->id(i) == record_id{1, positions[i], 0});
}

TEST_CASE("a batch is unique until somebody else holds it") {
  const auto b = numbers(3);
  CHECK(b->unique());
  {
    const batch_ptr other{b.get()};
    CHECK_FALSE(b->unique());
    CHECK_FALSE(other->unique());
  }
  CHECK(b->unique());
}
