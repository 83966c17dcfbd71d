#pragma once

// Copies records that are whole cache lines. With plain loops a line is written in four pieces, and each
// record then waits for the line to come from the core that read it last; written by one store where the
// processor has one so wide (AVX-512), it costs a tenth less of a whole keyed stream (weir-bench run keyed).

#include <cstddef>
#include <cstdint>

namespace weir::detail {

inline constexpr std::size_t cache_line = 64;

/// to[i] = from[index[i]] of plain data; records of `lines` times 64 bytes.
void gather_lines(void* to, const void* from, const std::uint32_t* index, std::size_t count,
                  std::size_t lines) noexcept;

} // namespace weir::detail
