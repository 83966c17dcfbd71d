#include <weir/cluster/transport/gateway.hpp>

#include <weir/base/signal_free_thread.hpp>
#include <weir/cluster/transport/basp_check.hpp>
#include <weir/cluster/transport/figures.hpp>
#include <weir/cluster/transport/tls.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::cluster {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Of each direction of an open connection. A stranger gets less.
constexpr std::size_t buffer_bytes = std::size_t{256} * 1024;
/// A read that could not take a whole TLS record is not worth its call.
constexpr std::size_t record_bytes = std::size_t{16} * 1024;
constexpr std::size_t stranger_bytes = 2 * record_bytes;
/// Reads and writes in one go before other connections have their turn.
constexpr int turns_in_a_row = 16;
/// Out of descriptors: accepting again at once would spin.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::size_t most_failures_kept = 256;

error system_problem(const std::string& what, const std::string& where, const std::string& fix = {}) {
  return transient(what + ": " + std::system_category().message(errno), where, fix);
}

result<std::array<int, 2>> socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_problem("no socket pair", "transport", "raise the limit of open files (ulimit -n)");
  // The kernel's limit counts: as much as it gives.
  constexpr int wanted = 1024 * 1024;
  for (const int end : ends)
    ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
  return ends;
}

void set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

void prepare(int socket, const transport_deadlines& deadlines) {
  const auto seconds = static_cast<int>(deadlines.keep_alive.count());
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, seconds);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(deadlines.user_timeout.count()));
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

std::string endpoint_text(const std::string& host, std::uint16_t port) {
  return host + ":" + std::to_string(port);
}

/// Bytes on their way in one direction.
struct flow {
  std::vector<char> buffer;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool source_ended = false;
  bool finished = false; ///< and the target was told

  bool empty() const { return begin == end; }
};

struct connection;
using connection_ptr = std::shared_ptr<connection>;

struct listener {
  explicit listener(asio::io_context& io) : acceptor(io), pause(io) {}
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::shared_ptr<accept_queue> queue;
};

} // namespace

struct gateway::impl {
  explicit impl(transport_options o) : options(std::move(o)) {}

  // Any thread.
  const transport_options options;
  asio::io_context io{1};
  std::thread thread;
  std::mutex ending;
  std::atomic<bool> stopped = false;
  mutable std::mutex mutex; ///< of identity and failures
  std::shared_ptr<const tls_identity> identity;
  std::map<std::string, error> failures;
  std::atomic<std::uint64_t> half_open = 0;
  std::atomic<std::uint64_t> open = 0;
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> over_limits = 0;
  std::atomic<std::uint64_t> not_trusted = 0;
  std::atomic<std::uint64_t> bad_messages = 0;
  std::atomic<std::uint64_t> bytes_received = 0;
  std::atomic<std::uint64_t> bytes_sent = 0;

  // The transport's thread only.
  std::map<std::uint64_t, std::shared_ptr<listener>> listeners;
  std::map<std::uint64_t, connection_ptr> connections; ///< oldest first
  std::atomic<std::uint64_t> last_id = 0;
  std::chrono::steady_clock::time_point refusals_since{};
  int refusals_told = 0;

  std::shared_ptr<const tls_identity> current_identity() const {
    const std::scoped_lock lock{mutex};
    return identity;
  }
  void run();
  void accept(std::uint64_t id);
  void admit(tcp::socket socket, const std::shared_ptr<accept_queue>& queue);
  bool make_room(const std::string& address);
  bool displace_half_open(const std::string* address);
  void tell(const error& why);
  void failed(const std::string& where, error why);
};

namespace {

/// One connection, from its socket to its end. The transport's thread only.
struct connection : std::enable_shared_from_this<connection> {
  connection(gateway::impl& of, std::uint64_t number, basp_check::speaker speaker)
      : owner(of), id(number), check(speaker, of.options.limits.message_bytes), tcp_(of.io), pair_(of.io),
        timer(of.io), resolver(of.io) {}

