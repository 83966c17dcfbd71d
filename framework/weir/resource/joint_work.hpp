#pragma once

// Work that is done once for all who ask for the same thing at the same time: what `cache` and `model_cache`
// share.
//
// Invariants:
//  1. At most one thread works for a key. Who comes later waits for what it makes.
//  2. Work is over exactly once: with an outcome, or left because its thread was abandoned. Then it is under
//  no key any more and all who wait are woken; of those who wait for left work one begins again.
//  3. The owner's mutex is never held while user code runs or a registration ends.

#include <weir/base/abandonment.hpp>
#include <weir/base/result.hpp>

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <utility>

namespace weir::detail {

template <class Key, class T, class Hash = std::hash<Key>>
class joint_work {
 public:
  struct work {
    std::optional<result<T>> outcome; ///< set once; may be read without the mutex when wait() has returned
    bool left = false;
    const std::thread::id by = std::this_thread::get_id();
    std::condition_variable_any changed;
  };
  using handle = std::shared_ptr<work>;

  /// `mutex` is the owner's. "Locked": the caller holds it; all other calls take it themselves.
  explicit joint_work(std::mutex& mutex) : mutex_(mutex) {}

  /// What is under way for `key`; null if nothing is. Locked.
  handle find(const Key& key) const {
    const auto found = under_way_.find(key);
    return found == under_way_.end() ? nullptr : found->second;
  }
  /// The caller must do this work, by lead(). Locked; nothing is under way for `key`.
  handle begin(const Key& key) { return under_way_[key] = std::make_shared<work>(); }
  /// What is under way for `key`, or for all, still reaches who waits for it, but nobody else. Locked.
  void detach(const Key& key) { under_way_.erase(key); }
  void detach_all() { under_way_.clear(); }

  /// Waits until the work is over. An error if the caller must not wait any longer.
  result<> wait(work& w, std::stop_token stop) {
    if (w.by == std::this_thread::get_id())
      return permanent("waits for itself: what makes a value asks for the same value");
    const auto self = abandonment::current();
    abandonment::registration wake;
    if (self)
      wake = self->on_abandon([&] {
        const std::lock_guard lock{mutex_};
        w.changed.notify_all();
      });
    std::unique_lock lock{mutex_};
    w.changed.wait(lock, stop, [&] { return w.outcome || w.left || (self && self->abandoned()); });
    if (self && self->abandoned())
      return left_behind();
    if (w.outcome)
      return {};
    if (stop.stop_requested())
      return transient("stopped while waiting for a value that another caller makes");
    return {};
  }

  /// Does the work by `make()`, which answers result<T>; what it throws is an error. Then calls, locked,
  /// `settle(outcome, attached)`, unless this worker was abandoned meanwhile. `attached`: the work is still
  /// what is under way for `key`.
  template <class Make, class Settle>
  result<T> lead(const Key& key, const handle& w, Make&& make, Settle&& settle) {
    const auto leave = [&] {
      const std::lock_guard lock{mutex_};
      finish(key, *w, [&] { w->left = true; });
    };
    struct on_exit { // nobody waits for ever, whatever is thrown below
      const decltype(leave)& call;
      ~on_exit() { call(); }
    } const always{leave};

    std::optional<result<T>> made;
    {
      const auto self = abandonment::current();
      abandonment::registration if_abandoned;
      if (self)
        if_abandoned = self->on_abandon(leave);
      if (self && self->abandoned())
        return left_behind();
      try {
        made.emplace(make());
      } catch (...) {
        made.emplace(error_from(std::current_exception()));
      }
    }
    const std::lock_guard lock{mutex_};
    finish(key, *w, [&] {
      w->outcome.emplace(*made);
      settle(*made, find(key) == w);
    });
    return *std::move(made);
  }

 private:
  static error left_behind() { return transient("no value for an abandoned worker"); }

  /// Once. Locked.
  template <class How>
  void finish(const Key& key, work& w, How how) {
    if (w.outcome || w.left)
      return;
    how();
    if (find(key).get() == &w)
      under_way_.erase(key);
    w.changed.notify_all();
  }

  std::mutex& mutex_;
  std::unordered_map<Key, handle, Hash> under_way_;
};

} // namespace weir::detail
