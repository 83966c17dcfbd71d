#pragma once

// Text that a terminal may be sent, and its width there. Pure; UTF-8 in and out, whatever the locale.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::top {

/// The text without anything that a terminal obeys instead of showing: control characters (escape sequences
/// among them) become '?', line breaks and tabs a space, broken UTF-8 U+FFFD; invisible marks, such as those
/// that turn the direction of writing, are left out. At most `most` bytes are read.
std::string printable(std::string_view text, std::size_t most = 4096);
/// '?' for each character that is not ASCII: for terminals that cannot show them.
std::string ascii_only(std::string_view printable);

/// Columns on the screen: two for wide (East Asian) characters, none for combining marks.
std::size_t width_of(std::string_view text);
/// At most `width` columns, with '~' at the end where something was cut off. Never half a character.
std::string cut(std::string_view text, std::size_t width);
/// Exactly `width` columns: cut, or filled with spaces at the right (or the left).
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);

// Figures in few columns; "-" for nothing.

/// "0", "7.5", "123", "12.3k", "4.5M": for counts and rates.
std::string count_text(const std::optional<double>& n);
/// "0.20", "1.5", "20", "1.2s", "3m": milliseconds in a few columns; the unit is ms where none is shown.
std::string ms_text(const std::optional<double>& ms);
/// A share, 0 to 1, as whole per cent: "98".
std::string percent_text(const std::optional<double>& share);
/// "512 B", "12.0 KiB".
std::string bytes_text(const std::optional<double>& bytes);
/// "12s", "3m05s", "2h03m", "4d01h".
std::string seconds_text(const std::optional<double>& s);

} // namespace weir::top