  gateway::impl& owner;
  const std::uint64_t id;
  basp_check check;
  tcp::socket tcp_;
  asio::local::stream_protocol::socket pair_;
  asio::steady_timer timer;
  tcp::resolver resolver;
  std::shared_ptr<const tls_identity> identity; ///< what its TLS was made from
  std::optional<secure_stream> stream;
  std::shared_ptr<accept_queue> queue; ///< where an accepted one goes once it is authenticated
  std::string address;                 ///< of the peer; of one that we connect to, HOST:PORT
  flow in;
  flow out;
  bool counted = false; ///< as half-open
  bool greeted = false;
  bool closed = false;

  bool incoming() const { return queue != nullptr; }

  // --- the ways to begin

  void begin_accepted() {
    counted = true;
    ++owner.half_open;
    deadline(owner.options.deadlines.handshake, "no handshake in time");
    identity = owner.current_identity();
    if (!identity) {
      stream.emplace(tcp_.native_handle());
      shake_hands();
      return;
    }
    auto made = secure_stream::from(tcp_.native_handle(), *identity, owner.options.peer_names);
    begin_stream(std::move(made));
  }

  void begin_connecting(const std::string& host, std::uint16_t port) {
    deadline(owner.options.deadlines.connect, "no answer in time");
    resolver.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                           [self = shared_from_this(), host](const error_code& failed,
                                                             const tcp::resolver::results_type& found) {
                             if (self->closed)
                               return;
                             if (failed)
                               return self->refuse("no such host: " + failed.message(),
                                                   "check the name, or use an address");
                             self->connect_to_one_of(found, host);
                           });
  }

  void connect_to_one_of(const tcp::resolver::results_type& found, const std::string& host) {
    identity = owner.current_identity();
    std::vector<tcp::endpoint> allowed;
    for (const auto& entry : found)
      if (identity || owner.options.insecure || entry.endpoint().address().is_loopback())
        allowed.push_back(entry.endpoint());
    if (allowed.empty())
      return refuse("a connection to another machine without TLS",
                    "give --tls-ca, --tls-cert and --tls-key, or say --insecure");
    const auto endpoints = std::make_shared<std::vector<tcp::endpoint>>(std::move(allowed));
    asio::async_connect(
        tcp_, *endpoints,
        [self = shared_from_this(), endpoints, host](const error_code& failed, const tcp::endpoint&) {
          if (self->closed)
            return;
          if (failed)
            return self->refuse("cannot connect: " + failed.message(), "is the host running there?");
          self->begin_connected(host);
        });
  }

  void begin_connected(const std::string& host) {
    deadline(owner.options.deadlines.handshake, "no handshake in time");
    error_code ignored;
    tcp_.native_non_blocking(true, ignored);
    prepare(tcp_.native_handle(), owner.options.deadlines);
    if (!identity) {
      stream.emplace(tcp_.native_handle());
      shake_hands();
      return;
    }
    begin_stream(secure_stream::to(tcp_.native_handle(), *identity, host));
  }

  void begin_stream(result<secure_stream> made) {
    if (!made)
      return refuse(made.error().what, made.error().fix);
    stream.emplace(std::move(*made));
    shake_hands();
  }

  void shake_hands() {
    const io_step step = stream->handshake();
    switch (step.status) {
    case io_status::done:
      return authenticated();
    case io_status::wants_read:
    case io_status::wants_write:
      return wait_for_tcp(step.status, &connection::shake_hands);
    default:
      ++owner.not_trusted;
      return refuse("no trust: " + stream->failure(),
                    "certificates of both hosts must be of one CA and carry "
                    "the names they are reached by");
    }
  }

  void authenticated() {
    if (incoming()) {
      auto ends = socket_pair();
      if (!ends)
        return refuse(ends.error().what, ends.error().fix);
      take_pair((*ends)[1]);
      queue->push((*ends)[0]);
    }
    in.buffer.resize(stranger_bytes);
    out.buffer.resize(stranger_bytes);
    pump_in();
    if (!closed)
      pump_out();
  }

  void take_pair(int end) {
    error_code failed;
    pair_.assign(asio::local::stream_protocol{}, end, failed);
    if (failed)
      ::close(end);
  }

  // --- carrying bytes

