#include <weir/cluster/transport/sockets.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace weir::cluster {

void prepare(int socket, const transport_deadlines& deadlines) {
  const auto set = [socket](int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof value);
  };
  const auto seconds = static_cast<int>(deadlines.keep_alive.count());
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, seconds);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(deadlines.user_timeout.count()));
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

} // namespace weir::cluster
