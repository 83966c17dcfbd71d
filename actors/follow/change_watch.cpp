#include <actors/follow/change_watch.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <set>
#include <utility>

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace weir::actors {

result<change_watch> change_watch::make() {
  change_watch made;
  made.all_ = file_descriptor{::epoll_create1(EPOLL_CLOEXEC)};
  made.seconds_ = file_descriptor{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
  const itimerspec each_second{{1, 0}, {1, 0}};
  if (!made.all_ || !made.seconds_ || ::timerfd_settime(made.seconds_.get(), 0, &each_second, nullptr) != 0 ||
      !made.add(made.seconds_.get()))
    return system_error("cannot follow files", errno, {}, "raise the limit of open files (ulimit -n)");
  made.changes_ = file_descriptor{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (made.changes_)
    made.add(made.changes_.get());
  return made;
}

int change_watch::watch(const std::string& directory) const {
  return ::inotify_add_watch(changes_.get(), directory.c_str(),
                             IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR);
}

bool change_watch::add(int descriptor) const {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  return ::epoll_ctl(all_.get(), EPOLL_CTL_ADD, descriptor, &wanted) == 0 || errno == EEXIST;
}

void change_watch::remove(int descriptor) const {
  ::epoll_ctl(all_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

std::vector<change_watch::change> change_watch::take(bool& lost) {
  std::uint64_t passed = 0;
  (void)!::read(seconds_.get(), &passed, sizeof passed);
  lost = false;
  std::vector<change> taken;
  std::set<std::pair<int, std::string>> seen;
  alignas(inotify_event) char buffer[16384];
  constexpr int most_reads = 64; // who writes faster than this is looked at again next time
  for (int i = 0; i < most_reads; ++i) {
    const ssize_t got = ::read(changes_.get(), buffer, sizeof buffer);
    if (got <= 0)
      break;
    for (const char* at = buffer; at < buffer + got;) {
      inotify_event event; // copied: nothing else may be read through that pointer
      std::memcpy(&event, at, sizeof event);
      const char* name = at + sizeof event;
      at = name + event.len;
      if ((event.mask & (IN_Q_OVERFLOW | IN_IGNORED)) != 0)
        lost = true;
      else if (event.len > 0 && seen.emplace(event.wd, name).second)
        taken.push_back({event.wd, name});
    }
  }
  return taken;
}

} // namespace weir::actors
