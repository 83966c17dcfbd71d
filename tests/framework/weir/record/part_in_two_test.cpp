#include <tests/support/catch.hpp>
#include <weir/record/part_in_two.hpp>

#include <cstdint>
#include <random>
#include <vector>

using namespace weir::detail;

TEST_CASE("places are listed by lane, rising, for blocks of any size") {
  std::minstd_rand random{1};
  for (std::uint32_t count = 0; count <= 130; ++count)
    for (const unsigned second_in_ten : {0U, 5U, 10U}) {
      std::vector<std::uint8_t> lanes(count);
      std::vector<std::uint32_t> expected[2];
      for (std::uint32_t i = 0; i < count; ++i) {
        lanes[i] = random() % 10 < second_in_ten ? 1 : 0;
        expected[lanes[i]].push_back(i);
      }
      std::vector<std::uint32_t> first(count + part_slack);
      std::vector<std::uint32_t> second(count + part_slack);
      const std::uint32_t found = part_in_two(lanes.data(), count, first.data(), second.data());
      REQUIRE(found == expected[0].size());
      first.resize(found);
      second.resize(count - found);
      CHECK(first == expected[0]);
      CHECK(second == expected[1]);
    }
}
