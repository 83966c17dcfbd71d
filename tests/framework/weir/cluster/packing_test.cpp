#include <tests/support/catch.hpp>

#include <weir/cluster/packing.hpp>

#include <cstring>
#include <random>
#include <string>

using namespace weir::cluster;

namespace {

bytes of(const std::string& text) {
  bytes made(text.size());
  std::memcpy(made.data(), text.data(), text.size());
  return made;
}

bytes noise(std::size_t size) {
  std::mt19937 random{7};
  bytes made(size);
  for (auto& b : made)
    b = static_cast<std::byte>(random());
  return made;
}

bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

constexpr std::size_t enough = 1U << 20U;

} // namespace

TEST_CASE("a body that repeats itself travels small and comes out as it was") {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "{\"text\":\"the same words again, number " + std::to_string(i) + "\"}";
  const bytes body = of(text);
  bytes there;
  const auto packed = pack(body, there);
  CHECK(packed.bytes.size() < body.size() / 4);
  CHECK(packed.plain == body.size());
  bytes back;
  const auto all = unpack(packed, enough, back);
  REQUIRE(all);
  CHECK(same(*all, body));
}

TEST_CASE("what is small, or does not shrink, travels as it is and is not copied") {
  for (const bytes& body : {of("short"), noise(10'000), bytes{}}) {
    bytes there;
    const auto packed = pack(body, there);
    CHECK(packed.plain == 0);
    CHECK(packed.bytes.data() == body.data());
    bytes back;
    const auto all = unpack(packed, enough, back);
    REQUIRE(all);
    CHECK(all->data() == body.data());
    CHECK(all->size() == body.size());
  }
}

TEST_CASE("what nobody packed is refused, and takes no more memory than allowed") {
  const bytes body(100'000, std::byte{7});
  bytes there;
  auto packed = pack(body, there);
  bytes back;
  CHECK_FALSE(unpack(packed, body.size() - 1, back)); // larger than allowed
  CHECK(back.capacity() == 0);
  packed.plain += 1; // not its size
  CHECK_FALSE(unpack(packed, enough, back));
  packed.plain -= 2;
  CHECK_FALSE(unpack(packed, enough, back));
  const bytes garbage = noise(1'000);
  CHECK_FALSE(unpack({garbage, 2'000}, enough, back));
  CHECK_FALSE(unpack({{}, 2'000}, enough, back));
}
