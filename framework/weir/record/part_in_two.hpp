#pragma once

// Sorts the places of a block's records by which of two lanes they go to, without a branch: no processor
// foresees a key's hash. Sixteen places at a time where the processor has AVX-512.

#include <cstddef>
#include <cstdint>

namespace weir::detail {

/// Both lists of places have room for so many more than there are records.
inline constexpr std::size_t part_slack = 16;

/// Writes the places i < count with lanes[i] == 0 to `first`, the others to `second`, rising; answers how
/// many `first` has. What lies behind them in a list is undefined.
std::uint32_t part_in_two(const std::uint8_t* lanes, std::uint32_t count, std::uint32_t* first,
                          std::uint32_t* second) noexcept;

} // namespace weir::detail
