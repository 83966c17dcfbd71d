#pragma once

// Rules that a build may break on purpose, to see that the simulator notices (tests/simulation). A normal
// build breaks none, and the compiler drops every check.

namespace weir::detail {

enum class rule {
  none,
  commit_point,      ///< what a worker was given counts as done when it is handed out
  incarnation_fence, ///< answers of a worker that was replaced count
  demand,            ///< batches are sent whether they were granted or not
};

#ifndef WEIR_BROKEN_RULE
#define WEIR_BROKEN_RULE none
#endif

constexpr bool broken(rule r) noexcept { return r == rule::WEIR_BROKEN_RULE; }

} // namespace weir::detail
