#pragma once

// What every verb of `weir` needs of the command line.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>

#include <string>

namespace weir {

/// "error: WHAT (WHERE): HOW TO FIX" on standard error, without control characters.
void print_error(const error& why);

/// "500ms", "2s", "1m"; 50ms to 1h. A number without a unit is an error.
result<duration> parse_interval(const std::string& text);

} // namespace weir
