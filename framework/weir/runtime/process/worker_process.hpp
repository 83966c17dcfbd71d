#pragma once

// A worker in a process of its own (isolation `process`), as the run sees it: a thread that writes tasks to
// its socket and reads its answers. The child may die at any moment; what it had in hand is then the
// dispatcher's to hand out again, and the record it was at is known from the page they share.

#include <weir/runtime/node_core.hpp>
#include <weir/runtime/process/nursery.hpp>
#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/worker_thread.hpp>

#include <functional>
#include <memory>

namespace weir::detail {

/// `lost` is called once, from the worker's thread or this one, when the child is dead and nobody asked it to
/// be; answers it gave before have gone into the gate. Throws when the system has no more threads, memory or
/// descriptors.
std::unique_ptr<worker_handle> make_worker_process(std::shared_ptr<run_state> run,
                                                   remote_places::worker_order what,
                                                   std::shared_ptr<answer_gate> answers,
                                                   std::function<void(failure_kind, error)> lost);

} // namespace weir::detail
