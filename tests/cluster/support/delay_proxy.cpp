#include <tests/cluster/support/delay_proxy.hpp>

#include <tests/support/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <list>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::test {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::size_t most_held = std::size_t{8} << 20U;

sockaddr_in address_of(const std::string& text, std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  ::inet_pton(AF_INET, text.c_str(), &at.sin_addr);
  return at;
}

/// One direction.
struct way {
  struct piece {
    clock::time_point due;
    std::vector<char> what;
    std::size_t sent = 0;
  };
  std::deque<piece> held;
  std::size_t bytes = 0;
  bool ended = false;

  /// False when there is no more to come and all has gone, or it is broken.
  bool read(int from, std::chrono::milliseconds delay) {
    while (!ended && bytes < most_held) {
      std::vector<char> some(65536);
      const auto n = ::recv(from, some.data(), some.size(), MSG_DONTWAIT);
      if (n < 0)
        return errno == EAGAIN;
      if (n == 0) {
        ended = true;
        break;
      }
      some.resize(static_cast<std::size_t>(n));
      bytes += some.size();
      held.push_back({clock::now() + delay, std::move(some)});
    }
    return true;
  }
  bool write(int to) {
    while (!held.empty() && held.front().due <= clock::now()) {
      piece& first = held.front();
      const auto n = ::send(to, first.what.data() + first.sent, first.what.size() - first.sent,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0)
        return errno == EAGAIN;
      first.sent += static_cast<std::size_t>(n);
      if (first.sent == first.what.size()) {
        bytes -= first.what.size();
        held.pop_front();
      }
    }
    return !(ended && held.empty());
  }
};

struct pair {
  int near, far;
  way out, back;
};

} // namespace

delay_proxy::delay_proxy(std::string at, std::string address, std::string to, std::uint16_t port,
                         std::chrono::milliseconds delay)
    : thread_([this, at = std::move(at), address = std::move(address), to = std::move(to), port, delay] {
        run(at, address, to, port, delay);
      }) {
  while (!ready_)
    std::this_thread::yield();
}

delay_proxy::~delay_proxy() {
  stop_ = true;
  thread_.join();
}

void delay_proxy::run(const std::string& at, const std::string& address, const std::string& to,
                      std::uint16_t port, std::chrono::milliseconds delay) {
  const int space = ::open(("/run/netns/" + at).c_str(), O_RDONLY | O_CLOEXEC); // of this thread only
  const bool there = space >= 0 && ::setns(space, CLONE_NEWNET) == 0;
  ::close(space);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int one = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const auto own = address_of(address, port);
  const bool listens = there && ::bind(listener, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0 &&
                       ::listen(listener, 16) == 0;
  ready_ = true;
  std::list<pair> pairs;
  while (listens && !stop_) {
    for (int near = 0; (near = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto there_at = address_of(to, port);
      if (::connect(far, reinterpret_cast<const sockaddr*>(&there_at), sizeof there_at) == 0) {
        pairs.push_back({near, far, {}, {}});
      } else {
        ::close(near);
        ::close(far);
      }
    }
    for (auto p = pairs.begin(); p != pairs.end();) {
      const bool lives = p->out.read(p->near, delay) && p->back.read(p->far, delay) && p->out.write(p->far) &&
                         p->back.write(p->near);
      if (!lives) {
        ::close(p->near);
        ::close(p->far);
        p = pairs.erase(p);
      } else {
        ++p;
      }
    }
    ::poll(nullptr, 0, 2); // what is held is due in steps of this
  }
  for (const auto& p : pairs) {
    ::close(p.near);
    ::close(p.far);
  }
  ::close(listener);
}

} // namespace weir::test
