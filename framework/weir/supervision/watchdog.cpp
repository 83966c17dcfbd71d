#include <weir/supervision/watchdog.hpp>

#include <algorithm>
#include <utility>

#include <pthread.h>

namespace weir::detail {

using namespace std::chrono_literals;

void watched_call::began(std::stop_source stop, bool by_record) {
  const std::lock_guard lock{mutex_};
  stop_ = std::move(stop);
  by_record_ = by_record;
  running_ = true;
  ++number_;
  asked.store(no_index, std::memory_order_relaxed);
}

void watched_call::ended() {
  const std::lock_guard lock{mutex_};
  running_ = false;
  stop_ = std::stop_source{std::nostopstate};
}

bool watched_call::given_up() {
  const std::lock_guard lock{mutex_};
  return given_up_;
}

void watched_call::request_stop() {
  std::stop_source stop{std::nostopstate};
  {
    const std::lock_guard lock{mutex_};
    stop = stop_;
  }
  if (stop.stop_possible())
    stop.request_stop(); // outside the lock: it runs the author's stop callbacks
}

void watchdog::watch(const std::shared_ptr<watched_call>& call, duration timeout, duration grace,
                     std::function<void()> hung) {
  entry e;
  e.call = call;
  e.timeout = timeout;
  e.grace = grace;
  e.hung = std::move(hung);
  const std::lock_guard lock{mutex_};
  entries_.push_back(std::move(e));
}

bool watchdog::check(entry& e, watched_call& call, time_point now) {
  std::stop_source stop{std::nostopstate};
  {
    const std::lock_guard lock{call.mutex_};
    const auto index = call.current.load(std::memory_order_relaxed);
    const bool timed = call.running_ && !(call.by_record_ && index == no_index);
    if (!timed) { // not in user code
      e.seen = e.asked = false;
      return false;
    }
    // Once asked, only the end of the call counts: the records behind may not run before it.
    if (!e.seen || e.number != call.number_ || (!e.asked && e.index != index)) {
      e.seen = true;
      e.asked = false;
      e.number = call.number_;
      e.index = index;
      e.since = now;
      return false;
    }
    if (!e.asked) {
      if (now - e.since < e.timeout)
        return false;
      e.asked = true;
      e.since = now;
      call.asked.store(index, std::memory_order_release);
      stop = call.stop_;
    } else if (now - e.since >= e.grace && !std::exchange(e.told, true)) {
      call.given_up_ = true;
      return true;
    }
  }
  if (stop.stop_possible())
    stop.request_stop(); // outside the lock: it runs the author's stop callbacks
  return false;
}

std::optional<duration> watchdog::look() {
  const auto now = time_->now();
  std::vector<std::function<void()>> hung;
  std::optional<duration> next;
  {
    const std::lock_guard lock{mutex_};
    std::erase_if(entries_, [](const entry& e) { return e.told || e.call.expired(); });
    for (entry& e : entries_) {
      const auto call = e.call.lock();
      if (!call)
        continue;
      if (check(e, *call, now))
        hung.push_back(std::move(e.hung));
      const auto wait =
          std::clamp<duration>(std::min(e.timeout, std::max<duration>(e.grace, 1ms)) / 8, 1ms, 250ms);
      next = next ? std::min(*next, wait) : wait;
    }
  }
  for (const auto& tell : hung)
    tell();
  return next;
}

bool watchdog::busy() {
  const std::lock_guard lock{mutex_};
  return std::ranges::any_of(entries_, [](const entry& e) {
    const auto call = e.call.lock();
    if (!call || e.told)
      return false;
    const std::lock_guard inner{call->mutex_};
    return call->running_;
  });
}

watchdog_thread::watchdog_thread(std::shared_ptr<const clock> time)
    : dog_(std::move(time)), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "weir.watchdog");
}

watchdog_thread::~watchdog_thread() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void watchdog_thread::watch(const std::shared_ptr<watched_call>& call, duration timeout, duration grace,
                            std::function<void()> hung) {
  dog_.watch(call, timeout, grace, std::move(hung));
  const std::lock_guard lock{mutex_};
  more_ = true;
  changed_.notify_one();
}

void watchdog_thread::run() {
  std::unique_lock lock{mutex_};
  std::optional<duration> next;
  while (!ending_) {
    const auto woken = [this] { return more_ || ending_; };
    if (next)
      changed_.wait_for(lock, *next, woken);
    else
      changed_.wait(lock, woken);
    more_ = false;
    lock.unlock();
    next = dog_.look();
    lock.lock();
  }
}

} // namespace weir::detail
