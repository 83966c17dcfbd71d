#pragma once

// Sockets as the transport wants them.

#include <weir/cluster/transport/options.hpp>

namespace weir::cluster {

/// A TCP connection: keep-alive, user timeout, no delay.
void prepare(int socket, const transport_deadlines& deadlines);

} // namespace weir::cluster
