#include <weir/cluster/transport/private/connection.hpp>

#include <weir/cluster/transport/sockets.hpp>

#include <boost/asio/connect.hpp>

#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>

namespace weir::cluster {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

connection::connection(gateway::impl& of, std::uint64_t number)
    : owner(of), id(number), tcp_(of.io), timer_(of.io), resolver_(of.io) {}

void connection::begin_accepted() {
  counted = true;
  ++owner.half_open;
  deadline(owner.options.deadlines.handshake, "no handshake in time");
  const auto identity = owner.current_identity();
  begin_stream(identity ? secure_stream::from(tcp_.native_handle(), *identity, owner.options.peer_names)
                        : secure_stream{tcp_.native_handle()});
}

void connection::begin_connecting(const std::string& host, std::uint16_t port) {
  deadline(owner.options.deadlines.connect, "no answer in time");
  resolver_.async_resolve(
      host, std::to_string(port), tcp::resolver::numeric_service,
      [self = shared_from_this(), host](const error_code& failed, const tcp::resolver::results_type& found) {
        if (self->closed_)
          return;
        if (failed)
          return self->refuse("no such host: " + failed.message(), "check the name, or use an address");
        self->connect_to_one_of(found, host);
      });
}

void connection::connect_to_one_of(const tcp::resolver::results_type& found, const std::string& host) {
  const bool any = owner.current_identity() != nullptr || owner.options.insecure;
  std::vector<tcp::endpoint> allowed;
  for (const auto& entry : found)
    if (any || entry.endpoint().address().is_loopback())
      allowed.push_back(entry.endpoint());
  if (allowed.empty())
    return refuse("a connection to another machine without TLS",
                  "give --tls-ca, --tls-cert and --tls-key, or say --insecure");
  const auto endpoints = std::make_shared<std::vector<tcp::endpoint>>(std::move(allowed));
  asio::async_connect(
      tcp_, *endpoints,
      [self = shared_from_this(), endpoints, host](const error_code& failed, const tcp::endpoint&) {
        if (self->closed_)
          return;
        if (failed)
          return self->refuse("cannot connect: " + failed.message(), "is the host running there?");
        self->begin_connected(host);
      });
}

void connection::begin_connected(const std::string& host) {
  deadline(owner.options.deadlines.handshake, "no handshake in time");
  error_code ignored;
  ignored = tcp_.native_non_blocking(true, ignored);
  prepare(tcp_.native_handle(), owner.options.deadlines);
  const auto identity = owner.current_identity();
  begin_stream(identity ? secure_stream::to(tcp_.native_handle(), *identity, host)
                        : secure_stream{tcp_.native_handle()});
}

void connection::begin_stream(result<secure_stream> stream) {
  if (!stream)
    return refuse(stream.error().what, stream.error().fix);
  stream_.emplace(std::move(*stream));
  shake_hands();
}

void connection::shake_hands() {
  const io_step step = stream_->handshake();
  if (step.status == io_status::done)
    return authenticated();
  if (step.status != io_status::wants_read && step.status != io_status::wants_write) {
    ++owner.not_trusted;
    return refuse("no trust: " + stream_->failure(), "certificates of both hosts must be of one CA and carry "
                                                     "the names they are reached by");
  }
  tcp_.async_wait(step.status == io_status::wants_write ? tcp::socket::wait_write : tcp::socket::wait_read,
                  [self = shared_from_this()](const error_code& failed) {
                    if (self->closed_)
                      return;
                    if (failed)
                      return self->close();
                    self->shake_hands();
                  });
}

/// From here on it is CAF's, but for what is to end it.
void connection::authenticated() {
  handed_over_ = owned_descriptor{::fcntl(tcp_.native_handle(), F_DUPFD_CLOEXEC, 0)};
  if (!handed_over_)
    return refuse("no descriptor left", "raise the limit of open files (ulimit -n)");
  error_code failed;
  // The number stays, as the stream knows it; asio watches it no more.
  ready_connection ready{owned_descriptor{tcp_.release(failed)},
                         owner.checked(*std::exchange(stream_, std::nullopt), id, address, incoming())};
  if (incoming())
    queue->push(std::move(ready));
  else
    std::exchange(made, nullptr)(std::move(ready));
}

// ---- CAF has it

void connection::has_greeted() {
  if (closed_ || std::exchange(greeted_, true))
    return;
  timer_.cancel();
  not_half_open();
  ++owner.open;
}

void connection::ending() {
  if (!closed_)
    deadline(owner.options.deadlines.close, nullptr);
}

// ---- the end

void connection::deadline(std::chrono::milliseconds after, const char* what) {
  timer_.expires_after(after);
  timer_.async_wait([self = shared_from_this(), what](const error_code& cancelled) {
    if (cancelled || self->closed_)
      return;
    if (what == nullptr)
      return self->close();
    if (self->stream_ || self->handed_over_)
      ++self->owner.not_trusted;
    self->refuse(what, "is it a host of Weir, with the same kind of TLS?");
  });
}

void connection::refuse(const std::string& what, const std::string& fix) {
  const error why = transient(what, address, fix);
  if (incoming())
    owner.tell(why);
  else
    owner.failed(address, why);
  if (made)
    std::exchange(made, nullptr)(why);
  close();
}

void connection::not_half_open() {
  if (std::exchange(counted, false))
    --owner.half_open;
}

void connection::close() {
  if (std::exchange(closed_, true))
    return;
  if (made)
    std::exchange(made, nullptr)(permanent("the transport was stopped", address));
  not_half_open();
  if (greeted_)
    --owner.open;
  error_code ignored;
  resolver_.cancel();
  timer_.cancel();
  stream_.reset(); // before the socket, which it uses
  ignored = tcp_.close(ignored);
  if (handed_over_) {
    ::shutdown(handed_over_.get(), SHUT_RDWR); // CAF sees the end, and closes its own
    handed_over_.close();
  }
  owner.connections.erase(id);
}

} // namespace weir::cluster
