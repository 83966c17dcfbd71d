#pragma once

// Where CAF and the gateway meet: CAF's middleman with another `connect` and `open`, which give it
// connections of the gateway. It blocks while one is made.

#include <weir/cluster/transport/gateway.hpp>

#include <caf/io/middleman_actor_impl.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace weir::cluster {

class gate_middleman : public caf::io::middleman_actor_impl {
 public:
  gate_middleman(caf::actor_config& config, caf::actor broker, std::shared_ptr<gateway> network);

 protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host, std::uint16_t port) override;
  /// `address` and `reuse` are ignored: the transport's options say where to listen.
  caf::expected<caf::io::doorman_ptr> open(std::uint16_t port, const char* address, bool reuse) override;
  /// No UDP: these refuse.
  caf::expected<caf::io::datagram_servant_ptr> contact(const std::string& host, std::uint16_t port) override;
  caf::expected<caf::io::datagram_servant_ptr> open_udp(std::uint16_t port, const char* address,
                                                        bool reuse) override;

 private:
  std::shared_ptr<gateway> network_;
};

} // namespace weir::cluster
