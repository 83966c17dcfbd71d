#pragma once

// From a request that was read to its response: shape, access rules, route, handler. Knows no sockets.

#include <weir/observe/access_rules.hpp>
#include <weir/observe/http_message.hpp>
#include <weir/observe/http_routes.hpp>

namespace weir {

/// The handler's response, or why there is none: 400 for a request that is ambiguous, what the access rules
/// deny, 404, 405, and 500 for what a handler throws. Sets the path's parameters in `request`.
http_response answer_to(http_request request, const access_rules& rules, const http_routes& routes);

} // namespace weir
