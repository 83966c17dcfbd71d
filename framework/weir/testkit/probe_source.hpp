#pragma once

// A source that a test feeds by hand. A handle: copies are the same source. Single-threaded.

#include <weir/node/source.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <utility>

namespace weir {

template <class T>
class probe_source {
  struct state {
    std::deque<T> waiting;
    bool ended = false;
    std::optional<error> down;
    waker wake;
  };

 public:
  probe_source() : state_(std::make_shared<state>()) {}

  /// The record is emitted as soon as there is demand.
  void feed(T record) {
    state_->waiting.push_back(std::move(record));
    state_->wake();
  }
  /// No record will follow.
  void end() {
    state_->ended = true;
    state_->wake();
  }
  /// Every poll fails with this, until it is called with nothing.
  void fail(std::optional<error> why) {
    state_->down = std::move(why);
    state_->wake();
  }
  /// Fed, but not emitted yet: backpressure, or an outage.
  std::size_t waiting() const noexcept { return state_->waiting.size(); }

  // As a source.
  void on_start(waker wake) { state_->wake = std::move(wake); }
  poll_result poll(emitter<T>& out, std::size_t demand) {
    if (state_->down)
      return poll_result::failed(*state_->down);
    for (; demand > 0 && !state_->waiting.empty(); --demand) {
      out(std::move(state_->waiting.front()));
      state_->waiting.pop_front();
    }
    if (!state_->waiting.empty())
      return poll_result::more();
    return state_->ended ? poll_result::end() : poll_result::idle();
  }

 private:
  std::shared_ptr<state> state_;
};

} // namespace weir
