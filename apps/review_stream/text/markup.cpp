#include <apps/review_stream/text/markup.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace weir::reviews {
namespace {

struct named_entity {
  std::string_view name;
  std::int32_t code_point;
};

// Sorted by name for the binary search (capitals first, as in ASCII).
constexpr auto named_entities = std::to_array<named_entity>({
    {"Aacute", 0xc1},  {"Auml", 0xc4},     {"Eacute", 0xc9},   {"Iacute", 0xcd},  {"Ntilde", 0xd1},
    {"Oacute", 0xd3},  {"Ouml", 0xd6},     {"Uacute", 0xda},   {"Uuml", 0xdc},    {"aacute", 0xe1},
    {"acute", 0xb4},   {"agrave", 0xe0},   {"amp", '&'},       {"apos", '\''},    {"auml", 0xe4},
    {"bull", 0x2022},  {"ccedil", 0xe7},   {"cent", 0xa2},     {"copy", 0xa9},    {"deg", 0xb0},
    {"eacute", 0xe9},  {"ecirc", 0xea},    {"egrave", 0xe8},   {"euml", 0xeb},    {"euro", 0x20ac},
    {"gt", '>'},       {"hearts", 0x2665}, {"hellip", 0x2026}, {"iacute", 0xed},  {"iexcl", 0xa1},
    {"iquest", 0xbf},  {"laquo", 0xab},    {"ldquo", 0x201c},  {"lsquo", 0x2018}, {"lt", '<'},
    {"mdash", 0x2014}, {"middot", 0xb7},   {"nbsp", 0xa0},     {"ndash", 0x2013}, {"ntilde", 0xf1},
    {"oacute", 0xf3},  {"ocirc", 0xf4},    {"ouml", 0xf6},     {"pound", 0xa3},   {"quot", '"'},
    {"raquo", 0xbb},   {"rdquo", 0x201d},  {"reg", 0xae},      {"rsquo", 0x2019}, {"szlig", 0xdf},
    {"trade", 0x2122}, {"uacute", 0xfa},   {"uuml", 0xfc},
});

constexpr bool is_ascii_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

} // namespace

std::size_t tag_length(std::string_view text) noexcept {
  constexpr std::size_t longest = 1024;
  if (text.size() < 3 || !(is_ascii_letter(text[1]) || text[1] == '/' || text[1] == '!'))
    return 0;
  const std::size_t end = text.substr(0, longest).find_first_of("<>", 1);
  return end == std::string_view::npos || text[end] == '<' ? 0 : end + 1;
}

entity decode_entity(std::string_view text) noexcept {
  constexpr std::size_t longest = 12;
  const std::size_t end = text.substr(0, longest).find(';');
  if (end == std::string_view::npos || end < 3)
    return {};
  std::string_view name = text.substr(1, end - 1);
  if (name.front() == '#') {
    name.remove_prefix(1);
    const bool hex = name.front() == 'x' || name.front() == 'X';
    if (hex)
      name.remove_prefix(1);
    std::int32_t code_point = 0;
    const auto [last, failure] =
        std::from_chars(name.data(), name.data() + name.size(), code_point, hex ? 16 : 10);
    const bool whole = failure == std::errc{} && last == name.data() + name.size() && !name.empty();
    const bool valid =
        code_point > 0 && code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff);
    return whole && valid ? entity{code_point, end + 1} : entity{};
  }
  const auto found = std::lower_bound(named_entities.begin(), named_entities.end(), name,
                                      [](const named_entity& a, std::string_view b) { return a.name < b; });
  if (found == named_entities.end() || found->name != name)
    return {};
  return {found->code_point, end + 1};
}

} // namespace weir::reviews
