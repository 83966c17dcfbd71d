#pragma once

// How a caller says, around its calls, what kind of wake-ups they are. A kind is a type of its own:
//
//     const deferred_wakeups::scope later;
//
// Any thread, in its own calls; scopes may be nested.

namespace weir::detail {

template <class Kind>
class wakeup_scope {
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
