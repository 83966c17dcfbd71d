#pragma once

// A worker in its own process: takes its order and tasks from the socket, answers there, ends with it.

#include <weir/runtime/process/child_page.hpp>
#include <weir/workflow/workflow.hpp>

namespace weir::detail {

/// Serves until the other end closes; nothing of the process is needed afterwards. The exit code.
int serve_worker(const workflow& w, int socket, child_page& page);

} // namespace weir::detail
