#include <weir/base/hash.hpp>

#include <xxhash.h>

namespace weir {

std::uint64_t hash_bytes(const void* data, std::size_t size) noexcept { return XXH3_64bits(data, size); }

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("arch=x86-64-v4", "default")))
#endif
void hash_integers(const std::uint64_t* values, std::size_t count, std::uint16_t* low) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    low[i] = static_cast<std::uint16_t>(hash_integer(values[i]));
}

} // namespace weir
