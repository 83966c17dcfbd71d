#include <weir/cluster/transport/gateway.hpp>

#include <weir/base/signal_free_thread.hpp>
#include <weir/cluster/transport/private/connection.hpp>
#include <weir/cluster/transport/private/gateway_state.hpp>
#include <weir/cluster/transport/sockets.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <future>
#include <string_view>
#include <utility>

namespace weir::cluster {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Out of descriptors: accepting again at once would spin.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::size_t most_failures_kept = 256;

std::string endpoint_text(const std::string& host, std::uint16_t port) {
  return host + ":" + std::to_string(port);
}

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
  gone = socket.native_non_blocking(true, gone);
  prepare(socket.native_handle(), options.deadlines);
  const auto made = std::make_shared<connection>(*this, ++last_id);
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

std::shared_ptr<checked_stream> gateway::impl::checked(secure_stream stream, std::uint64_t id,
                                                       const std::string& where, bool incoming) {
  // The gateway stays as long as the stream does. What is posted runs on its thread, or never.
  const auto then = [keep = self.lock(), this, id](std::function<void(connection&)> what) {
    asio::post(io, [this, id, what = std::move(what)] {
      if (const auto c = connections.find(id); c != connections.end())
        what(*std::shared_ptr<connection>{c->second});
    });
  };
  const auto refuse = [then, this, where, incoming](const std::string& what, const std::string& fix) {
    if (incoming)
      return then([what, fix](connection& c) { c.refuse(what, fix); });
    { // whoever asked may look for the reason at once; one that is known is the cause of this
      const std::scoped_lock lock{mutex};
      failures.try_emplace(where, transient(what, where, fix));
    }
    then([](connection& c) { c.close(); });
  };
  checked_stream::listener tells;
  tells.greeted = [then] { then([](connection& c) { c.has_greeted(); }); };
  tells.ending = [then] { then([](connection& c) { c.ending(); }); };
  tells.refused = [refuse, this](std::string_view wrong) {
    ++bad_messages;
    refuse("not a host of Weir: " + std::string{wrong}, "is this the cluster's port, and of this version?");
  };
  tells.ended = [then, refuse, secure = current_identity() != nullptr](bool greeted, const std::string& why) {
    if (greeted)
      return then([](connection& c) { c.close(); });
    refuse(secure && !why.empty() ? "refused by the peer: " + why
                                  : "the peer closed the connection before greeting",
           "look into the other host's log");
  };
  const auto speaker = incoming ? basp_check::speaker::client : basp_check::speaker::server;
  return std::make_shared<checked_stream>(std::move(stream),
                                          basp_check{speaker, options.limits.message_bytes}, bytes_received,
                                          bytes_sent, std::move(tells));
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
  here->impl_->self = here;
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
  const auto here = std::make_shared<impl::listener>(impl_->io);
  here->queue = std::move(queue);
  const tcp::endpoint endpoint{address, port};
  failed = here->acceptor.open(endpoint.protocol(), failed);
  if (!failed)
    failed = here->acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed)
    failed = here->acceptor.bind(endpoint, failed);
  if (!failed)
    failed = here->acceptor.listen(asio::socket_base::max_listen_connections, failed);
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
    ignored = found->second->acceptor.close(ignored);
    found->second->pause.cancel();
    of->listeners.erase(found);
  });
}

result<ready_connection> gateway::connect(const std::string& host, std::uint16_t port) {
  const std::string where = endpoint_text(host, port);
  const auto promise = std::make_shared<std::promise<result<ready_connection>>>();
  {
    const std::scoped_lock lock{impl_->ending}; // what is posted before the end runs
    if (impl_->stopped)
      return permanent("the transport was stopped", where);
    {
      const std::scoped_lock also{impl_->mutex};
      impl_->failures.erase(where);
    }
    asio::post(impl_->io, [of = impl_.get(), host, port, where, promise] {
      const auto begun = std::make_shared<connection>(*of, ++of->last_id);
      begun->address = where;
      begun->made = [promise](result<ready_connection> r) { promise->set_value(std::move(r)); };
      if (of->connections.size() >= of->options.limits.connections && !of->displace_half_open(nullptr)) {
        ++of->over_limits;
        return begun->refuse("too many connections", "raise the limits of the transport");
      }
      of->connections.emplace(begun->id, begun);
      begun->begin_connecting(host, port);
    });
  }
  return promise->get_future().get();
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
      ignored = here->acceptor.close(ignored);
      here->pause.cancel();
    }
    while (!of->connections.empty())
      std::shared_ptr<connection> { of->connections.begin()->second } -> close();
    of->io.stop();
  });
  impl_->thread.join();
}

} // namespace weir::cluster
