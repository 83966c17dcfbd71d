#pragma once

// When a pool between its least and most workers has one too many. A worker is added at once when records
// wait and all are busy (dispatcher::wants_worker); one is let go when over `interval` the others alone would
// have been busy less than `enough` of the time. The gap between the two, and an interval that begins anew
// with each change, keep a pool from swinging. Not thread-safe; its dispatcher's.

#include <weir/base/clock.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace weir::detail {

class pool_size {
 public:
  static constexpr duration interval = std::chrono::seconds{10};
  static constexpr double enough = 0.7;

  /// So many are busy from `now` on.
  void busy(std::uint32_t workers, time_point now) noexcept {
    if (!began_)
      began_ = now;
    else
      work_ += static_cast<double>((now - since_).count()) * busy_;
    since_ = now;
    busy_ = workers;
  }
  /// The pool has another size: what was measured says nothing about it.
  void changed(time_point now) noexcept {
    began_ = since_ = now;
    work_ = 0;
  }
  /// Are `workers` one too many? Begins a new interval when one is over.
  bool one_too_many(std::uint32_t workers, time_point now) noexcept {
    if (!began_ || now - *began_ < interval)
      return false;
    busy(busy_, now);
    mean_ = work_ / static_cast<double>((now - *began_).count());
    changed(now);
    return workers > 1 && mean_ < enough * (workers - 1);
  }
  /// How many were busy on average in the last interval that is over.
  double mean() const noexcept { return mean_; }
  /// When to ask again.
  std::optional<time_point> due() const noexcept {
    return began_ ? std::optional{*began_ + interval} : std::nullopt;
  }

 private:
  std::optional<time_point> began_; ///< the interval
  time_point since_{};
  std::uint32_t busy_ = 0;
  double work_ = 0; ///< worker-nanoseconds since then
  double mean_ = 0;
};

} // namespace weir::detail
