#pragma once

// What `weir cluster status` shows of the answer of GET /api/v1/cluster, as plain text. Pure; what is missing
// there is "-" here, and nothing that a terminal would obey is let through.

#include <weir/base/result.hpp>

#include <string>
#include <string_view>

namespace weir::cluster {

/// The cluster in a line and a table of its hosts. An error where it is no such answer.
result<std::string> status_text(std::string_view json);

} // namespace weir::cluster
