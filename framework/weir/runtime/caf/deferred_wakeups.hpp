#pragma once

// "Wake it, but not before me": how an actor says that those it wakes are not what should run next.
//
// A node that takes a batch from its input frees room there, and wakes the sender that had starved. Were
// that sender next on this worker, it would take the place of the node downstream that has just been fed,
// whose batch is in this core's cache: a pipeline loses a quarter of its speed by it. So the wake-up is
// sent within a scope, and the sender goes to the queue after the running actor's turn, behind its own
// continuation.
//
//     const deferred_wakeups::scope later;
//     upstream.be_woken(context());
//
// Owning actor only, in its turn; without effect on threads that are no workers of Weir's scheduler.

#include <weir/runtime/scheduler/wakeup_scope.hpp>

namespace weir::detail {

using deferred_wakeups = wakeup_scope<struct deferred_wakeup>;

} // namespace weir::detail
