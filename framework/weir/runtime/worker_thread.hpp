#pragma once

// A worker on a thread of its own (isolation `thread`): its user code may block. The thread is detached and
// everything it can reach hangs off shared pointers, so that one that never returns harms nobody: it is left
// behind, and its late answer meets a closed gate.

#include <weir/runtime/node_core.hpp>

#include <functional>
#include <memory>
#include <mutex>

namespace weir::detail {

/// Where answers of workers outside go. Closed when the node ends; what comes later is dropped.
class answer_gate {
 public:
  explicit answer_gate(std::function<void(answer)> to) : to_(std::move(to)) {}
  void put(answer a) {
    const std::lock_guard lock{mutex_};
    if (to_)
      to_(std::move(a));
  }
  void close() {
    std::function<void(answer)> gone; // destroyed outside the lock
    const std::lock_guard lock{mutex_};
    gone.swap(to_);
  }

 private:
  std::mutex mutex_;
  std::function<void(answer)> to_;
};

std::unique_ptr<worker_handle> make_worker_thread(std::shared_ptr<run_state> run,
                                                  std::unique_ptr<worker_core> core,
                                                  std::shared_ptr<answer_gate> answers);

} // namespace weir::detail
