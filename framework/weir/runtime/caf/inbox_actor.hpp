#pragma once

// An actor that has inboxes beside its mailbox (scheduler/inbox.hpp says why), and takes turns as CAF's
// actors do: messages first, then what is in the inboxes.
//
// Invariant: an actor whose mailbox is blocked is asleep and has no work, or whoever changed that is about to
// wake it. So who puts something into an inbox calls wake() after it.

#include <caf/event_based_actor.hpp>
#include <caf/execution_unit.hpp>

#include <cstddef>

namespace weir::detail {

class inbox_actor : public caf::event_based_actor {
 public:
  using caf::event_based_actor::event_based_actor;
  resume_result resume(caf::execution_unit* on, std::size_t max_messages) final;

 protected:
  /// From here on it runs where its memory is at hand: see coordinator::home(). Null: anywhere.
  void live_at(caf::execution_unit* home) noexcept { home_ = home; }
  /// There may be work. `on` is the execution unit of who says so, or null. Any thread.
  void wake(caf::execution_unit* on);

 private:
  virtual bool has_work() const noexcept = 0;
  /// Does some of it, at most `most` pieces.
  virtual void work(std::size_t most) = 0;
  virtual void begin_turn() {}
  /// Others should have theirs.
  virtual bool turn_over() const { return false; }
  resume_result run_turn(caf::execution_unit* on, std::size_t max_messages);

  caf::execution_unit* home_ = nullptr;
};

} // namespace weir::detail
