#include <weir/runtime/scheduler/parking.hpp>

#include <sys/prctl.h>

namespace weir::detail {

void have_exact_timers() noexcept {
  thread_local const bool exact = ::prctl(PR_SET_TIMERSLACK, 1UL) == 0;
  static_cast<void>(exact);
}

void parking::end_nap() {
  const std::lock_guard lock{mutex_};
  place* const who = napper_.load();
  if (who == nullptr || who->woken_)
    return;
  who->woken_ = true;
  who->changed_.notify_one();
}

void parking::wake() {
  place* woken = nullptr;
  {
    const std::lock_guard lock{mutex_};
    if (sleeping_.empty())
      return;
    woken = sleeping_.back();
    sleeping_.pop_back();
    sleepers_.fetch_sub(1);
    lookers_.fetch_add(1); // on its behalf, so that nobody else is woken for the same job
    woken->woken_ = true;
  }
  woken->changed_.notify_one();
}

void parking::wake(place& who) {
  const std::lock_guard lock{mutex_};
  if (std::erase(sleeping_, &who) == 0)
    return;
  sleepers_.fetch_sub(1);
  lookers_.fetch_add(1);
  who.woken_ = true;
  who.changed_.notify_one();
}

void parking::wake_all() {
  const std::lock_guard lock{mutex_};
  for (place* p : sleeping_) {
    p->woken_ = true;
    p->changed_.notify_one();
  }
  lookers_.fetch_add(sleeping_.size());
  sleeping_.clear();
  sleepers_.store(0);
}

void parking::leave(place& mine) {
  std::erase(sleeping_, &mine);
  sleepers_.fetch_sub(1);
  lookers_.fetch_add(1);
}

} // namespace weir::detail
