#include <weir/base/utf8.hpp>

#include <cstddef>

namespace weir {

namespace {

bool within(std::string_view text, std::size_t at, unsigned low, unsigned high) noexcept {
  const auto byte = at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  return byte >= low && byte <= high;
}

/// The length of the character that `text` begins with, 0 if it begins with none: table 3-7 of the Unicode
/// standard.
std::size_t first_character(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80)
    return 1;
  if (lead < 0xC2 || lead > 0xF4)
    return 0;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (!within(text, 1, low, high))
    return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (std::size_t i = 2; i < length; ++i)
    if (!within(text, i, 0x80, 0xBF))
      return 0;
  return length;
}

} // namespace

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const auto length = first_character(bytes);
    if (length == 0)
      return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string to_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto length = first_character(bytes);
    if (length == 0)
      text += "\uFFFD";
    else
      text += bytes.substr(0, length);
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return text;
}

} // namespace weir
