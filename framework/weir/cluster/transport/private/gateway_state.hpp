#pragma once

// The gateway's own: what its parts share. Included by gateway.cpp and connection.cpp only.

#include <weir/cluster/transport/figures.hpp>
#include <weir/cluster/transport/gateway.hpp>
#include <weir/cluster/transport/tls.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace weir::cluster {

struct connection;

struct gateway::impl {
  explicit impl(transport_options o) : options(std::move(o)) {}

  struct listener {
    explicit listener(boost::asio::io_context& io) : acceptor(io), pause(io) {}
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::steady_timer pause;
    std::shared_ptr<accept_queue> queue;
  };

  // Any thread.
  const transport_options options;
  std::weak_ptr<gateway> self;
  boost::asio::io_context io{1};
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
  std::atomic<std::uint64_t> last_id = 0;

  // The transport's thread only.
  std::map<std::uint64_t, std::shared_ptr<listener>> listeners;
  std::map<std::uint64_t, std::shared_ptr<connection>> connections; ///< oldest first
  std::chrono::steady_clock::time_point refusals_since{};
  int refusals_told = 0;

  std::shared_ptr<const tls_identity> current_identity() const {
    const std::scoped_lock lock{mutex};
    return identity;
  }
  void run();
  void accept(std::uint64_t id);
  void admit(boost::asio::ip::tcp::socket socket, const std::shared_ptr<accept_queue>& queue);
  bool make_room(const std::string& address);
  bool displace_half_open(const std::string* address);
  void tell(const error& why);
  /// Any thread.
  void failed(const std::string& where, error why);
  /// A connection as CAF is to have it, which tells this gateway what happens. Any thread.
  std::shared_ptr<checked_stream> checked(secure_stream stream, std::uint64_t id, const std::string& where,
                                          bool incoming);
};

} // namespace weir::cluster
