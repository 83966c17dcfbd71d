#pragma once

// Connections ready for CAF, from the transport's thread to CAF's: CAF polls wake() and then takes one for
// each byte it finds there. Thread-safe.

#include <weir/base/owned_descriptor.hpp>
#include <weir/cluster/transport/checked_stream.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <utility>

namespace weir::cluster {

/// Authenticated, nothing read of it yet.
struct ready_connection {
  owned_descriptor socket{};
  std::shared_ptr<checked_stream> stream{}; ///< on that socket
};

class accept_queue {
 public:
  /// Throws std::system_error when the process has no descriptors left.
  accept_queue();
  accept_queue(const accept_queue&) = delete;
  accept_queue& operator=(const accept_queue&) = delete;

  void push(ready_connection one);
  /// One without a socket when there is none.
  ready_connection pop();
  /// To be polled for reading. Once only.
  owned_descriptor take_wake() noexcept { return std::move(wake_read_); }

 private:
  std::mutex mutex_;
  std::deque<ready_connection> ready_;
  owned_descriptor wake_read_;
  owned_descriptor wake_write_;
};

} // namespace weir::cluster
