#include <apps/review_stream/text/clean_text.hpp>

#include <apps/review_stream/text/markup.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <utf8proc.h>

namespace weir::reviews {

namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Controls and markup: bytes that make a closer look necessary.
constexpr bool is_suspicious(std::uint8_t c) noexcept {
  return (c < 32 && c != '\n') || c == 0x7f || c == '<' || c == '&';
}

/// Whether a character that starts with `first` and goes on with `rest` may have to go: U+0080 to U+00BF,
/// U+200x, U+202x, U+206x, U+FEFF and U+FFFx.
bool may_be_invisible(std::uint8_t first, std::string_view rest) noexcept {
  const auto next = [rest](std::size_t i) {
    return i < rest.size() ? static_cast<std::uint8_t>(rest[i]) : 0;
  };
  if (first == 0xe2)
    return (next(0) == 0x80 && (next(1) <= 0x8f || next(1) >= 0xa8)) || next(0) == 0x81;
  return first == 0xc2 || (first == 0xef && (next(0) == 0xbb || next(0) == 0xbf));
}

bool needs_cleaning(std::string_view text) noexcept {
  if (text.empty())
    return false;
  if (is_blank(text.front()) || is_blank(text.back()))
    return true;
  // No branch, so that the compiler makes vector code of it.
  std::uint8_t suspicious = 0;
  std::uint8_t all = 0;
  for (const char byte : text) {
    const auto c = static_cast<std::uint8_t>(byte);
    suspicious = static_cast<std::uint8_t>(suspicious | (is_suspicious(c) ? 1 : 0));
    all = static_cast<std::uint8_t>(all | c);
  }
  if (suspicious != 0)
    return true;
  if (all < 0x80)
    return false;
  utf8proc_int32_t point = 0;
  while (!text.empty()) {
    const auto first = static_cast<std::uint8_t>(text.front());
    utf8proc_ssize_t n = 1;
    if (first >= 0x80) {
      n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                           static_cast<utf8proc_ssize_t>(text.size()), &point);
      if (n < 0 || may_be_invisible(first, text.substr(1)))
        return true;
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return false;
}

/// How many bytes at the front of a text stay as they are, whatever follows.
std::size_t harmless(std::string_view text) noexcept {
  std::size_t n = 0;
  while (n < text.size()) {
    const auto c = static_cast<std::uint8_t>(text[n]);
    if (c >= 0x80 || is_suspicious(c))
      break;
    ++n;
  }
  return n;
}

/// Characters without a meaning in a review: controls, and what turns the direction of a line around.
bool is_invisible(std::int32_t c) noexcept {
  const auto between = [c](std::int32_t low, std::int32_t high) { return c >= low && c <= high; };
  return (c < 32 && c != '\n') || between(0x7f, 0x9f) || c == 0xad || between(0x202a, 0x202e) ||
         c == 0x200b || c == 0x200e || c == 0x200f || c == 0x2028 || c == 0x2029 || between(0x2060, 0x2069) ||
         c == 0xfeff || between(0xfff9, 0xfffd);
}

/// What a tag is to a reader: nothing within a line, a new line, or a gap.
std::string_view space_of(std::string_view tag) noexcept {
  char name[8] = {};
  std::size_t size = 0;
  for (std::size_t i = tag[1] == '/' ? 2 : 1; i < tag.size() && size + 1 < sizeof name; ++i) {
    const auto c = static_cast<char>(static_cast<unsigned char>(tag[i]) | 0x20U);
    if ((c < 'a' || c > 'z') && (tag[i] < '0' || tag[i] > '9'))
      break;
    name[size++] = c < 'a' ? tag[i] : c;
  }
  const std::string_view is{name, size};
  constexpr std::array<std::string_view, 14> within = {
      "a", "b", "i", "u", "s", "em", "span", "small", "font", "strong", "mark", "sup", "sub", "big"};
  constexpr std::array<std::string_view, 11> lines = {"br", "p",  "div", "li", "ul", "tr",
                                                      "h1", "h2", "h3",  "h4", "ol"};
  const auto among = [is](const auto& names) {
    for (const auto name_of_tag : names)
      if (is == name_of_tag)
        return true;
    return false;
  };
  return among(within) ? "" : among(lines) ? "\n" : " ";
}

void put(std::string& out, std::int32_t point) {
  if (point == 0x2028 || point == 0x2029) {
    out += '\n';
    return;
  }
  if (point == '\t') {
    out += ' ';
    return;
  }
  if (is_invisible(point))
    return;
  utf8proc_uint8_t bytes[4];
  const auto n = utf8proc_encode_char(point, bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
}

} // namespace

void clean_text(std::string& text) {
  if (!needs_cleaning(text))
    return;
  std::string out;
  out.reserve(text.size());
  std::string_view rest = text;
  for (;;) {
    const std::size_t same = harmless(rest);
    out.append(rest.substr(0, same));
    rest.remove_prefix(same);
    if (rest.empty())
      break;
    const char c = rest.front();
    if (c == '<') {
      if (const std::size_t tag = tag_length(rest); tag > 0) {
        const std::string_view space = space_of(rest.substr(0, tag));
        if (space != "\n" || !out.ends_with('\n')) // </p><p> is one new line
          out += space;
        rest.remove_prefix(tag);
        continue;
      }
    } else if (c == '&') {
      if (const entity e = decode_entity(rest); e.length > 0) {
        put(out, e.code_point == 0xa0 ? ' ' : e.code_point);
        rest.remove_prefix(e.length);
        continue;
      }
    } else if (c == '\r') {
      out += '\n';
      rest.remove_prefix(rest.starts_with("\r\n") ? 2 : 1);
      continue;
    }
    utf8proc_int32_t point = 0;
    const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(rest.data()),
                                    static_cast<utf8proc_ssize_t>(rest.size()), &point);
    if (n < 0) { // no UTF-8: the byte goes
      rest.remove_prefix(1);
      continue;
    }
    put(out, point);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  std::size_t begin = 0;
  while (begin < out.size() && is_blank(out[begin]))
    ++begin;
  while (out.size() > begin && is_blank(out.back()))
    out.pop_back();
  out.erase(0, begin);
  text = std::move(out);
}

} // namespace weir::reviews
