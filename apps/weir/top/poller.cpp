#include <apps/weir/top/poller.hpp>

#include <weir/base/signal_free_thread.hpp>

#include <utility>

namespace weir::top {

snapshot look(client& from) {
  snapshot s;
  auto workflow = from.workflow();
  if (!workflow) {
    s.trouble = workflow.error();
    return s;
  }
  s.workflow = std::move(*workflow);
  if (auto events = from.events())
    s.events = std::move(*events);
  return s;
}

poller::poller(client& from, duration interval, snapshot first, std::function<void()> wake)
    : client_(from), interval_(interval), wake_(std::move(wake)), now_(std::move(first)) {
  // Signals are the screen's: its thread sleeps in poll(), which they must interrupt.
  thread_ = signal_free_thread([this] { work(); });
}

poller::~poller() {
  {
    const std::lock_guard hold{mutex_};
    stop_ = true;
  }
  changed_.notify_one();
  client_.cancel();
  thread_.join();
}

snapshot poller::now() const {
  const std::lock_guard hold{mutex_};
  return now_;
}

void poller::toggle_pause() {
  {
    const std::lock_guard hold{mutex_};
    toggle_ = true;
  }
  changed_.notify_one();
}

void poller::ask_to_toggle() {
  const snapshot known = now();
  const bool paused = known.workflow && known.workflow->state == "paused";
  const auto done = client_.act(paused ? "resume" : "pause");
  const std::string asked = paused ? "resume" : "pause";
  const std::lock_guard hold{mutex_};
  now_.note = done ? asked + ": accepted" : asked + " failed: " + done.error().message();
}

void poller::work() {
  std::unique_lock hold{mutex_};
  while (!stop_) {
    changed_.wait_for(hold, interval_, [this] { return stop_ || toggle_; });
    if (stop_)
      return;
    const bool toggle = std::exchange(toggle_, false);
    hold.unlock();
    if (toggle)
      ask_to_toggle();
    snapshot next = look(client_);
    hold.lock();
    if (next.workflow)
      now_.workflow = std::move(next.workflow);
    if (!next.trouble)
      now_.events = std::move(next.events);
    now_.trouble = std::move(next.trouble);
    if (!toggle && !now_.note.empty())
      now_.note.clear();
    hold.unlock();
    wake_();
    hold.lock();
  }
}

} // namespace weir::top
