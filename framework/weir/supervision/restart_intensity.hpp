#pragma once

// How often something may be started again: at most `max` times within `within` (Erlang's restart intensity,
// https://www.erlang.org/doc/system/sup_princ.html). Single-threaded.

#include <weir/base/clock.hpp>

#include <cstdint>
#include <deque>

namespace weir::detail {

class restart_intensity {
 public:
  restart_intensity(std::uint32_t max, duration within) : max_(max), within_(within) {}

  /// Counts a restart; false when it is one too many: the next level must act. Then counting begins anew.
  bool allow(time_point now) {
    if (recent(now) >= max_) {
      restarts_.clear();
      return false;
    }
    restarts_.push_back(now);
    return true;
  }
  /// Restarts within the last period.
  std::uint32_t recent(time_point now) {
    while (!restarts_.empty() && now - restarts_.front() >= within_)
      restarts_.pop_front();
    return static_cast<std::uint32_t>(restarts_.size());
  }

 private:
  std::uint32_t max_;
  duration within_;
  std::deque<time_point> restarts_;
};

} // namespace weir::detail
