#include <weir/record/gather.hpp>

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace weir::detail {

namespace {

using gather_call = void (*)(std::byte* to, const std::byte* from, const std::uint32_t* index,
                             std::size_t count, std::size_t lines) noexcept;

void gather_pieces(std::byte* to, const std::byte* from, const std::uint32_t* index, std::size_t count,
                   std::size_t lines) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t l = 0; l < lines; ++l, to += cache_line)
      std::memcpy(to, from + (index[i] * lines + l) * cache_line, cache_line);
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void gather_whole(std::byte* to, const std::byte* from,
                                                     const std::uint32_t* index, std::size_t count,
                                                     std::size_t lines) noexcept {
  if (lines == 1) { // most often; the loop below takes twice as long for it
    for (std::size_t i = 0; i < count; ++i)
      _mm512_storeu_si512(to + i * cache_line, _mm512_loadu_si512(from + index[i] * cache_line));
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t l = 0; l < lines; ++l, to += cache_line)
      _mm512_storeu_si512(to, _mm512_loadu_si512(from + (index[i] * lines + l) * cache_line));
}

gather_call best() noexcept { return __builtin_cpu_supports("avx512f") != 0 ? gather_whole : gather_pieces; }
#else
gather_call best() noexcept { return gather_pieces; }
#endif

} // namespace

void gather_lines(void* to, const void* from, const std::uint32_t* index, std::size_t count,
                  std::size_t lines) noexcept {
  static const gather_call chosen = best();
  chosen(static_cast<std::byte*>(to), static_cast<const std::byte*>(from), index, count, lines);
}

} // namespace weir::detail
