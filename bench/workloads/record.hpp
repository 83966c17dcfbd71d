#pragma once

// The record of all throughput workloads and what is done with it: the same functions in Weir's variants and
// in every baseline. Each step touches every record. What comes out (count, sum, xor) does not depend on the
// order of the records, so every variant is checked against the plain loop.

#include <boost/describe/class.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::bench {

struct record {
  std::uint64_t key = 0;
  std::uint64_t ts = 0;
  double value = 0;
  char payload[40] = {};
};
BOOST_DESCRIBE_STRUCT(record, (), (key, ts, value, payload))
static_assert(sizeof(record) == 64);

constexpr std::uint64_t distinct_keys = 10'000;
constexpr std::uint32_t window_records = 100;

/// splitmix64: a number that looks random from one that counts.
inline std::uint64_t scatter(std::uint64_t x) noexcept {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

/// The source: fills all 64 bytes of record `i`.
inline void make_record(std::uint64_t i, record& r) noexcept {
  r.key = scatter(i) % distinct_keys;
  r.ts = i;
  r.value = static_cast<double>(i & 1023U);
  std::memcpy(r.payload, &i, sizeof i);
  std::memset(r.payload + 8, 0, 32);
}

/// The map: 14 rounds of a hash over key and time; about 12 ns in a batch, 33 ns as a chain.
inline void mix(record& r) noexcept {
  std::uint64_t h = r.key ^ (r.ts << 20U);
  for (int round = 0; round < 14; ++round) {
    h ^= h >> 29U;
    h *= 0xff51afd7ed558ccdU;
    h ^= h >> 32U;
    asm("" : "+r"(h)); // or the compiler vectorises the work away in loops over a batch, and only there
  }
  r.value *= 2.0;
  std::memcpy(r.payload + 8, &h, sizeof h);
}

/// The filter: half of the records, in an order that no processor predicts.
inline bool keep(const record& r) noexcept {
  std::uint64_t h = 0;
  std::memcpy(&h, r.payload + 8, sizeof h);
  return (h & 1U) != 0;
}

/// About 2 us of arithmetic that nothing shortens.
inline void work_hard(record& r) noexcept {
  double v = r.value * 1e-3 + 1.0;
  for (int i = 0; i < 844; ++i)
    v = v * 0.9999999 + 1e-7;
  r.value = v;
}

/// What arrives at the end: the sum.
struct totals {
  double sum = 0;
  std::uint64_t count = 0;
  std::uint64_t mixed = 0;

  void add(const record& r) noexcept {
    sum += r.value;
    ++count;
    std::uint64_t number = 0;
    std::memcpy(&number, r.payload, sizeof number);
    mixed ^= number;
  }
  void add(const totals& other) noexcept {
    sum += other.sum;
    count += other.count;
    mixed ^= other.mixed;
  }
};

/// Throws unless both are the same; sums may differ by rounding.
inline void expect(const totals& seen, const totals& expected) {
  if (seen.count != expected.count || seen.mixed != expected.mixed ||
      !(std::abs(seen.sum - expected.sum) <= 1e-9 * std::abs(expected.sum)))
    throw std::runtime_error("count " + std::to_string(seen.count) + " and sum " + std::to_string(seen.sum) +
                             " came out, where the loop has " + std::to_string(expected.count) + " and " +
                             std::to_string(expected.sum));
}

/// A window that is full.
struct window_sum {
  std::uint64_t key = 0;
  double sum = 0;
};

/// Sums windows as `totals` sums records.
inline void add_window(totals& t, const window_sum& w) noexcept {
  t.sum += w.sum;
  ++t.count;
}

/// Which of two workers has this key.
inline std::uint32_t half_of(std::uint64_t key) noexcept {
  return static_cast<std::uint32_t>((key * 0xff51afd7ed558ccdU) >> 63U);
}

/// Windows of 100 records a key, in a flat table with open addressing. What is left in half full windows at
/// the end is dropped.
class key_windows {
 public:
  template <class Emit>
  void add(const record& r, Emit&& emit) {
    const std::uint64_t wanted = r.key + 1; // 0 is a free slot
    for (std::uint64_t at = (wanted * 0x9e3779b97f4a7c15U) >> 40U;; ++at) {
      slot& s = slots_[at & (slots - 1)];
      if (s.key != wanted && s.key != 0)
        continue;
      s.key = wanted;
      s.sum += r.value;
      if (++s.count == window_records) {
        emit(window_sum{r.key, s.sum});
        s.count = 0;
        s.sum = 0;
      }
      return;
    }
  }

 private:
  struct slot {
    std::uint64_t key = 0;
    double sum = 0;
    std::uint32_t count = 0;
  };
  static constexpr std::size_t slots = 32'768; // written down: a vector's own size is read anew each time
  std::vector<slot> slots_ = std::vector<slot>(slots);
};

} // namespace weir::bench
