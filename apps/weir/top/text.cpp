#include <apps/weir/top/text.hpp>

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace weir::top {

namespace {

struct character {
  utf8proc_int32_t code = -1; ///< negative: broken
  std::size_t bytes = 1;
};

character first_of(std::string_view text) {
  character c;
  const auto bytes =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &c.code);
  if (bytes <= 0)
    return {};
  c.bytes = static_cast<std::size_t>(bytes);
  return c;
}

std::size_t width_of(const character& c) {
  if (c.code < 0)
    return 1;
  const int width = utf8proc_charwidth(c.code);
  return width < 0 ? 0 : static_cast<std::size_t>(width);
}

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

const std::string none = "-";

} // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  text = text.substr(0, most);
  while (!text.empty()) {
    const character c = first_of(text);
    const std::string_view bytes = text.substr(0, c.bytes);
    text.remove_prefix(c.bytes);
    if (c.code < 0) {
      out += "\xEF\xBF\xBD";
      continue;
    }
    switch (utf8proc_category(c.code)) {
    case UTF8PROC_CATEGORY_CC:
      out += c.code == '\n' || c.code == '\t' || c.code == '\r' ? ' ' : '?';
      break;
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      out += ' ';
      break;
    case UTF8PROC_CATEGORY_CF:
      break;
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
      out += '?';
      break;
    default:
      out += bytes;
    }
  }
  return out;
}

std::string ascii_only(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const character c = first_of(text);
    if (c.code >= 0 && c.code < 0x80)
      out += static_cast<char>(c.code);
    else
      out.append(width_of(c), '?');
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const character c = first_of(text);
    width += width_of(c);
    text.remove_prefix(c.bytes);
  }
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width)
    return std::string{text};
  if (width == 0)
    return {};
  std::size_t bytes = 0;
  std::size_t used = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const character c = first_of(rest);
    if (used + width_of(c) > width - 1)
      break;
    used += width_of(c);
    bytes += c.bytes;
    rest.remove_prefix(c.bytes);
  }
  return std::string{text.substr(0, bytes)} + '~';
}

std::string left(std::string_view text, std::size_t width) {
  std::string out = cut(text, width);
  out.append(width - std::min(width, width_of(out)), ' ');
  return out;
}

std::string right(std::string_view text, std::size_t width) {
  const std::string out = cut(text, width);
  return std::string(width - std::min(width, width_of(out)), ' ') + out;
}

std::string count_text(const std::optional<double>& n) {
  if (!n || !std::isfinite(*n) || *n < 0)
    return none;
  if (*n < 9.95)
    return *n == std::floor(*n) ? format("%.0f", *n) : format("%.1f", *n);
  double v = *n;
  if (v < 9999.5)
    return format("%.0f", v);
  for (const char unit : {'k', 'M', 'G', 'T'}) {
    v /= 1000;
    if (v < 99.95)
      return format("%.1f%c", v, unit);
    if (v < 999.5)
      return format("%.0f%c", v, unit);
  }
  return ">999T";
}

std::string ms_text(const std::optional<double>& ms) {
  if (!ms || !std::isfinite(*ms) || *ms < 0)
    return none;
  if (*ms < 0.995)
    return *ms == 0 ? "0" : format("%.2f", *ms);
  if (*ms < 9.95)
    return format("%.1f", *ms);
  if (*ms < 999.5)
    return format("%.0f", *ms);
  if (*ms < 99'950)
    return format("%.1fs", *ms / 1e3);
  return seconds_text(*ms / 1e3);
}

std::string percent_text(const std::optional<double>& share) {
  if (!share || !std::isfinite(*share))
    return none;
  return format("%.0f", std::clamp(*share, 0.0, 1.0) * 100);
}

std::string bytes_text(const std::optional<double>& bytes) {
  if (!bytes || !std::isfinite(*bytes) || *bytes < 0)
    return none;
  if (*bytes < 1024)
    return format("%.0f B", *bytes);
  double v = *bytes;
  for (const char* unit : {"KiB", "MiB", "GiB", "TiB"}) {
    v /= 1024;
    if (v < 1023.95)
      return format("%.1f %s", v, unit);
  }
  return format("%.3g TiB", v);
}

std::string seconds_text(const std::optional<double>& s) {
  if (!s || !std::isfinite(*s) || *s < 0 || *s > 1e12)
    return none;
  if (*s < 0.9995)
    return format("%.0fms", *s * 1e3);
  if (*s < 9.95)
    return format("%.1fs", *s);
  const auto n = static_cast<std::uint64_t>(std::llround(*s));
  if (n < 60)
    return format("%us", static_cast<unsigned>(n));
  if (n < 3600)
    return format("%um%02us", static_cast<unsigned>(n / 60), static_cast<unsigned>(n % 60));
  if (n < 86'400)
    return format("%uh%02um", static_cast<unsigned>(n / 3600), static_cast<unsigned>(n / 60 % 60));
  return format("%llud%02uh", static_cast<unsigned long long>(n / 86'400),
                static_cast<unsigned>(n / 3600 % 24));
}

} // namespace weir::top