  /// From the network to CAF.
  void pump_in() {
    for (int turn = 0; turn < turns_in_a_row && !closed; ++turn) {
      if (in.empty()) {
        const io_step last = fill_in();
        if (closed)
          return;
        if (in.empty() && in.source_ended) {
          ::shutdown(pair_.native_handle(), SHUT_WR);
          return finish(in);
        }
        if (in.empty() && last.status != io_status::done)
          return wait_for_tcp(last.status, &connection::pump_in);
        continue;
      }
      const io_step step = write_some(pair_.native_handle(), &in.buffer[in.begin], in.end - in.begin);
      if (step.status == io_status::wants_write)
        return wait_for_pair(step.status, &connection::pump_in);
      if (step.status != io_status::done)
        return close();
      in.begin += step.bytes;
    }
    again(&connection::pump_in);
  }

  /// Reads as much as is there, and has it checked.
  io_step fill_in() {
    in.begin = in.end = 0;
    io_step step;
    while (in.end + record_bytes <= in.buffer.size() && step.status == io_status::done) {
      step = stream->read(&in.buffer[in.end], in.buffer.size() - in.end);
      if (step.status == io_status::ended || step.status == io_status::failed)
        in.source_ended = true;
      else if (step.status == io_status::done && !judge(step.bytes))
        return step;
      in.end += step.bytes;
      owner.bytes_received += step.bytes;
    }
    if (in.source_ended && !greeted)
      refuse(step.status == io_status::failed && identity ? "refused by the peer: " + stream->failure()
                                                          : "the peer closed the connection before greeting",
             "look into the other host's log");
    return step;
  }

  bool judge(std::size_t bytes) {
    if (!check.follow(&in.buffer[in.end], bytes)) {
      ++owner.bad_messages;
      refuse("not a host of Weir: " + std::string{check.wrong()},
             "is this the cluster's port, and of this version?");
      return false;
    }
    if (!greeted && check.greeted()) {
      greeted = true;
      in.buffer.resize(buffer_bytes);
      out.buffer.resize(buffer_bytes);
      timer.cancel();
      not_half_open();
      ++owner.open;
    }
    return true;
  }

  /// From CAF to the network.
  void pump_out() {
    for (int turn = 0; turn < turns_in_a_row && !closed; ++turn) {
      if (out.empty()) {
        const io_step step = read_some(pair_.native_handle(), out.buffer.data(), out.buffer.size());
        if (step.status == io_status::wants_read)
          return wait_for_pair(step.status, &connection::pump_out);
        if (step.status != io_status::done) {
          stream->end();
          return finish(out);
        }
        out.begin = 0;
        out.end = step.bytes;
        continue;
      }
      const io_step step = stream->write(&out.buffer[out.begin], out.end - out.begin);
      if (step.status == io_status::wants_read || step.status == io_status::wants_write)
        return wait_for_tcp(step.status, &connection::pump_out);
      if (step.status != io_status::done)
        return close();
      out.begin += step.bytes;
      owner.bytes_sent += step.bytes;
    }
    again(&connection::pump_out);
  }

  /// One direction is through; the other has until the deadline.
  void finish(flow& direction) {
    direction.finished = true;
    if (in.finished && out.finished)
      return close();
    deadline(owner.options.deadlines.close, nullptr);
  }

  // --- waiting

  using next_step = void (connection::*)();

  template <class Socket>
  void wait_on(Socket& socket, io_status until, next_step next) {
    const auto what = until == io_status::wants_write ? Socket::wait_write : Socket::wait_read;
    socket.async_wait(what, [self = shared_from_this(), next](const error_code& failed) {
      if (self->closed)
        return;
      if (failed)
        return self->close();
      (self.get()->*next)();
    });
  }
  void wait_for_tcp(io_status until, next_step next) { wait_on(tcp_, until, next); }
  void wait_for_pair(io_status until, next_step next) { wait_on(pair_, until, next); }

  void again(next_step next) {
    if (closed)
      return;
    asio::post(owner.io, [self = shared_from_this(), next] {
      if (!self->closed)
        (self.get()->*next)();
    });
  }

  /// Replaces the deadline before. What to say when it passes, nullptr to close quietly.
  void deadline(std::chrono::milliseconds after, const char* what) {
    timer.expires_after(after);
    timer.async_wait([self = shared_from_this(), what](const error_code& cancelled) {
      if (cancelled || self->closed)
        return;
      if (what == nullptr)
        return self->close();
      if (self->stream)
        ++self->owner.not_trusted;
      self->refuse(what, "is it a host of Weir, with the same kind of TLS?");
    });
  }

