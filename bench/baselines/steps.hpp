#pragma once

// The steps of the pipeline over a batch, for all baselines: loops without calls, in place, a filter that
// copies without a branch (half of the records are kept: a branch would be wrong every second time).
// `compact_if` is the filter as one writes it first.

#include <bench/workloads/record.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace weir::bench {

/// Room for `capacity` records; used again and again, never copied.
class buffer {
 public:
  explicit buffer(std::size_t capacity) : records_(capacity) {}
  record* data() noexcept { return records_.data(); }
  std::size_t capacity() const noexcept { return records_.size(); }
  std::size_t size = 0;
  bool last = false; ///< no more come

 private:
  std::vector<record> records_;
};

/// Records [first, first + n), n at most the capacity.
inline void fill(buffer& b, std::uint64_t first, std::uint64_t n) noexcept {
  record* const r = b.data();
  for (std::uint64_t i = 0; i < n; ++i)
    make_record(first + i, r[i]);
  b.size = n;
}

inline void mix_all(buffer& b) noexcept {
  record* const r = b.data();
  for (std::size_t i = 0; i < b.size; ++i)
    mix(r[i]);
}

inline void compact(buffer& b) noexcept {
  record* const r = b.data();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < b.size; ++i) {
    const bool stays = keep(r[i]);
    r[kept] = r[i];
    kept += stays ? 1 : 0;
  }
  b.size = kept;
}

inline void compact_if(buffer& b) noexcept {
  record* const r = b.data();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < b.size; ++i)
    if (keep(r[i]))
      r[kept++] = r[i];
  b.size = kept;
}

inline void add_all(totals& t, buffer& b) noexcept {
  totals mine = t; // in registers
  const record* const r = b.data();
  for (std::size_t i = 0; i < b.size; ++i)
    mine.add(r[i]);
  t = mine;
}

/// Fills `a` and `b` with the records of each half of the keys until one is full or `end` is reached; returns
/// the next record. Makes runs of 128 before it splits them: to copy a record just written stalls.
inline std::uint64_t fill_by_key(buffer& a, buffer& b, std::uint64_t next, std::uint64_t end) noexcept {
  constexpr std::uint64_t run = 128;
  record made[run];
  record* to[2] = {a.data() + a.size, b.data() + b.size};
  record* const stop[2] = {a.data() + a.capacity(), b.data() + b.capacity()};
  for (;;) {
    const std::uint64_t n = std::min({run, end - next, static_cast<std::uint64_t>(stop[0] - to[0]),
                                      static_cast<std::uint64_t>(stop[1] - to[1])});
    if (n == 0)
      break;
    for (std::uint64_t i = 0; i < n; ++i)
      make_record(next + i, made[i]);
    for (std::uint64_t i = 0; i < n; ++i)
      *to[half_of(made[i].key)]++ = made[i];
    next += n;
  }
  a.size = static_cast<std::size_t>(to[0] - a.data());
  b.size = static_cast<std::size_t>(to[1] - b.data());
  return next;
}

} // namespace weir::bench
