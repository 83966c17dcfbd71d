#include <tests/framework/weir/support/batches.hpp>
#include <tests/framework/weir/support/tracked.hpp>
#include <tests/support/catch.hpp>
#include <weir/record/key.hpp>

#include <map>
#include <set>
#include <string>
#include <utility>

#include <boost/describe/class.hpp>

namespace weir_key_tests {
struct place {
  std::string country;
  int zone;
};
BOOST_DESCRIBE_STRUCT(place, (), (country, zone))
enum class side : std::int8_t { left = -1, right = 1 };
} // namespace weir_key_tests

using namespace weir;
using namespace weir_tests;

TEST_CASE("key groups are frozen: checkpoints and clusters depend on them") {
  CHECK(key_group_of(std::string("")) == 66);
  CHECK(key_group_of(std::string("a")) == 31);
  CHECK(key_group_of("weir") == 24);
  CHECK(key_group_of(std::string_view("alpha")) == 90);
  CHECK(key_group_of(std::string("Grüße")) == 88);
  CHECK(key_group_of("product-42") == 67);
  CHECK(key_group_of(0) == 89);
  CHECK(key_group_of(1) == 46);
  CHECK(key_group_of(-1) == 19);
  CHECK(key_group_of(42) == 72);
  CHECK(key_group_of(1'000'000'007) == 125);
  CHECK(key_group_of(INT64_MIN) == 95);
  CHECK(key_group_of(std::pair{std::string("de"), 7}) == 109);
  CHECK(key_group_of(std::pair{std::string("a"), std::string("bc")}) == 113);
  CHECK(key_group_of(std::pair{std::string("ab"), std::string("c")}) == 46);
}

TEST_CASE("the same key has the same group whatever its C++ type") {
  CHECK(key_group_of(std::int8_t{42}) == key_group_of(42));
  CHECK(key_group_of(std::uint64_t{42}) == key_group_of(42));
  CHECK(key_group_of(std::int16_t{-1}) == key_group_of(-1));
  CHECK(key_group_of(weir_key_tests::side::left) == key_group_of(-1));
  CHECK(key_group_of(weir_key_tests::place{"de", 7}) == key_group_of(std::pair{std::string("de"), 7}));
  CHECK(key_group_of(std::tuple{std::string_view("de"), 7L}) ==
        key_group_of(std::pair{std::string("de"), 7}));
}

TEST_CASE("every group has a worker and every worker, up to 128, has a group") {
  for (std::uint32_t workers = 1; workers <= key_groups; ++workers) {
    std::set<std::uint32_t> used;
    std::uint32_t last = 0;
    for (std::uint16_t group = 0; group < key_groups; ++group) {
      const auto w = worker_of_group(group, workers);
      REQUIRE(w < workers);
      REQUIRE(w >= last);
      last = w;
      used.insert(w);
    }
    REQUIRE(used.size() == workers);
  }
}

TEST_CASE("keys spread over the groups") {
  std::map<std::uint16_t, int> counts;
  for (int i = 0; i < 12'800; ++i)
    ++counts[key_group_of("customer-" + std::to_string(i))];
  CHECK(counts.size() == 128);
  for (const auto& [group, n] : counts) {
    CHECK(n > 50);
    CHECK(n < 160);
  }
}
