#include <apps/review_stream/deduplicate/first_of_id.hpp>

#include <tests/support/catch.hpp>

#include <string>

using weir::record_id;
using weir::reviews::recent_ids;

TEST_CASE("Of reviews with the same id the first one passes") {
  recent_ids known{100};
  CHECK(known.is_first("a", record_id{0, 1, 0}));
  CHECK(known.is_first("b", record_id{0, 2, 0}));
  CHECK_FALSE(known.is_first("a", record_id{0, 3, 0}));
  CHECK(known.is_first("", record_id{0, 4, 0}));
  CHECK_FALSE(known.is_first("", record_id{0, 5, 0}));
}

TEST_CASE("A record that is tried again is not its own repeat") {
  recent_ids known{100};
  CHECK(known.is_first("a", record_id{0, 1, 0}));
  CHECK(known.is_first("a", record_id{0, 1, 0}));
  CHECK_FALSE(known.is_first("a", record_id{1, 1, 0}));
}

TEST_CASE("The memory of ids is bounded, and keeps at least the newest half") {
  recent_ids known{1000};
  for (std::uint64_t i = 0; i < 10'000; ++i)
    REQUIRE(known.is_first("id-" + std::to_string(i), record_id{0, i, 0}));
  for (std::uint64_t i = 9'500; i < 10'000; ++i)
    CHECK_FALSE(known.is_first("id-" + std::to_string(i), record_id{1, i, 0}));
  CHECK(known.is_first("id-0", record_id{1, 0, 0})); // forgotten
}

TEST_CASE("A repeat that comes again and again stays known") {
  recent_ids known{10};
  CHECK(known.is_first("often", record_id{0, 0, 0}));
  int passed = 0;
  for (std::uint64_t i = 1; i <= 5; ++i)
    passed += known.is_first("often", record_id{0, i, 0}) ? 1 : 0;
  CHECK(passed == 0);
}
