#pragma once

// Hashes that are part of what Weir writes down: key groups, record ids, checksums. They are XXH3-64 with
// seed 0 (libxxhash) and are frozen by a test vector: changing one breaks checkpoints and clusters of mixed
// versions.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir {

/// XXH3-64, seed 0, of `size` bytes.
std::uint64_t hash_bytes(const void* data, std::size_t size) noexcept;

inline std::uint64_t hash_bytes(std::string_view bytes) noexcept {
  return hash_bytes(bytes.data(), bytes.size());
}

/// Mixes a child's ordinal into its parent's (the finaliser of SplitMix64): cheap, stable, not cryptographic.
constexpr std::uint64_t mix_ordinal(std::uint64_t parent, std::uint64_t child) noexcept {
  std::uint64_t x = parent * 0x9e3779b97f4a7c15ULL + child + 1;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

} // namespace weir
