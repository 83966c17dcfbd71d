#pragma once

#include <cstdint>

namespace weir::cluster {

/// Connections of a transport now, and events since its start.
struct transport_figures {
  std::uint64_t half_open = 0;      ///< accepted, not yet authenticated and greeted
  std::uint64_t open = 0;           ///< greeted, both directions
  std::uint64_t accepted = 0;       ///< connections taken from the network
  std::uint64_t over_limits = 0;    ///< closed because of a limit, the displaced included
  std::uint64_t not_trusted = 0;    ///< failed or unfinished handshakes
  std::uint64_t bad_messages = 0;   ///< closed by the check of BASP headers
  std::uint64_t bytes_received = 0; ///< of BASP, without TLS
  std::uint64_t bytes_sent = 0;
};

} // namespace weir::cluster
