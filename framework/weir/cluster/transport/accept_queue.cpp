#include <weir/cluster/transport/accept_queue.hpp>

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace weir::cluster {

accept_queue::accept_queue() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error{errno, std::system_category(), "socket pair"};
  wake_read_ = ends[0];
  wake_write_ = ends[1];
}

accept_queue::~accept_queue() {
  for (const int descriptor : ready_)
    ::close(descriptor);
  if (wake_read_ >= 0)
    ::close(wake_read_);
  ::close(wake_write_);
}

void accept_queue::push(int descriptor) {
  const std::scoped_lock lock{mutex_};
  const char one = 1;
  if (::send(wake_write_, &one, 1, MSG_NOSIGNAL) == 1)
    ready_.push_back(descriptor);
  else
    ::close(descriptor); // CAF has closed its end
}

int accept_queue::pop() {
  const std::scoped_lock lock{mutex_};
  if (ready_.empty())
    return -1;
  const int descriptor = ready_.front();
  ready_.pop_front();
  return descriptor;
}

int accept_queue::take_wake() noexcept { return std::exchange(wake_read_, -1); }

} // namespace weir::cluster
