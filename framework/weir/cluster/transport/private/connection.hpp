#pragma once

// One connection of the gateway, from its socket until CAF has it, and its deadlines and its end from then
// on. The transport's thread only.

#include <weir/base/owned_descriptor.hpp>
#include <weir/cluster/transport/private/gateway_state.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace weir::cluster {

struct connection : std::enable_shared_from_this<connection> {
  connection(gateway::impl& of, std::uint64_t number);

  // ---- the ways to begin
  /// tcp_, queue and address are set.
  void begin_accepted();
  /// address and made are set.
  void begin_connecting(const std::string& host, std::uint16_t port);

  // ---- CAF has it
  void has_greeted();
  /// CAF will write no more.
  void ending();

  void refuse(const std::string& what, const std::string& fix);
  void close();
  bool incoming() const { return queue != nullptr; }

  gateway::impl& owner;
  const std::uint64_t id;
  boost::asio::ip::tcp::socket tcp_;
  std::shared_ptr<accept_queue> queue;                ///< where an accepted one goes once it is authenticated
  std::function<void(result<ready_connection>)> made; ///< of one that we connect: called once
  std::string address;                                ///< of the peer; of one that we connect to, HOST:PORT
  bool counted = false;                               ///< as half-open

 private:
  void connect_to_one_of(const boost::asio::ip::tcp::resolver::results_type& found, const std::string& host);
  void begin_connected(const std::string& host);
  void begin_stream(result<secure_stream> stream);
  void shake_hands();
  void authenticated();
  /// Replaces the deadline before. What to say when it passes, nullptr to close quietly.
  void deadline(std::chrono::milliseconds after, const char* what);
  void not_half_open();

  boost::asio::steady_timer timer_;
  boost::asio::ip::tcp::resolver resolver_;
  std::optional<secure_stream> stream_;
  owned_descriptor handed_over_; ///< ours of the socket that CAF has
  bool greeted_ = false;
  bool closed_ = false;
};

} // namespace weir::cluster
