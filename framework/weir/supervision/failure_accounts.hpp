#pragma once

// What a node is allowed to fail: its budget of retries, and its share of dead letters. Single-threaded.

#include <weir/base/clock.hpp>
#include <weir/node/retry_policy.hpp>
#include <weir/workflow/workflow.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace weir::detail {

/// Tokens for retries: see retry_budget.
class retry_tokens {
 public:
  explicit retry_tokens(retry_budget b) : budget_(b), tokens_(b.reserve) {}

  void earn(std::uint64_t records) noexcept { tokens_ += budget_.share * static_cast<double>(records); }
  /// When a retry that is wanted at `when` may be made; takes its token.
  time_point take(time_point now, time_point when) noexcept {
    settle(now);
    tokens_ -= 1;
    if (tokens_ >= 0)
      return when;
    const double wait = -tokens_ / std::max(budget_.per_second, 0.1) * 1e9; // at worst one in ten seconds
    return std::max(when, later(now, duration{static_cast<duration::rep>(std::min(wait, 9e18))}));
  }

 private:
  static constexpr double half_life = 5; // seconds
  void settle(time_point now) noexcept {
    const double seconds = last_ ? std::max(0.0, std::chrono::duration<double>(now - *last_).count()) : 0;
    last_ = now;
    const double saved = std::max(0.0, tokens_ - budget_.reserve);
    tokens_ -= saved * (1 - std::exp2(-seconds / half_life));
    if (tokens_ < budget_.reserve)
      tokens_ = std::min(budget_.reserve, tokens_ + std::max(budget_.per_second, 0.1) * seconds);
  }
  retry_budget budget_;
  double tokens_;
  std::optional<time_point> last_;
};

/// Dead letters among the last records, by the order in which the records came (not in which they were given
/// up: retries take time, and would pile up behind the records that went well).
class dead_letter_share {
 public:
  explicit dead_letter_share(dead_letter_limit limit)
      : most_(limit.share * limit.window), window_(std::max(1U, limit.window)), off_(limit.share >= 1) {}

  /// Record number `record` of the node (from 0) became a dead letter; true when that is one too many.
  bool over(std::uint64_t record) {
    if (off_)
      return false;
    const std::uint64_t block = record / size();
    const auto at =
        std::ranges::lower_bound(blocks_, block, {}, &std::pair<std::uint64_t, std::uint32_t>::first);
    if (at != blocks_.end() && at->first == block)
      ++at->second;
    else
      blocks_.insert(at, {block, 1});
    while (blocks_.size() > 4 * parts)
      blocks_.pop_front();
    // Every window of whole blocks that holds this record.
    for (std::uint64_t first = block < parts - 1 ? 0 : block - (parts - 1); first <= block; ++first) {
      double dead = 0;
      for (const auto& [number, count] : blocks_)
        if (number >= first && number < first + parts)
          dead += count;
      if (dead > most_)
        return true;
    }
    return false;
  }

 private:
  static constexpr std::uint64_t parts = 10;
  std::uint64_t size() const noexcept { return std::max<std::uint64_t>(1, window_ / parts); }
  double most_;
  std::uint32_t window_;
  bool off_;
  std::deque<std::pair<std::uint64_t, std::uint32_t>> blocks_; ///< ascending; only those with dead letters
};

} // namespace weir::detail
