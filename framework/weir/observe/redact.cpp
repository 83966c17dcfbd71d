#include <weir/observe/redact.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace weir {

namespace {

bool names_secret(std::string_view name) {
  constexpr std::string_view secrets[] = {"password", "passwd",  "pwd",    "secret",
                                          "token",    "api_key", "apikey", "access_key"};
  std::string low{name};
  std::ranges::transform(low, low.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return std::ranges::find(secrets, low) != std::end(secrets);
}

// Values of "?name=value&name=value".
void redact_query(std::string& text) {
  std::size_t at = 0;
  while ((at = text.find_first_of("?&", at)) != std::string::npos) {
    ++at;
    const std::size_t equals = text.find_first_of("=&?#\" \t\n", at);
    if (equals == std::string::npos)
      return;
    if (text[equals] != '=' || !names_secret(std::string_view{text}.substr(at, equals - at)))
      continue;
    const std::size_t end = std::min(text.find_first_of("&#\"' \t\n", equals), text.size());
    text.replace(equals + 1, end - equals - 1, "***");
  }
}

} // namespace

std::string redact_uri(std::string_view text) {
  std::string out{text};
  std::size_t at = 0;
  while ((at = out.find("://", at)) != std::string::npos) {
    at += 3;
    const std::size_t word = std::min(out.find_first_of("?#\"' \t\n,", at), out.size());
    const std::size_t slash = std::min(out.find('/', at), word);
    const std::size_t colon = std::min(out.find(':', at), word);
    // A password with a bare '/' is a mistake that must not show it: up to the last '@' of the word, unless
    // what stands before the '/' is a port.
    const bool port = colon < slash && std::all_of(
                                           out.begin() + static_cast<std::ptrdiff_t>(colon) + 1,
                                           out.begin() + static_cast<std::ptrdiff_t>(slash),
                                           [](unsigned char c) { return std::isdigit(c) != 0; });
    const std::size_t sign = out.rfind('@', port || colon > slash ? slash : word);
    if (sign != std::string::npos && colon < sign) {
      out.replace(colon + 1, sign - colon - 1, "***");
      at = colon + 1;
    }
  }
  redact_query(out);
  return out;
}

} // namespace weir
