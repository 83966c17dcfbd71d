#pragma once

// A histogram of durations with buckets that grow by 1/8 of a power of two: quantiles never too low and at
// most an eighth too high, 4 KiB, no lock. (After HdrHistogram's layout; Debian 12 has no package of it.)
// record() from any thread, reads are approximate while others record.

#include <weir/base/clock.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

/// A histogram at one moment: how many values lie in each bucket that has any, by its upper end.
struct distribution {
  struct bucket {
    duration upper{0};
    std::uint64_t count = 0;
  };
  std::vector<bucket> buckets; ///< rising, none empty

  std::uint64_t count() const noexcept { return at_most(duration::max()); }
  /// Values in buckets that end at or below `bound`.
  std::uint64_t at_most(duration bound) const noexcept {
    std::uint64_t n = 0;
    for (const bucket& b : buckets)
      n += b.upper <= bound ? b.count : 0;
    return n;
  }
  /// At most an eighth more than the true sum.
  duration sum() const noexcept {
    duration all{0};
    for (const bucket& b : buckets)
      all += b.upper * static_cast<duration::rep>(b.count);
    return all;
  }
  /// As histogram::quantile.
  duration quantile(double q) const noexcept {
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count())));
    std::uint64_t seen = 0;
    for (const bucket& b : buckets) {
      seen += b.count;
      if (seen >= rank)
        return b.upper;
    }
    return duration{0};
  }
  /// What came after `before`, an earlier reading of the same histogram.
  distribution since(const distribution& before) const {
    distribution made;
    std::size_t i = 0;
    for (const bucket& b : buckets) {
      while (i < before.buckets.size() && before.buckets[i].upper < b.upper)
        ++i;
      const bool known = i < before.buckets.size() && before.buckets[i].upper == b.upper;
      const std::uint64_t n = b.count - (known ? std::min(b.count, before.buckets[i].count) : 0);
      if (n > 0)
        made.buckets.push_back({b.upper, n});
    }
    return made;
  }
};

class histogram {
 public:
  void record(duration value, std::uint64_t times = 1) noexcept {
    buckets_[bucket(value)].fetch_add(times, std::memory_order_relaxed);
  }
  std::uint64_t count() const noexcept {
    std::uint64_t n = 0;
    for (const auto& b : buckets_)
      n += b.load(std::memory_order_relaxed);
    return n;
  }
  /// The duration that a share `q` (0 to 1) of the values does not exceed; zero when empty.
  duration quantile(double q) const noexcept {
    const auto all = count();
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(all)));
    std::uint64_t seen = 0;
    std::size_t last = 0;
    for (std::size_t b = 0; b < buckets_.size(); ++b) {
      const auto n = buckets_[b].load(std::memory_order_relaxed);
      seen += n;
      if (n > 0)
        last = b;
      if (n > 0 && seen >= rank)
        break;
    }
    return upper(last);
  }
  distribution read() const {
    distribution made;
    for (std::size_t b = 0; b < buckets_.size(); ++b)
      if (const auto n = buckets_[b].load(std::memory_order_relaxed); n > 0)
        made.buckets.push_back({upper(b), n});
    return made;
  }
  void add(const histogram& other) noexcept {
    for (std::size_t b = 0; b < buckets_.size(); ++b)
      buckets_[b].fetch_add(other.buckets_[b].load(std::memory_order_relaxed), std::memory_order_relaxed);
  }

 private:
  static constexpr unsigned steps_log2 = 3;
  static std::size_t bucket(duration value) noexcept {
    const auto v = static_cast<std::uint64_t>(value.count() > 0 ? value.count() : 0);
    if (v < (1U << steps_log2))
      return v;
    const unsigned power = 63U - static_cast<unsigned>(std::countl_zero(v));
    return ((power - steps_log2 + 1U) << steps_log2) +
           ((v >> (power - steps_log2)) & ((1U << steps_log2) - 1U));
  }
  static duration upper(std::size_t b) noexcept {
    if (b < (1U << steps_log2))
      return duration{static_cast<duration::rep>(b)};
    const std::size_t shift = (b >> steps_log2) - 1;
    const std::uint64_t step = (b & ((1U << steps_log2) - 1U)) + (1U << steps_log2);
    return duration{static_cast<duration::rep>(((step + 1) << shift) - 1)};
  }
  std::array<std::atomic<std::uint64_t>, 62 << steps_log2> buckets_{};
};

} // namespace weir
