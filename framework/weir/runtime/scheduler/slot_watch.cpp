#include <weir/runtime/scheduler/slot_watch.hpp>

#include <utility>

#include <pthread.h>

namespace weir::detail {

slot_watch::slot_watch(std::function<bool()> look) : look_(std::move(look)), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "weir.slots");
}

void slot_watch::stop() noexcept {
  if (!thread_.joinable())
    return;
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void slot_watch::wake() noexcept {
  {
    const std::lock_guard lock{mutex_};
    resting_.store(false);
  }
  changed_.notify_one();
}

void slot_watch::run() {
  int quiet = 0;
  std::unique_lock lock{mutex_};
  while (!changed_.wait_for(lock, interval, [this] { return ending_; })) {
    lock.unlock();
    quiet = look_() ? 0 : quiet + 1;
    lock.lock();
    if (quiet < quiet_looks)
      continue;
    quiet = 0;
    resting_.store(true);
    lock.unlock();
    const bool busy = look_();
    lock.lock();
    if (busy)
      resting_.store(false);
    else
      changed_.wait(lock, [this] { return ending_ || !resting_.load(); });
  }
}

} // namespace weir::detail
