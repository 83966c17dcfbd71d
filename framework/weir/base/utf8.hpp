#pragma once

// Bytes that may or may not be UTF-8, where only UTF-8 may go (JSON). Thread-safe.

#include <string>
#include <string_view>

namespace weir {

/// Whether `bytes` are UTF-8: no surrogates, nothing above U+10FFFF, every character in its shortest form.
bool is_utf8(std::string_view bytes) noexcept;

/// `bytes` with each one that is no part of a character replaced by U+FFFD.
std::string to_utf8(std::string_view bytes);

} // namespace weir
