#include <tests/support/catch.hpp>
#include <weir/base/hash.hpp>

#include <set>
#include <string>

using namespace weir;

TEST_CASE("hash_bytes is XXH3-64 with seed 0, frozen") {
  // The first two are XXH3's published values. Checkpoints and clusters depend on all of them: never change
  // one.
  CHECK(hash_bytes("") == 0x2d06800538d394c2ULL);
  CHECK(hash_bytes("a") == 0xe6c632b61e964e1fULL);
  CHECK(hash_bytes("weir") == 0x09831dc741817118ULL);
  CHECK(hash_bytes("The quick brown fox jumps over the lazy dog") == 0xce7d19a5418fb365ULL);
  CHECK(hash_bytes(std::string_view{"a\0b", 3}) != hash_bytes("a"));
}

TEST_CASE("mix_ordinal is frozen") {
  CHECK(mix_ordinal(0, 0) == 0x5692161d100b05e5ULL);
  CHECK(mix_ordinal(0, 1) == 0xdbd238973a2b148aULL);
  CHECK(mix_ordinal(1, 0) == 0x910a2dec89025cc1ULL);
}

TEST_CASE("ordinals of children and grandchildren are all distinct and never 0") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t child = 0; child < 300; ++child) {
    const auto parent = mix_ordinal(0, child);
    CHECK(parent != 0);
    CHECK(seen.insert(parent).second);
    for (std::uint64_t grandchild = 0; grandchild < 300; ++grandchild)
      seen.insert(mix_ordinal(parent, grandchild));
  }
  CHECK(seen.size() == 300 * 301);
  CHECK_FALSE(seen.contains(0));
}

TEST_CASE("the hash of an integer is that of its eight bytes") {
  std::uint64_t x = 1;
  for (int i = 0; i < 1000; ++i) {
    unsigned char bytes[8];
    for (int b = 0; b < 8; ++b)
      bytes[b] = static_cast<unsigned char>(x >> (8 * b));
    REQUIRE(hash_integer(x) == hash_bytes(bytes, 8));
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
  }
  CHECK(hash_integer(0) == hash_bytes("\0\0\0\0\0\0\0\0", 8));
}
