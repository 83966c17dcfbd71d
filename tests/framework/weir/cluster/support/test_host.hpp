#pragma once

// A host of a cluster inside the test: an actor system and its transport.

#include <weir/cluster/transport/transport.hpp>

#include <caf/all.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir_tests {

class test_host {
 public:
  /// Throws when the transport does not start.
  explicit test_host(weir::cluster::transport_options options = {});
  ~test_host();
  test_host(const test_host&) = delete;
  test_host& operator=(const test_host&) = delete;

  /// Publishes an actor that answers a number with the next one, and the size of a text with that. The port;
  /// 0 = a free one.
  std::uint16_t publish_echo(std::uint16_t port = 0);
  /// Whether the actor that is published there answers rightly.
  weir::result<> ask_echo(const std::string& host, std::uint16_t port);
  /// Asks one that is already known.
  bool answers(const caf::actor& echo, int number = 41);

  weir::cluster::transport& network() { return *transport_; }
  caf::actor_system& system() { return *system_; }
  /// Why peers were refused so far.
  std::vector<std::string> refusals() const;

 private:
  struct config : caf::actor_system_config {
    config();
  };
  config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<weir::cluster::transport> transport_;
  std::vector<caf::actor> published_;
  mutable std::mutex mutex_;
  std::vector<std::string> refusals_;
};

} // namespace weir_tests
