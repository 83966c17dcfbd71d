#pragma once

// What becomes of a worker thread that hangs.
//
// A thread cannot be killed. One that hangs past its deadline is abandoned: it is left behind, another takes
// its place, and what it holds must be given up for it. `abandonment` is how those who lent it something hear
// of that.
//
//     const weir::abandonment::scope scope{mine};      // the worker thread, at its start
//     const auto worker = weir::abandonment::current(); // who lends: null outside worker threads
//     if (worker)
//       registration = worker->on_abandon([this] { take_back(); });
//     mine->abandon();                                  // the supervisor
//
// Invariants:
//  1. Each callback runs at most once: in abandon(), or in on_abandon() if that comes later.
//  2. When a registration has ended, its callback neither runs nor will; ending one waits for a callback that
//  is running on another thread. So never end a registration while holding a lock that its callback takes.
// Thread-safe; a scope belongs to its thread.

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

namespace weir {

class abandonment {
 public:
  class registration;
  class scope;

  bool abandoned() const noexcept { return source_.stop_requested(); }
  /// Runs the callbacks, here and now. Only the first call does anything.
  void abandon() noexcept { source_.request_stop(); }
  /// `call` runs when the worker is abandoned: on the thread that abandons it, so it must be short and must
  /// not throw. At once, on this thread, if the worker was abandoned already.
  [[nodiscard]] registration on_abandon(std::function<void()> call);

  /// Of the worker thread that asks; null on any other thread.
  static std::shared_ptr<abandonment> current() noexcept;

 private:
  std::stop_source source_;
};

/// Keeps a callback registered for as long as it lives. Without one when default-made or moved from. May end
/// in its own callback, as the last thing that does: what it captured ends too.
class abandonment::registration {
 public:
  registration() = default;

 private:
  friend class abandonment;
  using callback = std::stop_callback<std::function<void()>>;
  explicit registration(std::unique_ptr<callback> call) : callback_(std::move(call)) {}
  std::unique_ptr<callback> callback_;
};

/// Makes an abandonment the current one of this thread until the scope ends; then the one before is again.
class abandonment::scope {
 public:
  explicit scope(std::shared_ptr<abandonment> of) noexcept;
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope();

 private:
  const std::shared_ptr<abandonment> of_;
  const std::shared_ptr<abandonment>* const before_;
};

} // namespace weir
