#pragma once

// One task as a worker runs it: a slice of a batch in, outputs a port, failures, counts. The runtime fills in
// the first half, the node's logic the second. Single-threaded, but for `current`, which the watchdog reads.

#include <weir/base/result.hpp>
#include <weir/node/resources.hpp>
#include <weir/record/output.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

namespace weir {

/// Why a record became a dead letter.
enum class failure_kind : std::uint8_t { error, timeout, crash, invalid, late, overflow };

/// "error", "timeout", "crash", "invalid", "late", "overflow".
std::string_view to_string(failure_kind kind) noexcept;

/// A record that failed in this attempt.
struct record_failure {
  std::uint32_t index; ///< in the batch
  failure_kind kind = failure_kind::error;
  error why;
};

namespace detail {

/// The index that a worker publishes while it runs the record there (one relaxed store a record).
using current_index = std::atomic<std::uint32_t>;
inline constexpr std::uint32_t no_index = UINT32_MAX;

class task_scope {
 public:
  task_scope(const batch* input, std::uint32_t begin, std::uint32_t end, std::vector<port_output>& outputs)
      : input(input), begin(begin), end(end), next(end), outputs(&outputs) {}

  // Given by the runtime.
  const batch* input; ///< null at start and drain
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t attempt = 1;
  std::uint32_t worker = 0;
  bool stop_at_first_failure = false; ///< ordered and keyed nodes: nothing may overtake the failed record
  std::stop_token stop;
  const resource_set* resources = nullptr;
  const clock* time = nullptr;
  current_index* current = nullptr;

  // Filled by the logic.
  std::uint32_t next; ///< first record not attempted
  std::vector<port_output>* outputs;
  std::vector<record_failure> failures;
  std::optional<error> whole; ///< the task as a whole failed (batch functions, sinks): nothing was delivered
  bool whole_timed_out = false;
  std::uint64_t filtered = 0;      ///< records without an output, on purpose
  std::uint64_t aggregated = 0;    ///< records that went into the node's state
  std::optional<time_point> timer; ///< when the node wants its on_timer

  template <class T>
  const T* records() const noexcept {
    return input->as<T>();
  }
  std::uint64_t pushed() const noexcept {
    std::uint64_t n = 0;
    for (const auto& out : *outputs)
      n += out.pushed();
    return n;
  }
  /// The current exception or error as a failure of record `index`.
  void fail(std::uint32_t index, std::exception_ptr thrown);
  void fail(std::uint32_t index, error why);
};

/// Runs `one(index)` for each record of the task; a throw fails that record alone, with its outputs taken
/// back when `Rewind` (needed where a record may throw after it has emitted). `one` returns false if it has
/// failed the record by scope.fail().
template <bool Rewind, class One>
void run_records(task_scope& scope, One&& one) {
  std::vector<port_output::position> marks(Rewind ? scope.outputs->size() : 0);
  const auto rewind = [&] {
    if constexpr (Rewind)
      for (std::size_t p = 0; p < marks.size(); ++p)
        (*scope.outputs)[p].roll_back(marks[p]);
  };
  const bool stoppable = scope.stop.stop_possible();
  std::uint32_t i = scope.begin;
  while (i < scope.end) {
    bool ok = true;
    try {
      for (; i < scope.end; ++i) {
        scope.current->store(i, std::memory_order_relaxed);
        if constexpr (Rewind)
          for (std::size_t p = 0; p < marks.size(); ++p)
            marks[p] = (*scope.outputs)[p].mark();
        ok = one(i);
        if (!ok) [[unlikely]]
          break;
        if (stoppable && scope.stop.stop_requested()) [[unlikely]] {
          ++i;
          scope.next = i;
          scope.current->store(no_index, std::memory_order_relaxed);
          return;
        }
      }
      if (!ok)
        rewind();
    } catch (const task_overflow&) {
      ok = false;
      rewind();
      if (scope.pushed() > 0) { // there is room for it in a task of its own
        scope.next = i;
        break;
      }
      scope.fail(i, std::current_exception());
    } catch (...) {
      ok = false;
      rewind();
      scope.fail(i, std::current_exception());
    }
    if (!ok) {
      ++i;
      if (scope.stop_at_first_failure || scope.stop.stop_requested()) {
        scope.next = i;
        break;
      }
    }
  }
  scope.current->store(no_index, std::memory_order_relaxed);
}

/// Runs `whole()` (void, or result<>) over the task; a throw or an error fails the task as one.
template <class Whole>
void run_whole(task_scope& scope, Whole&& whole) {
  std::vector<port_output::position> marks;
  for (auto& out : *scope.outputs)
    marks.push_back(out.mark());
  scope.current->store(scope.begin, std::memory_order_relaxed);
  const auto failed = [&](error why) {
    for (std::size_t p = 0; p < marks.size(); ++p)
      (*scope.outputs)[p].roll_back(marks[p]);
    scope.whole_timed_out = scope.stop.stop_requested();
    scope.whole = std::move(why);
  };
  try {
    result<> done = whole();
    if (!done)
      failed(std::move(done).error());
  } catch (const output_overflow& e) {
    failed(permanent(e.what()));
  } catch (...) {
    failed(error_from(std::current_exception()));
  }
  scope.current->store(no_index, std::memory_order_relaxed);
}

} // namespace detail
} // namespace weir
