// With http_client.cpp and http_session.cpp the only files that know Boost.Asio and Beast. Here: listening,
// accepting, and how many connections there may be.

#ifdef __SANITIZE_THREAD__ // fences are not seen by it; with one thread none is needed
#pragma GCC diagnostic ignored "-Wtsan"
#endif

#include <weir/observe/http_server.hpp>

#include <weir/base/signal_free_thread.hpp>
#include <weir/observe/http_session.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <exception>
#include <mutex>
#include <openssl/ssl.h>
#include <optional>
#include <thread>
#include <unistd.h>
#include <utility>

namespace weir {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr std::size_t most_refusals = 64; // of those at once that are still told why

struct counts {
  std::size_t sessions = 0;
  std::size_t refusals = 0;
};

} // namespace

struct http_server::impl {
  explicit impl(http_options given) : options(std::move(given)) {}

  void accept() {
    acceptor->async_accept([this](error_code ec, tcp::socket socket) {
      if (ec == asio::error::operation_aborted)
        return;
      if (ec) { // out of descriptors: not at once again
        pause->expires_after(std::chrono::milliseconds{100});
        pause->async_wait([this](error_code stopped) {
          if (!stopped)
            accept();
        });
        return;
      }
      try {
        admit(std::move(socket));
      } catch (...) { // out of memory: this one is closed, the next may fit
      }
      accept();
    });
  }

  void admit(tcp::socket socket) {
    error_code ignored;
    ignored = socket.set_option(tcp::no_delay{true}, ignored);
    const bool refused = now.sessions >= options.limits.connections;
    if (refused && now.refusals >= most_refusals)
      return;
    const auto tls = certificate();
    const bool ipv6 = socket.local_endpoint().address().is_v6();
    const int descriptor = socket.release();
    try {
      begin_http_session(*io, descriptor, ipv6, tls.get(), options, routes,
                         refused ? now.refusals : now.sessions, refused);
    } catch (...) {
      ::close(descriptor);
      throw;
    }
  }

  std::shared_ptr<ssl_ctx_st> certificate() {
    const std::lock_guard lock{tls_mutex};
    return tls;
  }

  void run() {
    for (;;) {
      try {
        io->run();
        return;
      } catch (...) { // out of memory in one connection: the others go on
      }
    }
  }

  const http_options options;
  http_routes routes;
  std::mutex tls_mutex;
  std::shared_ptr<ssl_ctx_st> tls; // under tls_mutex; nothing: plain
  counts now;                      // outlives the sessions, which go with `io`
  std::atomic<std::uint16_t> bound{0};
  bool started = false;
  std::unique_ptr<asio::io_context> io;
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> pause;
  std::thread thread;
};

http_server::http_server(http_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

http_server::~http_server() { stop(); }

void http_server::route(std::string method, std::string pattern, http_handler handler, http_access access) {
  impl_->routes.add(std::move(method), std::move(pattern), std::move(handler), access);
}

result<> http_server::start() {
  impl& self = *impl_;
  const std::string& host = self.options.access.host;
  if (self.started)
    return permanent("the admin listener was started before", host);
  if (auto may = may_listen(self.options.access, !self.options.tls.empty()); !may)
    return may;
  if (auto read = reload_certificate(); !read)
    return read;
  error_code ec;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, ec);
  if (ec)
    return permanent("not an address to listen on", host, "name an IPv4 or IPv6 address, or localhost");
  const std::string where = host + ":" + std::to_string(self.options.port);
  const auto failed = [&](std::string_view doing, std::string fix) -> result<> {
    self.acceptor.reset();
    self.io.reset();
    return permanent("cannot " + std::string{doing} + ": " + ec.message(), where, std::move(fix));
  };

  self.io = std::make_unique<asio::io_context>(1);
  self.acceptor.emplace(*self.io);
  tcp::acceptor& acceptor = *self.acceptor;
  const tcp::endpoint endpoint{address, self.options.port};
  if (acceptor.open(endpoint.protocol(), ec); ec)
    return failed("open a socket", {});
  ec = acceptor.set_option(asio::socket_base::reuse_address{true}, ec);
  if (acceptor.bind(endpoint, ec); ec == asio::error::address_in_use)
    return failed("listen", "choose another port, or 0 for a free one");
  if (ec == asio::error::access_denied)
    return failed("listen", "choose a port of 1024 or above");
  if (ec)
    return failed("listen", "name an address of this machine");
  if (acceptor.listen(asio::socket_base::max_listen_connections, ec); ec)
    return failed("listen", "choose another port, or 0 for a free one");
  self.bound = acceptor.local_endpoint(ec).port();

  self.started = true;
  self.pause.emplace(*self.io);
  self.accept();
  try {
    self.thread = signal_free_thread([&self] { self.run(); });
  } catch (const std::exception& thrown) {
    return permanent("cannot start a thread for the admin listener", where, thrown.what());
  }
  return {};
}

result<> http_server::reload_certificate() {
  if (impl_->options.tls.empty())
    return {};
  auto read = server_context(impl_->options.tls);
  if (!read)
    return read.error();
  const std::lock_guard lock{impl_->tls_mutex};
  impl_->tls = *std::move(read);
  return {};
}

std::uint16_t http_server::port() const noexcept { return impl_->bound; }

void http_server::stop() {
  impl& self = *impl_;
  if (!self.io)
    return;
  self.io->stop();
  if (self.thread.joinable())
    self.thread.join();
  self.pause.reset();
  self.acceptor.reset();
  self.io.reset(); // and with it the sessions
}

} // namespace weir
