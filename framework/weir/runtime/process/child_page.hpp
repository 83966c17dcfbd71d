#pragma once

// A page that a worker process shares with the run: what it is at, so that the record at fault is known when
// it dies, and the watchdog sees it without asking.
//
// Invariant: the child writes everything but `asked`; each field is one atomic, so a reader sees no torn
// value, at worst fields of two moments. Any process, any thread.

#include <weir/node/task.hpp>

#include <atomic>
#include <cstdint>

namespace weir::detail {

struct child_page {
  call_marks marks;                   ///< indices count in the slice that the child was given
  std::atomic<std::uint64_t> task{0}; ///< id of the task it is at, or was at last
  std::atomic<std::uint64_t> calls{0};
  std::atomic<bool> running{false};       ///< in user code
  std::atomic<bool> by_record{true};      ///< see watched_call::began
  std::atomic<bool> out_of_memory{false}; ///< the last thing it says
  std::atomic<bool> no_socket{false};     ///< the same: it could not answer
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

/// Memory for one, shared over fork(). Throws std::system_error when there is none.
class shared_page {
 public:
  shared_page();
  ~shared_page();
  shared_page(const shared_page&) = delete;
  shared_page& operator=(const shared_page&) = delete;
  child_page& operator*() const noexcept { return *page_; }
  child_page* operator->() const noexcept { return page_; }
  /// For another process: child_page_at() maps it.
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
  child_page* page_;
};
/// The page behind the descriptor, for as long as the process lives; null when it cannot be mapped.
child_page* child_page_at(int descriptor) noexcept;

} // namespace weir::detail
