#include <weir/cluster/transport/accept_queue.hpp>

#include <cerrno>
#include <system_error>

#include <sys/socket.h>

namespace weir::cluster {

accept_queue::accept_queue() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error{errno, std::system_category(), "socket pair"};
  wake_read_ = owned_descriptor{ends[0]};
  wake_write_ = owned_descriptor{ends[1]};
}

void accept_queue::push(ready_connection one) {
  const std::scoped_lock lock{mutex_};
  const char byte = 1;
  if (::send(wake_write_.get(), &byte, 1, MSG_NOSIGNAL) == 1) // else CAF has closed its end
    ready_.push_back(std::move(one));
}

ready_connection accept_queue::pop() {
  const std::scoped_lock lock{mutex_};
  if (ready_.empty())
    return ready_connection{};
  ready_connection first = std::move(ready_.front());
  ready_.pop_front();
  return first;
}

} // namespace weir::cluster
