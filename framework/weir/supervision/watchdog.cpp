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
  marks_->asked.store(no_index, std::memory_order_relaxed);
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

watched_call::seen watched_call::look() {
  const std::lock_guard lock{mutex_};
  return {running_, by_record_, number_, marks_->current.load(std::memory_order_relaxed)};
}

bool watched_call::is(const seen& at) const noexcept {
  return running_ && number_ == at.number &&
         (!by_record_ || marks_->current.load(std::memory_order_relaxed) == at.index);
}

std::stop_source watched_call::ask(const seen& at) {
  const std::lock_guard lock{mutex_};
  if (!is(at))
    return std::stop_source{std::nostopstate};
  marks_->asked.store(at.index, std::memory_order_release);
  return stop_;
}

bool watched_call::give_up(const seen& at) {
  const std::lock_guard lock{mutex_};
  if (!running_ || number_ != at.number)
    return false;
  given_up_ = true;
  return true;
}

bool watchdog::check(entry& e, watched_call& call, time_point now) {
  const auto there = call.look();
  const bool timed = there.running && !(there.by_record && there.index == no_index);
  if (!timed) { // not in user code
    e.seen = e.asked = false;
    return false;
  }
  // Once asked, only the end of the call counts: the records behind may not run before it.
  if (!e.seen || e.number != there.number || (!e.asked && e.index != there.index)) {
    e.seen = true;
    e.asked = false;
    e.number = there.number;
    e.index = there.index;
    e.since = now;
    return false;
  }
  if (e.asked) {
    if (now - e.since < e.grace || !call.give_up(there))
      return false;
    e.told = true;
    return true;
  }
  if (now - e.since < e.timeout)
    return false;
  e.asked = true;
  e.since = now;
  if (const auto stop = call.ask(there); stop.stop_possible())
    stop.request_stop(); // outside every lock: it runs the author's stop callbacks
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
    return call->look().running;
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
