#pragma once

// "Wake it, but a worker that naps may sleep on": how one who brings records from outside says that they may
// wait for the end of a nap. Everybody else's jobs end it: a worker thread's answer is what a pipeline waits
// for.
//
//     const patient_wakeups::scope soon_enough;
//     wake();
//
// Any thread, in its own calls.

namespace weir::detail {

class patient_wakeups {
 public:
  class scope {
   public:
    scope() noexcept { ++depth; }
    ~scope() { --depth; }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
  };
  static bool wanted() noexcept { return depth != 0; }

 private:
  static inline constinit thread_local int depth = 0;
};

} // namespace weir::detail
