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

/// hash_bytes of the eight bytes of `value`, little-endian, in line: XXH3's case for inputs of 4 to 8 bytes
/// (Y. Collet, xxHash specification 0.2.0), with the first words of its default secret.
constexpr std::uint64_t hash_integer(std::uint64_t value) noexcept {
  constexpr std::uint64_t secret = 0x1cad21f72c81017cULL ^ 0xdb979083e96dd4deULL;
  std::uint64_t h = ((value << 32U) | (value >> 32U)) ^ secret;
  h ^= ((h << 49U) | (h >> 15U)) ^ ((h << 24U) | (h >> 40U));
  h *= 0x9fb21c651e98df25ULL;
  h ^= (h >> 35U) + 8;
  h *= 0x9fb21c651e98df25ULL;
  return h ^ (h >> 28U);
}

/// low[i] becomes the low 16 bits of hash_integer(values[i]): several at once where the processor can.
void hash_integers(const std::uint64_t* values, std::size_t count, std::uint16_t* low) noexcept;

/// Mixes a child's ordinal into its parent's (the finaliser of SplitMix64): cheap, stable, not cryptographic.
constexpr std::uint64_t mix_ordinal(std::uint64_t parent, std::uint64_t child) noexcept {
  std::uint64_t x = parent * 0x9e3779b97f4a7c15ULL + child + 1;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

} // namespace weir
