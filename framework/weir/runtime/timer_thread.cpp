#include <weir/runtime/timer_thread.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weir::detail {

timer_thread::timer_thread() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0)
    throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "weir.timer");
}

timer_thread::~timer_thread() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  wake();
  thread_.join();
  ::close(event_);
}

void timer_thread::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(event_, &one, sizeof one);
}

void timer_thread::at(time_point when, std::function<void()> call) {
  bool first = false;
  {
    const std::lock_guard lock{mutex_};
    first = timers_.empty() || when < timers_.front().when;
    timers_.push_back({when, std::move(call)});
    std::ranges::push_heap(timers_, std::greater<>{});
  }
  if (first)
    wake();
}

void timer_thread::when_readable(int descriptor, std::function<void()> call) {
  {
    const std::lock_guard lock{mutex_};
    const auto found = std::ranges::find(watches_, descriptor, &watch::descriptor);
    if (found != watches_.end())
      found->call = std::move(call);
    else
      watches_.push_back({descriptor, std::move(call)});
  }
  wake();
}

void timer_thread::run() {
  std::vector<pollfd> polled;
  std::vector<std::function<void()>> calls;
  for (;;) {
    timespec wait{};
    bool forever = true;
    {
      const std::lock_guard lock{mutex_};
      if (ending_)
        return;
      polled.assign(1, {event_, POLLIN, 0});
      for (const auto& w : watches_)
        polled.push_back({w.descriptor, POLLIN, 0});
      if (!timers_.empty()) {
        forever = false;
        const auto left = std::max<duration>(duration{0}, timers_.front().when -
                                                              time_point{std::chrono::steady_clock::now()});
        wait.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000);
        wait.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
      }
    }
    ::ppoll(polled.data(), polled.size(), forever ? nullptr : &wait, nullptr);
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto n = ::read(event_, &ignored, sizeof ignored);
    {
      const std::lock_guard lock{mutex_};
      const time_point now = std::chrono::steady_clock::now();
      while (!timers_.empty() && timers_.front().when <= now) {
        std::ranges::pop_heap(timers_, std::greater<>{});
        calls.push_back(std::move(timers_.back().call));
        timers_.pop_back();
      }
      for (std::size_t i = 1; i < polled.size(); ++i) {
        if (polled[i].revents == 0)
          continue;
        const auto found = std::ranges::find(watches_, polled[i].fd, &watch::descriptor);
        if (found != watches_.end()) {
          calls.push_back(std::move(found->call));
          watches_.erase(found);
        }
      }
    }
    for (auto& call : calls)
      call();
    calls.clear();
  }
}

} // namespace weir::detail
