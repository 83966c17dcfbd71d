#pragma once

// Why an attempt, a record or a worker failed.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/record/record_id.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir {

/// Why a record became a dead letter, or a worker was given up.
enum class failure_kind : std::uint8_t { error, timeout, crash, invalid, late, overflow };
inline constexpr std::size_t failure_kinds = 6;

/// "error", "timeout", "crash", "invalid", "late", "overflow".
std::string_view to_string(failure_kind kind) noexcept;

/// Why a worker was given up and a new node object took its place: see worker_context::last_crash().
struct crash_report {
  failure_kind kind = failure_kind::crash;
  error why;
  std::optional<record_id> record; ///< the one it was working on, where that is known
  time_point at{};
  std::uint32_t restarts = 1; ///< how often this worker has been given up, this time included
};

} // namespace weir
