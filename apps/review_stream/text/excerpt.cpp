#include <apps/review_stream/text/excerpt.hpp>

#include <algorithm>
#include <cstdint>
#include <utf8proc.h>

namespace weir::reviews {
namespace {

struct character {
  std::int32_t code_point = -1; // negative: no UTF-8
  std::size_t length = 1;
};

character first_of(std::string_view text) noexcept {
  character c;
  const utf8proc_ssize_t length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &c.code_point);
  c.length = length > 0 ? static_cast<std::size_t>(length) : 1;
  if (length <= 0)
    c.code_point = -1;
  return c;
}

// Controls (Cc), formats (Cf: direction marks, joiners, tags), line and paragraph separators, blanks,
// surrogates.
bool is_harmless(std::int32_t code_point) noexcept {
  if (code_point < 0)
    return false;
  switch (utf8proc_category(code_point)) {
  case UTF8PROC_CATEGORY_CC:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_CS:
  case UTF8PROC_CATEGORY_ZL:
  case UTF8PROC_CATEGORY_ZP:
  case UTF8PROC_CATEGORY_ZS:
    return false;
  default:
    return true;
  }
}

} // namespace

std::string excerpt(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  bool blank = false; // one is due before the next character
  while (!text.empty()) {
    const character c = first_of(text);
    const std::string_view piece = text.substr(0, c.length);
    text.remove_prefix(c.length);
    if (!is_harmless(c.code_point)) {
      blank = !out.empty();
      continue;
    }
    if (count + (blank ? 1 : 0) >= most)
      return out + "…";
    if (blank) {
      out += ' ';
      ++count;
    }
    blank = false;
    out += piece;
    ++count;
  }
  return out;
}

std::size_t columns_of(std::string_view text) noexcept {
  std::size_t columns = 0;
  while (!text.empty()) {
    const character c = first_of(text);
    columns += c.code_point < 0 ? 1 : static_cast<std::size_t>(std::max(0, utf8proc_charwidth(c.code_point)));
    text.remove_prefix(c.length);
  }
  return columns;
}

std::string padded(std::string text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  if (used < columns)
    text.append(columns - used, ' ');
  return text;
}

} // namespace weir::reviews
