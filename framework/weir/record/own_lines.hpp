#pragma once

// The lines of a batch that another core has read last belong to both: a store to one waits until the other
// has let go of it. A core that asks for them before it writes them does not wait, if it asks for them to be
// written: asked for to be read they come as shared lines, which is slower than not to ask at all (weir-bench
// run keyed).

#include <cstddef>

namespace weir::detail {

/// Begins to fetch the lines of [at, at + bytes) to be written by this core. Few at a time: what is fetched
/// should fit its nearest cache, beside the rest.
inline void own_lines(const void* at, std::size_t bytes) noexcept {
  constexpr std::size_t line = 64;
  const auto* const first = static_cast<const std::byte*>(at);
  for (std::size_t i = 0; i < bytes; i += line)
#if defined(__x86_64__)
    // The builtin means this instruction only where the compiler is told that there is one; a processor
    // without it does nothing here.
    asm volatile("prefetchw %0" : : "m"(first[i]));
#else
    __builtin_prefetch(first + i, 1);
#endif
}

} // namespace weir::detail
