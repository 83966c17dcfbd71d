#include <tests/support/catch.hpp>
#include <weir/record/gather.hpp>
#include <weir/record/record_type.hpp>

#include <array>
#include <cstdint>
#include <vector>

using namespace weir;

namespace {

/// A record of `Lines` cache lines, each word another.
template <std::size_t Lines>
struct lined {
  std::array<std::uint64_t, 8 * Lines> words;
  friend bool operator==(const lined&, const lined&) = default;
};

template <std::size_t Lines>
void gathers() {
  std::vector<lined<Lines>> from(200);
  std::uint64_t next = 0;
  for (auto& r : from)
    for (auto& w : r.words)
      w = ++next;
  const std::vector<std::uint32_t> index{0, 1, 7, 8, 64, 120, 199};
  std::vector<lined<Lines>> to(index.size() + 1);
  record_type_of<lined<Lines>>().gather(to.data(), from.data(), index.data(), index.size());
  for (std::size_t i = 0; i < index.size(); ++i)
    CHECK(to[i] == from[index[i]]);
  CHECK(to.back() == lined<Lines>{}); // nothing beyond
}

} // namespace

TEST_CASE("records of whole cache lines are gathered word for word, and nothing beyond them is written") {
  gathers<1>();
  gathers<2>();
  gathers<4>();
}
