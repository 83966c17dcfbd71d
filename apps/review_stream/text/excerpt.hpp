#pragma once

// Foreign text for a terminal. Pure functions. Thread-safe.

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::reviews {

/// The start of a text on one line: at most `most` characters, cut at a character's border and ended with
/// "…" when it was longer. Line ends, tabs, control characters, marks that turn the writing direction, and
/// bytes that are no UTF-8 become blanks; runs of blanks become one.
std::string excerpt(std::string_view text, std::size_t most);

/// How many columns of a terminal a text takes: two a Chinese character, none a combining mark.
std::size_t columns_of(std::string_view text) noexcept;

/// The text with blanks up to that many columns; unchanged when it is wider.
std::string padded(std::string text, std::size_t columns);

} // namespace weir::reviews
