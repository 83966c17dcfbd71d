#pragma once

// The author's contract of a source.
//
// A source is any class with
//
//     weir::poll_result poll(weir::emitter<T>& out, std::size_t demand);
//
// It is called again and again, always from one thread at a time (not always the same thread). A call emits
// at most `demand` records (more is allowed but held against the next demand), does not block longer than a
// short read, and says what comes next: `more` (call again), `idle` (nothing now; say what to wait for) or
// `end`. Optional members:
//
//     void on_start();                             // open files, connect; a throw fails the workflow
//     void on_start(weir::waker);                  // the same, for a source fed by a thread of its own
//     weir::source_progress progress() const;      // how far of how much, for progress bars
//     void on_drain();                             // no more polls will come
//
// A source that throws from poll is in outage: it is polled again after a backoff. A record that cannot be
// made (broken input) is `out.reject(payload, why)`: it becomes a dead letter and counts as a position like
// any other.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/record/output.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

/// What a poll says about the next one.
class poll_result {
 public:
  enum class state : std::uint8_t { more, idle, end, failed };

  /// Call again as soon as there is demand.
  static poll_result more() { return poll_result{state::more}; }
  /// The source is exhausted for good.
  static poll_result end() { return poll_result{state::end}; }
  /// Nothing now: call again when the waker is called.
  static poll_result idle() { return poll_result{state::idle}; }
  /// Nothing now: call again after `wait` at the latest.
  static poll_result idle_for(duration wait) {
    poll_result r{state::idle};
    r.wait_ = wait;
    return r;
  }
  /// Nothing now: call again when `descriptor` is readable (or closed by its peer).
  static poll_result idle_until_readable(int descriptor) {
    poll_result r{state::idle};
    r.descriptor_ = descriptor;
    return r;
  }
  /// Could not read. Transient: polled again after a backoff. Otherwise the workflow fails with this error.
  static poll_result failed(error why) {
    poll_result r{state::failed};
    r.why_ = std::move(why);
    return r;
  }

  state what() const noexcept { return state_; }
  std::optional<duration> wait() const noexcept { return wait_; }
  int descriptor() const noexcept { return descriptor_; }
  const error& why() const noexcept { return why_; }

 private:
  explicit poll_result(state s) : state_(s) {}
  state state_;
  int descriptor_ = -1;
  std::optional<duration> wait_;
  error why_;
};

/// Tells an idle source that there is something to poll. Thread-safe, cheap, may be called after the run
/// ended.
class waker {
 public:
  waker() = default;
  explicit waker(std::function<void()> wake)
      : wake_(std::make_shared<std::function<void()>>(std::move(wake))) {}
  void operator()() const {
    if (wake_)
      (*wake_)();
  }

 private:
  std::shared_ptr<std::function<void()>> wake_;
};

/// How far a source is. `total` 0 = unknown. The unit is bytes or records, whatever the source can tell.
struct source_progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

/// Where a source puts its records. Valid during one poll; only on the polling thread.
template <class T>
class emitter {
 public:
  explicit emitter(detail::source_output<T>& out) : out_(&out) {}

  /// Emits one record.
  void operator()(T record) { out_->push(std::move(record)); }
  /// Room for the next records in the batch itself, uninitialised: at least one, at most `n`. Filling it and
  /// calling commit() saves the copy that operator() makes of each record, which is what small records cost
  /// most. Only for trivially copyable types.
  std::span<T> prepare(std::size_t n)
    requires std::is_trivially_copyable_v<T>
  {
    return out_->prepare(n);
  }
  /// Emits the first `n` records of the room that prepare() gave last. What is thrown before it emits
  /// nothing.
  void commit(std::size_t n)
    requires std::is_trivially_copyable_v<T>
  {
    out_->commit(n);
  }
  /// A piece of input that is no record: it becomes a dead letter (kind `invalid`) with the reason and
  /// itself.
  void reject(std::string payload, error why) { out_->reject(std::move(payload), std::move(why)); }
  /// Records that can still be emitted in this poll without exceeding the demand.
  std::size_t room() const noexcept { return out_->room(); }

 private:
  detail::source_output<T>* out_;
};

} // namespace weir
