#include <weir/cluster/transport/transport.hpp>

#include <weir/cluster/transport/gate.hpp>

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/basp_broker.hpp>

#include <set>
#include <utility>

namespace weir::cluster {

void load_transport(caf::actor_system_config& config) {
  config.load<caf::io::middleman>();
  // Or BASP opens a port of its own, on all addresses.
  config.set("middleman.enable-automatic-connections", false);
  // Or every new peer costs a thread until it has answered a question of CAF's.
  config.set("middleman.attach-utility-actors", true);
}

struct transport::impl {
  transport_options options;
  std::shared_ptr<gateway> network;
  caf::actor_system& system;
  caf::io::middleman_actor middleman;
};

transport::transport(std::unique_ptr<impl> impl) : impl_(std::move(impl)) {}

result<std::unique_ptr<transport>> transport::start(caf::actor_system& system, transport_options options) {
  if (!system.has_middleman())
    return permanent("the actor system has no I/O", "transport", "call load_transport before it is made");
  auto network = gateway::start(options);
  if (!network)
    return network.error();
  const auto broker = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  // Not detached: the system would wait for whoever still refers to it. It blocks a scheduler's thread for as
  // long as a connection is being made.
  const auto actor = system.spawn<gate_middleman, caf::hidden>(broker, *network);
  auto made = std::make_unique<impl>(impl{std::move(options), std::move(*network), system,
                                          caf::actor_cast<caf::io::middleman_actor>(actor)});
  return std::unique_ptr<transport>{new transport{std::move(made)}};
}

transport::~transport() {
  caf::anon_send_exit(impl_->middleman, caf::exit_reason::user_shutdown);
  impl_->network->stop();
}

result<std::uint16_t> transport::publish(const caf::actor& whom, std::uint16_t port) {
  const std::string where = impl_->options.listen + ":" + std::to_string(port);
  caf::scoped_actor self{impl_->system};
  result<std::uint16_t> answer = permanent("cannot publish", where);
  self->request(impl_->middleman, caf::infinite, caf::publish_atom::value, port,
                caf::actor_cast<caf::strong_actor_ptr>(whom), std::set<std::string>{}, std::string{}, true)
      .receive([&](std::uint16_t real_port) { answer = real_port; },
               [&](const caf::error& why) {
                 answer = transient("cannot listen: " + impl_->system.render(why), where,
                                    "choose an address of this machine and a free port");
               });
  return answer;
}

result<> transport::unpublish(const caf::actor& whom, std::uint16_t port) {
  caf::scoped_actor self{impl_->system};
  result<> answer;
  self->request(impl_->middleman, caf::infinite, caf::unpublish_atom::value, whom.address(), port)
      .receive([] {},
               [&](const caf::error& why) {
                 answer = transient("cannot unpublish: " + impl_->system.render(why), "transport");
               });
  return answer;
}

result<caf::actor> transport::remote_actor(const std::string& host, std::uint16_t port) {
  const std::string where = host + ":" + std::to_string(port);
  caf::scoped_actor self{impl_->system};
  result<caf::actor> answer =
      permanent("no actor is published there", where, "is it a host of this cluster?");
  self->request(impl_->middleman, caf::infinite, caf::connect_atom::value, host, port)
      .receive(
          [&](const caf::node_id&, const caf::strong_actor_ptr& found, const std::set<std::string>&) {
            if (found)
              answer = caf::actor_cast<caf::actor>(found);
          },
          [&](const caf::error& why) {
            const error known = last_failure(host, port);
            answer =
                known.what.empty() ? transient("cannot connect: " + impl_->system.render(why), where) : known;
          });
  return answer;
}

caf::io::middleman_actor transport::middleman() const { return impl_->middleman; }
error transport::last_failure(const std::string& host, std::uint16_t port) const {
  return impl_->network->last_failure(host, port);
}
result<> transport::reload_certificates() { return impl_->network->reload_certificates(); }
transport_figures transport::figures() const { return impl_->network->figures(); }

} // namespace weir::cluster
