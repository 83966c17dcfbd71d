#pragma once

// Hosts talk to each other through this: CAF's remote actors behind Weir's own sockets.
//
//   caf::actor_system_config config;
//   cluster::load_transport(config); // before the system: CAF's I/O, which listens on nothing
//   caf::actor_system system{config};
//   auto started = cluster::transport::start(system, options); // reads and checks the certificates
//   if (!started) … started.error() is one line for people
//   cluster::transport& t = **started;
//   auto port = t.publish(my_actor, options.port); // as system.middleman().publish
//   auto far = t.remote_actor("host2", 4711);      // as system.middleman().remote_actor; blocks
//   self->request(t.middleman(), timeout, caf::connect_atom::value, std::string{"host2"}, port); // does not
//
// Never call publish, open, remote_actor or connect of `system.middleman()` itself: those are CAF's own
// sockets, which any stranger can crash. Destroy the transport before the system: it closes all connections
// at once, so what must arrive is acknowledged by its receiver first. Publish and connect with actors that
// are not `caf::detached`: at its end the system waits for those until nobody refers to them, and a message
// that its multiplexer still holds may do so for ever.
//
// While a connection is made, a thread of the system's scheduler waits for it: give it two at least.
//
// What is promised: with certificates, only a peer that proves (TLS 1.3, both ways) to hold one of the
// cluster's CA is ever heard, within deadlines; nothing but well-formed BASP of bounded size reaches CAF,
// whoever sends it. What is not: flow control (a fast sender fills its own memory: use end-to-end demand) and
// delivery.

#include <weir/base/result.hpp>
#include <weir/cluster/transport/figures.hpp>
#include <weir/cluster/transport/options.hpp>

#include <caf/actor.hpp>
#include <caf/fwd.hpp>
#include <caf/io/middleman_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace weir::cluster {

/// Loads CAF's I/O such that it opens no port of its own. Before the actor system is made.
void load_transport(caf::actor_system_config& config);

/// Thread-safe, but for its end. A system has one at most.
class transport {
 public:
  /// Fails where check(options) does, and with certificates that are unreadable, expired, not of this CA, or
  /// do not fit the key. `system` must have been configured by load_transport and outlive the transport.
  static result<std::unique_ptr<transport>> start(caf::actor_system& system, transport_options options);
  /// Closes all listeners and connections and joins the transport's thread.
  ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// Listens at `options.listen` and gives whoever connects there a handle of `whom`. The port, if it was 0
  /// the one that was free.
  result<std::uint16_t> publish(const caf::actor& whom, std::uint16_t port);
  /// Stops listening for it; connections stay.
  result<> unpublish(const caf::actor& whom, std::uint16_t port);

  /// The actor published there. Blocks until the host has answered or the deadlines of the options have
  /// passed; not from a scheduled actor. A host that was lost and is back needs a new call: old handles stay
  /// dead.
  result<caf::actor> remote_actor(const std::string& host, std::uint16_t port);

  /// CAF's interface to all that (caf::io::middleman_actor): for actors, which must not block. Why a request
  /// failed, in words, is last_failure().
  caf::io::middleman_actor middleman() const;
  /// Why the latest attempt to connect there failed; `what` is empty where none did.
  error last_failure(const std::string& host, std::uint16_t port) const;

  /// Reads the TLS files again: connections made from now on use them, those that are open stay. On an error
  /// the old ones stay in use.
  result<> reload_certificates();

  transport_figures figures() const;

 private:
  struct impl;
  explicit transport(std::unique_ptr<impl> impl);
  std::unique_ptr<impl> impl_;
};

} // namespace weir::cluster
