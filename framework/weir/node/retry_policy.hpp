#pragma once

// How a failed attempt is tried again.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

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

/// A failed attempt, as a custom policy sees it.
struct failed_attempt {
  std::uint32_t attempts = 1; ///< made so far
  const error& why;           ///< of the last one; transient
  double random = 0;          ///< uniform in [0, 1), from the run's seeded source: use it for jitter
};

/// A policy of the author's: how long to wait before the next attempt; nothing = give up. Called on the
/// node's own thread: it must be quick. One that throws means "give up".
struct custom_retry {
  std::function<std::optional<duration>(const failed_attempt&)> next;
};

/// What an author gives as `.retry`: a policy above, or `no_retry`. Only transient failures are retried.
class retry_policy {
 public:
  /// The default of operators: one attempt.
  retry_policy() = default;
  retry_policy(exponential_backoff b)
      : first_(b.first), max_(b.max), factor_(b.factor), max_attempts_(b.max_attempts) {}
  retry_policy(fixed_backoff b)
      : first_(b.wait), max_(b.wait), factor_(1.0), jitter_(false), max_attempts_(b.max_attempts) {}
  retry_policy(custom_retry c)
      : max_attempts_(0), custom_(std::make_shared<const custom_retry>(std::move(c))) {}

  /// Attempts in all; 0 = without limit, or as a custom policy decides.
  std::uint32_t max_attempts() const noexcept { return max_attempts_; }
  /// A failed record may be tried again.
  bool retries() const noexcept { return max_attempts_ != 1; }
  /// The wait before the next attempt; nothing when there is to be none.
  std::optional<duration> next(const failed_attempt& failed) const noexcept;
  /// The wait after `attempts` failed ones, whatever the limit; `random` uniform in [0, 1).
  duration wait(std::uint32_t attempts, double random) const noexcept;
  /// False for a policy that can never work: negative waits, a factor below 1, no function.
  bool valid() const noexcept {
    return first_.count() >= 0 && max_ >= first_ && factor_ >= 1.0 && (!custom_ || custom_->next);
  }

 private:
  duration first_{0};
  duration max_{0};
  double factor_ = 1.0;
  bool jitter_ = true;
  std::uint32_t max_attempts_ = 1;
  std::shared_ptr<const custom_retry> custom_;
};

/// One attempt; a failed record goes to the dead letters at once.
inline const retry_policy no_retry{};

/// Retries of a node in relation to its work, so that a failing service is not drowned in them (after
/// Finagle's RetryBudget). A retry that finds the budget empty waits for it; it is not given up.
struct retry_budget {
  /// Retries a record that was processed well. Default 0.2.
  double share = 0.2;
  /// Retries a second in any case. Default 100.
  double per_second = 100;
  /// Retries at the start. What is saved is halved every 5 s, down to this. Default 1,000.
  double reserve = 1'000;
};

} // namespace weir
