#include <weir/cluster/network/port.hpp>

#include <weir/cluster/transport/transport.hpp>

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace weir::cluster {

namespace {

// What crosses the network: a hello (whose sender is the link's other end), frames, a bye.
using hello_atom = caf::atom_constant<caf::atom("WeirHello")>;
using frame_atom = caf::atom_constant<caf::atom("WeirFrame")>;
using bye_atom = caf::atom_constant<caf::atom("WeirBye")>;

// What does not.
struct write_order {
  link_id link;
  std::vector<char> frame;
};
struct close_order {
  link_id link;
};
struct stop_order {};

std::vector<char> chars_of(const bytes& from) {
  std::vector<char> to(from.size());
  if (!from.empty())
    std::memcpy(to.data(), from.data(), from.size());
  return to;
}

std::shared_ptr<const bytes> bytes_of(const std::vector<char>& from) {
  auto to = std::make_shared<bytes>(from.size());
  if (!from.empty())
    std::memcpy(to->data(), from.data(), from.size());
  return to;
}

struct system_config : caf::actor_system_config {
  system_config() {
    config_file_path = "";
    load_transport(*this);
    // For the port's actor and CAF's own. None is detached: the system waits for detached actors before it
    // lets go of messages that its multiplexer still holds, and one of those, sent by the actor as it ended,
    // may be all that keeps it: for ever.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

} // namespace

} // namespace weir::cluster

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::cluster::write_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::cluster::close_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::cluster::stop_order)

namespace weir::cluster {

namespace {

/// Both ends. Peers are known by who sends.
class port_actor : public caf::event_based_actor {
 public:
  port_actor(caf::actor_config& config, std::shared_ptr<event_queue> events)
      : caf::event_based_actor(config), events_(std::move(events)) {
    set_default_handler(caf::drop); // what a peer of another build may send
    set_exit_handler([](caf::exit_msg&) {});
    set_error_handler([](caf::error&) {});
    set_down_handler([this](caf::down_msg& m) {
      if (const auto at = links_.find(m.source); at != links_.end()) {
        const auto link = at->second;
        forget(link);
        report(port_event::kind::closed, link);
      }
    });
    set_exception_handler(
        [](std::exception_ptr&) -> caf::error { return caf::exit_reason::unhandled_exception; });
  }

 protected:
  caf::message_handler both() {
    return {
        [this](frame_atom, const std::vector<char>& frame) {
          const auto at = links_.find(sender());
          if (at == links_.end())
            return say_bye();
          if (closing_.contains(at->second))
            return;
          events_->push({port_event::kind::frame, at->second, bytes_of(frame), {}});
        },
        [this](bye_atom) {
          const auto at = links_.find(sender());
          if (at == links_.end())
            return;
          const auto link = at->second;
          if (!closing_.contains(link))
            say_bye(); // the answer: all that came before has arrived
          forget(link);
          report(port_event::kind::closed, link);
        },
        [this](write_order& o) {
          if (const auto at = peers_.find(o.link); at != peers_.end() && !closing_.contains(o.link))
            send(at->second, frame_atom::value, std::move(o.frame));
        },
        [this](const close_order& o) {
          if (const auto at = peers_.find(o.link); at != peers_.end() && closing_.insert(o.link).second)
            send(at->second, bye_atom::value);
        },
        [this](const stop_order&) {
          peers_.clear();
          links_.clear();
          closing_.clear();
          quit();
        },
    };
  }
  caf::actor_addr sender() { return caf::actor_cast<caf::actor_addr>(current_sender()); }
  void say_bye() {
    if (const auto to = caf::actor_cast<caf::actor>(current_sender()))
      send(to, bye_atom::value);
  }
  void keep(link_id link, const caf::actor& peer) {
    monitor(peer);
    links_[peer.address()] = link;
    peers_[link] = peer;
  }
  void forget(link_id link) {
    const auto at = peers_.find(link);
    if (at == peers_.end())
      return;
    demonitor(at->second);
    links_.erase(at->second.address());
    peers_.erase(at);
    closing_.erase(link);
  }
  void report(port_event::kind what, link_id link) { events_->push({what, link, {}, {}}); }

  std::shared_ptr<event_queue> events_;
  std::map<caf::actor_addr, link_id> links_;
  std::map<link_id, caf::actor> peers_;
  std::set<link_id> closing_; ///< of those: have said bye, and wait for the answer
};

class listening_actor final : public port_actor {
 public:
  using port_actor::port_actor;
  caf::behavior make_behavior() override {
    return both().or_else([this](hello_atom) {
      const auto peer = caf::actor_cast<caf::actor>(current_sender());
      if (!peer)
        return;
      if (const auto at = links_.find(peer.address()); at != links_.end()) { // it begins anew
        const auto old = at->second;
        forget(old);
        report(port_event::kind::closed, old);
      }
      const auto link = next_++;
      keep(link, peer);
      report(port_event::kind::opened, link);
    });
  }
  const char* name() const override { return "weir.cluster.listening"; }

 private:
  link_id next_ = 1;
};

class connecting_actor final : public port_actor {
 public:
  connecting_actor(caf::actor_config& config, std::shared_ptr<event_queue> events, link_id link,
                   caf::io::middleman_actor middleman, host_port to, std::function<error()> why)
      : port_actor(config, std::move(events)), link_(link), middleman_(std::move(middleman)),
        to_(std::move(to)), why_(std::move(why)) {}
  caf::behavior make_behavior() override {
    request(middleman_, caf::infinite, caf::connect_atom::value, to_.host, to_.port)
        .then(
            [this](const caf::node_id&, const caf::strong_actor_ptr& found, const std::set<std::string>&) {
              if (!found)
                return fail(
                    permanent("no cluster listens there", where(), "is it the coordinator's address?"));
              const auto peer = caf::actor_cast<caf::actor>(found);
              keep(link_, peer);
              send(peer, hello_atom::value);
              report(port_event::kind::opened, link_);
            },
            [this](const caf::error& e) {
              error known = why_();
              fail(known.what.empty() ? transient("cannot connect: " + system().render(e), where())
                                      : std::move(known));
            });
    middleman_ = nullptr;
    return both();
  }
  const char* name() const override { return "weir.cluster.connecting"; }

 private:
  std::string where() const { return to_.host + ":" + std::to_string(to_.port); }
  void fail(error why) { events_->push({port_event::kind::unreachable, link_, {}, std::move(why)}); }
  link_id link_;
  caf::io::middleman_actor middleman_;
  host_port to_;
  std::function<error()> why_;
};

/// Before the transport ends: the actor may be asking it something.
void end(caf::actor_system& system, caf::actor& what) {
  if (!what)
    return;
  caf::anon_send<caf::message_priority::high>(what, stop_order{});
  caf::scoped_actor self{system};
  self->wait_for(std::exchange(what, nullptr));
}

} // namespace

// ---- listening

struct listening_port::impl {
  system_config config;
  caf::actor_system system{config};
  std::unique_ptr<transport> network;
  caf::actor self;
  std::uint16_t port = 0;
};

listening_port::listening_port(std::unique_ptr<impl> impl) : impl_(std::move(impl)) {}

result<std::unique_ptr<listening_port>> listening_port::open(transport_options options,
                                                             std::shared_ptr<event_queue> events) {
  auto made = std::make_unique<impl>();
  const auto wanted = options.port;
  auto network = transport::start(made->system, std::move(options));
  if (!network)
    return network.error();
  made->network = std::move(*network);
  made->self = made->system.spawn<listening_actor>(std::move(events));
  std::unique_ptr<listening_port> open{new listening_port{std::move(made)}}; // from here on it cleans up
  const auto port = open->impl_->network->publish(open->impl_->self, wanted);
  if (!port)
    return port.error();
  open->impl_->port = *port;
  return open;
}

listening_port::~listening_port() {
  end(impl_->system, impl_->self);
  impl_->network.reset();
}

std::uint16_t listening_port::port() const noexcept { return impl_->port; }
void listening_port::write(link_id link, bytes frame) {
  caf::anon_send(impl_->self, write_order{link, chars_of(frame)});
}
void listening_port::close(link_id link) { caf::anon_send(impl_->self, close_order{link}); }
result<> listening_port::reload_certificates() { return impl_->network->reload_certificates(); }
transport_figures listening_port::figures() const { return impl_->network->figures(); }

// ---- connecting

struct connecting_port::impl {
  system_config config;
  caf::actor_system system{config};
  std::unique_ptr<transport> network;
  caf::actor self;
  link_id link = 0;
};

connecting_port::connecting_port(transport_options options, const host_port& to, link_id link,
                                 std::shared_ptr<event_queue> events)
    : impl_(std::make_unique<impl>()) {
  impl_->link = link;
  auto network = transport::start(impl_->system, std::move(options));
  if (!network) {
    events->push({port_event::kind::unreachable, link, {}, network.error()});
    return;
  }
  impl_->network = std::move(*network);
  impl_->self = impl_->system.spawn<connecting_actor>(
      std::move(events), link, impl_->network->middleman(), to,
      [network = impl_->network.get(), to] { return network->last_failure(to.host, to.port); });
}

connecting_port::~connecting_port() {
  end(impl_->system, impl_->self);
  impl_->network.reset();
}

link_id connecting_port::link() const noexcept { return impl_->link; }
void connecting_port::write(bytes frame) {
  if (impl_->self)
    caf::anon_send(impl_->self, write_order{impl_->link, chars_of(frame)});
}
void connecting_port::close() {
  if (impl_->self)
    caf::anon_send(impl_->self, close_order{impl_->link});
}

} // namespace weir::cluster
