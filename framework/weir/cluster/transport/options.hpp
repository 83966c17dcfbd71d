#pragma once

// What the transport between hosts may do, whom it trusts, and what it spends on strangers. Plain values.

#include <weir/base/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace weir::cluster {

/// The three PEM files of a host; `weir cluster certs` makes them. All or none.
struct tls_files {
  std::filesystem::path ca;          ///< the certificate(s) every host of the cluster is signed by
  std::filesystem::path certificate; ///< this host's own, then intermediate ones if there are any
  std::filesystem::path key;         ///< of that certificate, without a password
  bool empty() const { return ca.empty() && certificate.empty() && key.empty(); }
};

/// What peers can take from us at most. A new connection that finds a limit reached takes the place of the
/// oldest half-open one (of the same address, at its limit); where there is none, it is closed.
struct transport_limits {
  /// Accepted connections that have not authenticated and greeted yet. Each costs about 100 KiB, and the
  /// handshake about a millisecond of processor time.
  std::size_t half_open = 32;
  /// All connections, in both directions. Each open one costs about 1 MiB at most.
  std::size_t connections = 256;
  /// Accepted connections from one network address, half-open ones included.
  std::size_t connections_per_peer = 16;
  /// One message on the wire; a peer that announces more is cut off. At most 1 GiB.
  std::size_t message_bytes = std::size_t{2} * 1024 * 1024;
};

struct transport_deadlines {
  /// To find the address of a host's name and to be connected to it.
  std::chrono::milliseconds connect{5'000};
  /// From then on until the peer has authenticated and greeted. Longer lets strangers hold places longer.
  std::chrono::milliseconds handshake{5'000};
  /// Once one side has closed, for the other to finish.
  std::chrono::milliseconds close{2'000};
  /// A silent connection is probed after this time (TCP keep-alive), and three times more, this far apart.
  std::chrono::seconds keep_alive{5};
  /// What was sent and is not acknowledged, or finds the peer's window shut, for this long ends the
  /// connection (TCP_USER_TIMEOUT).
  std::chrono::milliseconds user_timeout{20'000};
};

struct transport_options {
  /// Address to listen on. Without certificates only loopback, unless `insecure`.
  std::string listen = "127.0.0.1";
  /// 0 = a free one: publish() tells which.
  std::uint16_t port = 0;
  /// HOST:PORT of hosts to join at. The transport only checks that they can be read; membership joins.
  std::vector<std::string> seeds;
  /// Empty = no TLS.
  tls_files tls;
  /// Names or addresses of which a connecting host's certificate must carry one. Empty = every certificate of
  /// the CA is welcome. (Where we connect, the certificate must carry the name that we connect to, always.)
  std::vector<std::string> peer_names;
  /// Plain connections with any address. Whoever reaches the port then is a member of the cluster.
  bool insecure = false;
  transport_limits limits;
  transport_deadlines deadlines;
  /// Told why a peer was refused, on the transport's thread, ten times a second at most. Must be short and
  /// not throw.
  std::function<void(const error& why)> on_refusal;
};

/// Options that contradict each other or make an open door: listening without TLS off loopback, one TLS file
/// without the others, seeds that are no HOST:PORT, a limit of zero. Does not look into files.
result<> check(const transport_options& options);

struct host_port {
  std::string host;
  std::uint16_t port = 0;
};
/// "HOST:PORT", "[::1]:PORT".
result<host_port> parse_host_port(const std::string& text);

/// An address (not a name) that cannot be reached from another machine; also "localhost".
bool is_loopback(const std::string& address);

} // namespace weir::cluster
