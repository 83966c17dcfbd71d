#pragma once

// A product's name as it may stand in a response. It comes from the input, so it is not trusted.

#include <optional>
#include <string>
#include <string_view>

namespace weir::reviews {

/// Characters of a name that are shown; a longer one ends in "…".
inline constexpr int longest_product_name = 80;

/// The name on one line, without markup, control and invisible characters and invalid UTF-8, with personal
/// data masked, cut to longest_product_name. None if it then holds no letter, or holds a web address.
/// Thread-safe.
std::optional<std::string> shown_product_name(std::string_view name);

} // namespace weir::reviews
