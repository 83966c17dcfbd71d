#include <weir/record/part_in_two.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace weir::detail {

namespace {

using part_call = std::uint32_t (*)(const std::uint8_t* lanes, std::uint32_t count, std::uint32_t* first,
                                    std::uint32_t* second) noexcept;

/// From place `i` on, the lists having `of_first` and i - of_first.
std::uint32_t part_rest(const std::uint8_t* lanes, std::uint32_t i, std::uint32_t count,
                        std::uint32_t of_first, std::uint32_t* first, std::uint32_t* second) noexcept {
  for (; i < count; ++i) {
    first[of_first] = i;
    second[i - of_first] = i;
    of_first += lanes[i] == 0 ? 1 : 0;
  }
  return of_first;
}

std::uint32_t part_singly(const std::uint8_t* lanes, std::uint32_t count, std::uint32_t* first,
                          std::uint32_t* second) noexcept {
  return part_rest(lanes, 0, count, 0, first, second);
}

#if defined(__x86_64__)
__attribute__((target("avx512f,popcnt"))) std::uint32_t part_by_sixteen(const std::uint8_t* lanes,
                                                                        std::uint32_t count,
                                                                        std::uint32_t* first,
                                                                        std::uint32_t* second) noexcept {
  constexpr __mmask16 all = 0xffff;
  const __m512i step = _mm512_set1_epi32(16);
  __m512i places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  std::uint32_t of_first = 0;
  std::uint32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512i lane = _mm512_maskz_cvtepu8_epi32(
        all, _mm_loadu_si128(reinterpret_cast<const __m128i*>(lanes + i))); // without a mask GCC 12 warns
    const __mmask16 in_first = _mm512_testn_epi32_mask(lane, lane);
    // Whole vectors are stored: compressing stores are slow on some processors.
    _mm512_storeu_si512(first + of_first, _mm512_maskz_compress_epi32(in_first, places));
    _mm512_storeu_si512(second + (i - of_first),
                        _mm512_maskz_compress_epi32(static_cast<__mmask16>(~in_first), places));
    of_first += static_cast<std::uint32_t>(__builtin_popcount(in_first));
    places = _mm512_add_epi32(places, step);
  }
  return part_rest(lanes, i, count, of_first, first, second);
}

part_call best() noexcept { return __builtin_cpu_supports("avx512f") != 0 ? part_by_sixteen : part_singly; }
#else
part_call best() noexcept { return part_singly; }
#endif

} // namespace

std::uint32_t part_in_two(const std::uint8_t* lanes, std::uint32_t count, std::uint32_t* first,
                          std::uint32_t* second) noexcept {
  static const part_call chosen = best();
  return chosen(lanes, count, first, second);
}

} // namespace weir::detail
