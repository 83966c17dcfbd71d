#pragma once

// One connection of the HTTP server, from the handshake to its end. Internal to http_server.

#include <weir/observe/http_routes.hpp>
#include <weir/observe/http_server.hpp>

#include <cstddef>

struct ssl_ctx_st;
namespace boost::asio {
class io_context;
}

namespace weir {

/// Answers the requests that come on a connected socket, which it owns from now on; with `refused` it only
/// says that there is no room. `tls`: null for plain HTTP; shared. `count` is one higher while it lives.
/// On the thread of `on`; options, routes and count outlive `on`. Throws when there is no memory, or the
/// socket cannot be watched; it is still the caller's then.
void begin_http_session(boost::asio::io_context& on, int socket, bool ipv6, ssl_ctx_st* tls,
                        const http_options& options, const http_routes& routes, std::size_t& count,
                        bool refused);

} // namespace weir