  // --- the end

  void refuse(const std::string& what, const std::string& fix) {
    const error why = transient(what, address, fix);
    if (incoming())
      owner.tell(why);
    else
      owner.failed(address, why);
    close();
  }

  void not_half_open() {
    if (std::exchange(counted, false))
      --owner.half_open;
  }

  void close() {
    if (std::exchange(closed, true))
      return;
    not_half_open();
    if (greeted)
      --owner.open;
    error_code ignored;
    resolver.cancel();
    timer.cancel();
    // Before the sockets, which it uses.
    stream.reset();
    tcp_.close(ignored);
    pair_.close(ignored);
    owner.connections.erase(id);
  }
};

} // namespace

void gateway::impl::run() {
  const auto work = asio::make_work_guard(io);
  io.run();
}

void gateway::impl::accept(std::uint64_t id) {
  const auto found = listeners.find(id);
  if (found == listeners.end())
    return;
  const auto here = found->second;
  here->acceptor.async_accept([this, id, here](const error_code& failed, tcp::socket socket) {
    if (!here->acceptor.is_open())
      return;
    if (!failed) {
      admit(std::move(socket), here->queue);
      return accept(id);
    }
    here->pause.expires_after(accept_pause);
    here->pause.async_wait([this, id](const error_code& cancelled) {
      if (!cancelled)
        accept(id);
    });
  });
}

void gateway::impl::admit(tcp::socket socket, const std::shared_ptr<accept_queue>& queue) {
  ++accepted;
  error_code gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  if (gone)
    return;
  const std::string address = peer.address().to_string();
  if (!make_room(address)) {
    ++over_limits;
    tell(transient("too many connections", address,
                   "raise the limits of the transport if these are hosts of yours"));
    return;
  }
  socket.native_non_blocking(true, gone);
  prepare(socket.native_handle(), options.deadlines);
  const auto made = std::make_shared<connection>(*this, ++last_id, basp_check::speaker::client);
  made->tcp_ = std::move(socket);
  made->queue = queue;
  made->address = address;
  connections.emplace(made->id, made);
  made->begin_accepted();
}

bool gateway::impl::make_room(const std::string& address) {
  std::size_t of_peer = 0;
  for (const auto& [id, other] : connections)
    of_peer += other->incoming() && other->address == address ? 1 : 0;
  if (of_peer >= options.limits.connections_per_peer && !displace_half_open(&address))
    return false;
  if (half_open >= options.limits.half_open && !displace_half_open(nullptr))
    return false;
  return connections.size() < options.limits.connections || displace_half_open(nullptr);
}

bool gateway::impl::displace_half_open(const std::string* address) {
  for (const auto& [id, other] : connections) {
    if (!other->counted || (address != nullptr && other->address != *address))
      continue;
    ++over_limits;
    other->refuse("displaced by a newer connection before it had greeted",
                  "raise the limits of the transport");
    return true;
  }
  return false;
}

void gateway::impl::tell(const error& why) {
  constexpr int most_in_a_second = 10;
  if (!options.on_refusal)
    return;
  const auto now = std::chrono::steady_clock::now();
  if (now - refusals_since > std::chrono::seconds{1}) {
    refusals_since = now;
    refusals_told = 0;
  }
  if (++refusals_told <= most_in_a_second)
    options.on_refusal(why);
}

void gateway::impl::failed(const std::string& where, error why) {
  const std::scoped_lock lock{mutex};
  if (failures.size() >= most_failures_kept && !failures.contains(where))
    failures.erase(failures.begin());
  failures.insert_or_assign(where, std::move(why));
}

gateway::gateway(std::unique_ptr<impl> impl) : impl_(std::move(impl)) {}
gateway::~gateway() { stop(); }

result<std::shared_ptr<gateway>> gateway::start(transport_options options) {
  if (auto r = check(options); !r)
    return r.error();
  auto made = std::make_unique<impl>(std::move(options));
  if (!made->options.tls.empty()) {
    auto identity = tls_identity::load(made->options.tls);
    if (!identity)
      return identity.error();
    made->identity = std::move(*identity);
  }
  std::shared_ptr<gateway> here{new gateway{std::move(made)}};
  // OpenSSL writes without MSG_NOSIGNAL: SIGPIPE must not reach this thread.
  here->impl_->thread = signal_free_thread([of = here->impl_.get()] { of->run(); });
  return here;
}

