#pragma once

// Requests to the admin listener that say more than a path: what they ask for, checked.

#include <weir/observe/admin.hpp>
#include <weir/observe/http_message.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir {

/// A number and nothing else.
std::optional<std::uint64_t> whole_number(std::string_view text);

/// POST /api/v1/dead-letters/replay. 200 with what became of each letter, 400, 409.
http_response replay_letters(const decltype(admin_target::replay)& replay, const http_request& request);

/// GET /api/v1/nodes/{id}/tap. A stream, 400, 404, 409.
http_response tap_node(const decltype(admin_target::tap)& tap, const http_request& request);

} // namespace weir
