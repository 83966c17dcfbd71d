#include <weir/workflow/tracing.hpp>

#include <cstddef>

namespace weir {

namespace {

/// Lower-case hexadecimal digits only, as the standard demands.
bool read_hex(std::string_view digits, std::uint64_t& to) {
  to = 0;
  for (const char c : digits) {
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<std::uint64_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<std::uint64_t>(c - 'a') + 10;
    else
      return false;
    to = (to << 4U) | digit;
  }
  return true;
}

} // namespace

std::optional<trace_parent> parse_traceparent(std::string_view text) {
  constexpr std::size_t size = 55;
  std::uint64_t version = 0;
  std::uint64_t flags = 0;
  trace_parent p;
  if (text.size() < size || text[2] != '-' || text[35] != '-' || text[52] != '-' ||
      !read_hex(text.substr(0, 2), version) || version == 0xff ||
      !read_hex(text.substr(3, 16), p.trace.high) || !read_hex(text.substr(19, 16), p.trace.low) ||
      !read_hex(text.substr(36, 16), p.span) || !read_hex(text.substr(53, 2), flags) ||
      p.trace == trace_id{} || p.span == 0)
    return std::nullopt;
  if (text.size() > size && (version == 0 || text[size] != '-'))
    return std::nullopt;
  p.sampled = (flags & 1U) != 0;
  return p;
}

} // namespace weir
