#include <weir/runtime/caf/inbox_actor.hpp>

#include <weir/runtime/caf/deferred_wakeups.hpp>

#include <caf/scheduler/abstract_coordinator.hpp>

namespace weir::detail {

/// As CAF does when a message reaches a blocked mailbox.
void inbox_actor::wake(caf::execution_unit* on) {
  if (!mailbox().blocked() || !mailbox().try_unblock())
    return; // it is awake, or somebody else wakes it
  caf::intrusive_ptr_add_ref(ctrl());
  if (home_ != nullptr)
    home_->exec_later(this);
  else if (on != nullptr)
    on->exec_later(this);
  else
    home_system().scheduler().enqueue(this);
}

caf::resumable::resume_result inbox_actor::resume(caf::execution_unit* on, std::size_t max_messages) {
  const auto said = run_turn(on, max_messages);
  if (said != resume_later || home_ == nullptr)
    return said;
  caf::intrusive_ptr_add_ref(ctrl());
  const deferred_wakeups::scope later; // those that it has fed go first
  home_->exec_later(this);
  return awaiting_message; // of this thread it wants no more: another may be running it already
}

caf::resumable::resume_result inbox_actor::run_turn(caf::execution_unit* on, std::size_t max_messages) {
  begin_turn();
  for (std::size_t n = 0; n < max_messages; ++n) {
    if (!mailbox().empty()) {
      const auto said = caf::event_based_actor::resume(on, 1);
      if (said == awaiting_message && (!has_work() || !mailbox().try_unblock()))
        return said; // asleep, or awake by somebody who has seen to it that it runs
      if (said == done || said == shutdown_execution_unit)
        return said;
    } else {
      if (!activate(on))
        return done;
      if (has_work()) {
        work(max_messages); // one at a time in a simulation: more orders of events
        if (finalize())
          return done;
      } else if (mailbox().try_block() && (!has_work() || !mailbox().try_unblock())) {
        return awaiting_message;
      }
    }
    if (turn_over())
      break;
  }
  return resume_later;
}

} // namespace weir::detail