result<gateway::listening> gateway::listen(std::uint16_t port, std::shared_ptr<accept_queue> queue) {
  const std::string where = endpoint_text(impl_->options.listen, port);
  const std::string host = impl_->options.listen == "localhost" ? "127.0.0.1" : impl_->options.listen;
  error_code failed;
  const auto address = asio::ip::make_address(host, failed);
  if (failed)
    return permanent("not an address to listen on", where, "give an address of this machine, or 0.0.0.0");
  if (impl_->stopped)
    return permanent("the transport was stopped", where);
  const auto here = std::make_shared<listener>(impl_->io);
  here->queue = std::move(queue);
  const tcp::endpoint endpoint{address, port};
  here->acceptor.open(endpoint.protocol(), failed);
  if (!failed)
    here->acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed)
    here->acceptor.bind(endpoint, failed);
  if (!failed)
    here->acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed)
    return transient("cannot listen: " + failed.message(), where,
                     "choose an address of this machine and a free port");
  const listening made{.id = ++impl_->last_id, .port = here->acceptor.local_endpoint(failed).port()};
  asio::post(impl_->io, [of = impl_.get(), here, id = made.id] {
    of->listeners.emplace(id, here);
    of->accept(id);
  });
  return made;
}

void gateway::close_listener(std::uint64_t id) {
  asio::post(impl_->io, [of = impl_.get(), id] {
    const auto found = of->listeners.find(id);
    if (found == of->listeners.end())
      return;
    error_code ignored;
    found->second->acceptor.close(ignored);
    found->second->pause.cancel();
    of->listeners.erase(found);
  });
}

result<int> gateway::connect(const std::string& host, std::uint16_t port) {
  const std::string where = endpoint_text(host, port);
  if (impl_->stopped)
    return permanent("the transport was stopped", where);
  {
    const std::scoped_lock lock{impl_->mutex};
    impl_->failures.erase(where);
  }
  auto ends = socket_pair();
  if (!ends)
    return ends.error();
  asio::post(impl_->io, [of = impl_.get(), host, port, where, ours = (*ends)[1]] {
    const auto made = std::make_shared<connection>(*of, ++of->last_id, basp_check::speaker::server);
    made->address = where;
    made->take_pair(ours);
    if (of->connections.size() >= of->options.limits.connections && !of->displace_half_open(nullptr)) {
      ++of->over_limits;
      return made->refuse("too many connections", "raise the limits of the transport");
    }
    of->connections.emplace(made->id, made);
    made->begin_connecting(host, port);
  });
  return (*ends)[0];
}

error gateway::last_failure(const std::string& host, std::uint16_t port) const {
  const std::scoped_lock lock{impl_->mutex};
  const auto found = impl_->failures.find(endpoint_text(host, port));
  return found == impl_->failures.end() ? error{} : found->second;
}

result<> gateway::reload_certificates() {
  if (impl_->options.tls.empty())
    return {};
  auto identity = tls_identity::load(impl_->options.tls);
  if (!identity)
    return identity.error();
  const std::scoped_lock lock{impl_->mutex};
  impl_->identity = std::move(*identity);
  return {};
}

transport_figures gateway::figures() const {
  const impl& of = *impl_;
  return {.half_open = of.half_open,
          .open = of.open,
          .accepted = of.accepted,
          .over_limits = of.over_limits,
          .not_trusted = of.not_trusted,
          .bad_messages = of.bad_messages,
          .bytes_received = of.bytes_received,
          .bytes_sent = of.bytes_sent};
}

void gateway::stop() {
  const std::scoped_lock lock{impl_->ending};
  impl_->stopped = true;
  if (!impl_->thread.joinable())
    return;
  asio::post(impl_->io, [of = impl_.get()] {
    for (const auto& [id, here] : std::exchange(of->listeners, {})) {
      error_code ignored;
      here->acceptor.close(ignored);
      here->pause.cancel();
    }
    while (!of->connections.empty())
      std::map<std::uint64_t, connection_ptr>::value_type{*of->connections.begin()}.second->close();
    of->io.stop();
  });
  impl_->thread.join();
}

} // namespace weir::cluster
