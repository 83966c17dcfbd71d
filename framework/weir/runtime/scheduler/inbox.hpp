#pragma once

// Where parcels for an actor wait, beside its mailbox. A CAF message costs an allocation, a virtual visit and
// a lock that all workers share, a quarter of a microsecond; this is a pointer pushed onto a list.
//
// Invariants: what one sender pushes comes out in its order. push() is sequentially consistent, so that a
// sender that pushes and then looks whether the actor sleeps, and an actor that falls asleep and then looks
// here, cannot miss each other. After close() nothing is kept.
// push() from any thread; all else from the owner.

#include <atomic>
#include <memory>
#include <utility>

namespace weir::detail {

/// `Parcel` has a member `Parcel* next` for the inbox.
template <class Parcel>
class inbox {
 public:
  inbox() = default;
  ~inbox() { close(); }
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;

  /// False, and the parcel is gone, when it is closed.
  bool push(std::unique_ptr<Parcel> given) {
    Parcel* const p = given.release();
    p->next = newest_.load(std::memory_order_relaxed);
    while (!newest_.compare_exchange_weak(p->next, p)) {
    }
    if (!closed_.load())
      return true;
    destroy(newest_.exchange(nullptr));
    return false;
  }
  bool empty() const noexcept { return oldest_ == nullptr && newest_.load() == nullptr; }
  /// The oldest; null when there is none.
  std::unique_ptr<Parcel> pop() noexcept {
    if (oldest_ == nullptr)
      for (Parcel* p = newest_.exchange(nullptr); p != nullptr;) { // they lie newest first
        Parcel* const older = p->next;
        p->next = oldest_;
        oldest_ = p;
        p = older;
      }
    std::unique_ptr<Parcel> p{oldest_};
    if (p)
      oldest_ = p->next;
    return p;
  }
  void close() noexcept {
    closed_.store(true);
    destroy(std::exchange(oldest_, nullptr));
    destroy(newest_.exchange(nullptr));
  }

 private:
  static void destroy(Parcel* p) noexcept {
    while (p != nullptr)
      delete std::exchange(p, p->next);
  }

  Parcel* oldest_ = nullptr; // taken over from the senders, in order
  alignas(64) std::atomic<Parcel*> newest_{nullptr};
  std::atomic<bool> closed_{false};
};

} // namespace weir::detail
