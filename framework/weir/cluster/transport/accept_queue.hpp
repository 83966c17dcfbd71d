#pragma once

// Connections ready for CAF, from the transport's thread to CAF's: CAF polls wake() and then takes one
// descriptor for each byte it finds there. Thread-safe.

#include <deque>
#include <mutex>

namespace weir::cluster {

class accept_queue {
 public:
  /// Throws std::system_error when the process has no descriptors left.
  accept_queue();
  /// Closes what nobody took.
  ~accept_queue();
  accept_queue(const accept_queue&) = delete;
  accept_queue& operator=(const accept_queue&) = delete;

  /// Hands over a descriptor and its ownership.
  void push(int descriptor);
  /// One that is ready, or -1; the caller owns it.
  int pop();
  /// To be polled for reading; whoever takes it closes it. Once only.
  int take_wake() noexcept;

 private:
  std::mutex mutex_;
  std::deque<int> ready_;
  int wake_read_ = -1;
  int wake_write_ = -1;
};

} // namespace weir::cluster
