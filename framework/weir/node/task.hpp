#pragma once

// One task as a worker runs it: a slice of a batch in, outputs a port, failures, counts. The runtime fills in
// the first half, the node's logic the second. Single-threaded, but for the marks, which the watchdog shares.

#include <weir/base/result.hpp>
#include <weir/node/crash.hpp>
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

/// A record that failed in this attempt.
struct record_failure {
  std::uint32_t index; ///< in the batch
  failure_kind kind = failure_kind::error;
  error why;
};

namespace detail {

inline constexpr std::uint32_t no_index = UINT32_MAX;

/// What a worker and the watchdog tell each other about the call in progress.
struct alignas(64) call_marks { // the line of one worker, not of its neighbour
  /// The record being run; the worker writes it (one relaxed store a record).
  std::atomic<std::uint32_t> current{no_index};
  /// The record whose attempt was asked to stop; the watchdog writes it before it requests the stop. A later
  /// record that finds the request standing is none of its business.
  std::atomic<std::uint32_t> asked{no_index};
};

class task_scope {
 public:
  task_scope(const batch* input, std::uint32_t begin, std::uint32_t end, std::vector<port_output>& outputs)
      : input(input), begin(begin), end(end), next(end), outputs(&outputs),
        only_output_(outputs.size() == 1 ? outputs.data() : nullptr) {}

  // Given by the runtime.
  const batch* input; ///< null at start and drain
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t attempt = 1;
  std::uint32_t worker = 0;
  bool stop_at_first_failure = false; ///< ordered and keyed nodes: nothing may overtake the failed record
  bool timed = false; ///< each record has a time of its own: the watchdog must see which one runs
  bool exclusive =
      false; ///< [begin, end) is all of a batch that nobody else reads: it may be changed in place
  std::stop_token stop;
  const resource_set* resources = nullptr;
  const clock* time = nullptr;
  call_marks* marks = nullptr;
  const crash_report* last_crash =
      nullptr; ///< why this worker's previous object was given up; null: none was

  // Filled by the logic.
  std::uint32_t next; ///< first record not attempted
  std::vector<port_output>* outputs;
  std::vector<record_failure> failures;
  std::optional<error> whole; ///< the task as a whole failed (batch functions, sinks): nothing was delivered
  bool whole_timed_out = false;
  bool threw = false;           ///< some failure was an exception, which may have left the node in disorder
  bool in_place = false;        ///< the input itself, changed, is the output of port 0
  bool spent = false;           ///< the input is changed, and no output: no other attempt can be made
  batch_builder failed_input;   ///< in place: the records that failed, as they were; failures count in it
  std::uint64_t filtered = 0;   ///< records without an output, on purpose
  std::uint64_t aggregated = 0; ///< records that went into the node's state
  std::optional<time_point> timer; ///< when the node wants its on_timer

  template <class T>
  const T* records() const noexcept {
    return input->as<T>();
  }
  std::uint64_t pushed() const noexcept {
    if (only_output_ != nullptr)
      return only_output_->pushed();
    std::uint64_t n = 0;
    for (const auto& out : *outputs)
      n += out.pushed();
    return n;
  }
  std::uint32_t current() const noexcept { return marks->current.load(std::memory_order_relaxed); }
  void set_current(std::uint32_t index) noexcept { marks->current.store(index, std::memory_order_relaxed); }
  /// Record `index` has run out of its time.
  bool timed_out(std::uint32_t index) const noexcept {
    return stop.stop_requested() && marks->asked.load(std::memory_order_acquire) == index;
  }
  /// Record `index` met a stop that was meant for one before it: its attempt does not count.
  bool interrupted(std::uint32_t index) const noexcept {
    return stop.stop_requested() && marks->asked.load(std::memory_order_acquire) != index;
  }
  /// The current exception or error as a failure of record `index`.
  void fail(std::uint32_t index, std::exception_ptr thrown);
  void fail(std::uint32_t index, error why);

 private:
  const port_output* only_output_;
};

/// Runs `one(index)` for each record of the task; a throw fails that record alone, with its outputs taken
/// back when `Rewind` (needed where a record may throw after it has emitted). `one` returns false if it has
/// failed the record by scope.fail(). With Rewind it answers how many records went well and emitted
/// something.
template <bool Rewind, class One>
std::uint64_t run_records(task_scope& scope, One&& one) {
  std::vector<port_output::position> marks(Rewind ? scope.outputs->size() : 0);
  std::uint64_t marked = 0; // outputs when the marks were set
  std::uint64_t spoke = 0;
  if constexpr (Rewind) {
    for (std::size_t p = 0; p < marks.size(); ++p)
      marks[p] = (*scope.outputs)[p].mark();
    marked = scope.pushed();
  }
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
        scope.set_current(i);
        if constexpr (Rewind)
          if (const auto pushed = scope.pushed(); pushed != marked) {
            for (std::size_t p = 0; p < marks.size(); ++p)
              marks[p] = (*scope.outputs)[p].mark();
            marked = pushed;
            ++spoke;
          }
        ok = one(i);
        if (!ok) [[unlikely]]
          break;
        if (stoppable && scope.stop.stop_requested()) [[unlikely]] {
          ++i;
          scope.next = i;
          scope.set_current(no_index);
          return spoke + (Rewind && scope.pushed() != marked ? 1 : 0);
        }
      }
      if (!ok) {
        rewind();
        if (scope.interrupted(i)) {
          scope.failures.pop_back();
          scope.next = i;
          break;
        }
      }
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
      if (scope.interrupted(i)) {
        scope.next = i;
        break;
      }
      scope.threw = true;
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
  scope.set_current(no_index);
  return spoke + (Rewind && scope.pushed() != marked ? 1 : 0);
}

/// Runs `whole()` (void, or result<>) over the task; a throw or an error fails the task as one.
template <class Whole>
void run_whole(task_scope& scope, Whole&& whole) {
  std::vector<port_output::position> marks;
  for (auto& out : *scope.outputs)
    marks.push_back(out.mark());
  scope.set_current(scope.begin);
  const auto failed = [&](error why) {
    for (std::size_t p = 0; p < marks.size(); ++p)
      (*scope.outputs)[p].roll_back(marks[p]);
    scope.whole_timed_out = scope.timed_out(scope.begin);
    scope.whole = std::move(why);
  };
  try {
    result<> done = whole();
    if (!done)
      failed(std::move(done).error());
  } catch (const output_overflow& e) {
    failed(permanent(e.what()));
  } catch (...) {
    scope.threw = true;
    failed(error_from(std::current_exception()));
  }
  scope.set_current(no_index);
}

} // namespace detail
} // namespace weir
