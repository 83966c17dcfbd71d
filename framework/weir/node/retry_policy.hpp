#pragma once

// How a failed attempt is tried again.

#include <weir/base/clock.hpp>

#include <cstdint>

namespace weir {

/// Exponential backoff with full jitter: the n-th retry waits a random time between 0 and
/// min(max, first * factor^(n-1)) (after "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
struct exponential_backoff {
  /// Upper bound of the first wait. Default 50 ms.
  duration first = std::chrono::milliseconds{50};
  /// Growth of that bound from one retry to the next. Default 2.
  double factor = 2.0;
  /// The bound never exceeds this. Default 30 s.
  duration max = std::chrono::seconds{30};
  /// Attempts in all, the first included; 0 = without limit. Default 5.
  std::uint32_t max_attempts = 5;
};

/// The same wait before every retry.
struct fixed_backoff {
  duration wait = std::chrono::milliseconds{100};
  /// Attempts in all, the first included; 0 = without limit. Default 5.
  std::uint32_t max_attempts = 5;
};

/// What an author gives as `.retry`: a policy above, or `no_retry`.
class retry_policy {
 public:
  /// The default of operators: one attempt.
  constexpr retry_policy() = default;
  constexpr retry_policy(exponential_backoff b)
      : first_(b.first), max_(b.max), factor_(b.factor), max_attempts_(b.max_attempts) {}
  constexpr retry_policy(fixed_backoff b)
      : first_(b.wait), max_(b.wait), factor_(1.0), jitter_(false), max_attempts_(b.max_attempts) {}

  /// Attempts in all; 0 = without limit.
  constexpr std::uint32_t max_attempts() const noexcept { return max_attempts_; }
  /// May a record that has had `attempts` attempts be tried once more?
  constexpr bool allows_another(std::uint32_t attempts) const noexcept {
    return max_attempts_ == 0 || attempts < max_attempts_;
  }
  /// The wait before the attempt after `attempts` failed ones; `random` uniform in [0, 1).
  duration wait(std::uint32_t attempts, double random) const noexcept;
  /// False for a policy that can never work: negative waits, a factor below 1.
  constexpr bool valid() const noexcept { return first_.count() >= 0 && max_ >= first_ && factor_ >= 1.0; }

 private:
  duration first_{0};
  duration max_{0};
  double factor_ = 1.0;
  bool jitter_ = true;
  std::uint32_t max_attempts_ = 1;
};

/// One attempt; a failed record goes to the dead letters at once.
inline constexpr retry_policy no_retry{};

} // namespace weir
