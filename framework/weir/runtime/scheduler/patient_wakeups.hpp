#pragma once

// "Wake it, but a worker that naps may sleep on": how one who brings records from outside says that they may
// wait for the end of a nap. Everybody else's jobs end it: a worker thread's answer is what a pipeline waits
// for.
//
//     const patient_wakeups::scope soon_enough;
//     wake();
//
// Any thread, in its own calls.

#include <weir/runtime/scheduler/wakeup_scope.hpp>

namespace weir::detail {

using patient_wakeups = wakeup_scope<struct patient_wakeup>;

} // namespace weir::detail
