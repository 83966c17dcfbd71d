#include <tests/framework/weir/cluster/support/raw_client.hpp>

#include <caf/atom.hpp>

#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace weir_tests {

raw_client::raw_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // OpenSSL writes to sockets that the server may have closed.
  std::signal(SIGPIPE, SIG_IGN);
  constexpr timeval hang_guard{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &hang_guard, sizeof hang_guard);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &hang_guard, sizeof hang_guard);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(socket_);
    throw std::runtime_error("nobody listens");
  }
}

raw_client::~raw_client() { ::close(socket_); }

bool raw_client::begin_tls(const weir::cluster::tls_files& files, int version) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (version != 0)
    SSL_CTX_set_max_proto_version(context_.get(), version);
  if (!files.empty() &&
      (SSL_CTX_use_certificate_chain_file(context_.get(), files.certificate.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context_.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1))
    throw std::runtime_error("the test's certificate cannot be used");
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), socket_);
  return SSL_connect(ssl_.get()) == 1;
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void raw_client::end() { ::shutdown(socket_, SHUT_WR); }

std::string raw_client::read_to_end() {
  std::string all;
  char part[4096];
  for (;;) {
    errno = 0;
    const auto n = ssl_ ? SSL_read(ssl_.get(), part, sizeof part) : ::recv(socket_, part, sizeof part, 0);
    if (n > 0)
      all.append(part, static_cast<std::size_t>(n));
    else if (errno == EAGAIN)
      throw std::runtime_error("the server neither answers nor closes");
    else
      return all;
  }
}

std::string basp_header::bytes() const {
  std::string out{static_cast<char>(operation), 0, 0, static_cast<char>(flags)};
  const auto number = [&](std::uint64_t value, int size) {
    while (size-- > 0)
      out += static_cast<char>(value >> (8 * size));
  };
  number(payload, 4);
  number(data, 8);
  number(source, 8);
  number(receiver, 8);
  return out;
}

std::string client_greeting(std::uint32_t process) {
  // A node's identity, as CAF writes it: of which kind, 20 bytes of its host, its process.
  std::string node;
  const auto number = [&](std::uint64_t value, int size) {
    while (size-- > 0)
      node += static_cast<char>(value >> (8 * size));
  };
  number(static_cast<std::uint64_t>(caf::atom("default")), 8);
  node += "Weir's own test host";
  number(process, 4);
  return basp_header{.operation = 1, .payload = static_cast<std::uint32_t>(node.size())}.bytes() + node;
}

} // namespace weir_tests
