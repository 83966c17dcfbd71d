#pragma once

// So many records a second, evenly and exact over time: record n is due n/rate seconds after the first. After
// a pause at most 100 ms are caught up on at once. Thread-safety: one thread at a time.

#include <weir/base/clock.hpp>

#include <cstdint>
#include <memory>

namespace weir::actors {

class pace {
 public:
  /// What may be caught up on after a pause.
  static constexpr duration most_behind = std::chrono::milliseconds{100};

  /// 0 records a second = no limit. `time` must not be null.
  pace(std::uint64_t per_second, std::shared_ptr<const clock> time);

  /// How long the next record has to wait; 0 = it may come now.
  duration wait();
  /// A record came.
  void took() noexcept { ++taken_; }

 private:
  std::uint64_t per_second_;
  std::shared_ptr<const clock> time_;
  bool started_ = false;
  time_point start_;        ///< when record 0 of the count was due
  std::uint64_t taken_ = 0; ///< since start_
};

} // namespace weir::actors
