#pragma once

// A line of the screen, cut to its width.

#include <apps/weir/top/text.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace weir::top {

enum class style : std::uint8_t { plain, title, heading, selected, good, warning, bad, faint };

struct line {
  std::string text; ///< printable, at most as wide as was asked for
  weir::top::style style = style::plain;
};

/// `width` 0: as wide as the text.
inline line make(std::string text, std::size_t width, style s = style::plain) {
  return {width == 0 ? std::move(text) : cut(text, width), s};
}

inline std::string or_dash(const std::string& text) { return text.empty() ? "-" : printable(text, 256); }

} // namespace weir::top
