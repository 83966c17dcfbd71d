#include <tests/framework/weir/observe/support/test_client.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace weir_tests {

namespace {

/// A system call, again as long as a signal (libFuzzer's timer is one) interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR)
    result = call();
  return result;
}

} // namespace

test_client::test_client(std::uint16_t port, int receive_buffer)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0)
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int failed = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ? 0 : errno;
  if (failed == EINTR) { // it goes on by itself
    pollfd done{descriptor_, POLLOUT, 0};
    uninterrupted([&] { return ::poll(&done, 1, 60'000); });
    socklen_t size = sizeof failed;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &failed, &size);
  }
  if (failed != 0) {
    ::close(descriptor_);
    descriptor_ = -1;
    closed_ = true;
  }
}

test_client::~test_client() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

test_client::test_client(test_client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), closed_(other.closed_),
      received_(std::move(other.received_)) {}

bool test_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n =
        uninterrupted([&] { return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
    if (n <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void test_client::end_of_requests() { ::shutdown(descriptor_, SHUT_WR); }

bool test_client::read_some() {
  if (closed_)
    return false;
  pollfd wait{descriptor_, POLLIN, 0};
  if (uninterrupted([&] { return ::poll(&wait, 1, 60'000); }) <= 0) {
    std::fprintf(stderr, "HANGS: no answer within a minute; so far: %s\n", received_.c_str());
    std::abort();
  }
  char bytes[16'384];
  const auto n = uninterrupted([&] { return ::recv(descriptor_, bytes, sizeof bytes, 0); });
  if (n <= 0) {
    closed_ = true;
    return false;
  }
  received_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

const std::string& test_client::read_to_end() {
  while (read_some()) {
  }
  return received_;
}

bool test_client::read_until(std::string_view text) {
  while (received_.find(text) == std::string::npos)
    if (!read_some())
      return false;
  return true;
}

std::string ask(std::uint16_t port, std::string_view method, std::string_view target,
                std::string_view headers, std::string_view body, std::string_view host) {
  test_client client{port};
  std::string text{method};
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
  text.append("Connection: close\r\n").append(headers);
  if (!body.empty())
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  text.append("\r\n").append(body);
  client.send(text);
  return client.read_to_end();
}

int status_of(std::string_view response) {
  if (!response.starts_with("HTTP/1.1 ") || response.size() < 12)
    return 0;
  return std::atoi(std::string{response.substr(9, 3)}.c_str());
}

std::string body_of(std::string_view response) {
  const auto at = response.find("\r\n\r\n");
  return at == std::string_view::npos ? std::string{} : std::string{response.substr(at + 4)};
}

} // namespace weir_tests
