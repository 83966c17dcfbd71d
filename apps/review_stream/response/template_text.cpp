#include <apps/review_stream/response/template_text.hpp>

#include <cstddef>

namespace weir::reviews {

result<std::vector<template_part>> parse_template(std::string_view text) {
  std::vector<template_part> parts;
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      plain.push_back(c);
      ++at;
    } else if (at + 1 < text.size() && text[at + 1] == c) {
      plain.push_back(c);
      at += 2;
    } else if (c == '}') {
      return permanent("a '}' closes nothing", {}, "write \"}}\" for the sign itself");
    } else {
      const std::size_t end = text.find_first_of("{}", at + 1);
      if (end == std::string_view::npos || text[end] == '{')
        return permanent("the placeholder '" + std::string{text.substr(at, end - at)} + "' is not closed", {},
                         "close it with '}', or write \"{{\" for the sign itself");
      if (!plain.empty())
        parts.push_back({std::move(plain), false});
      plain.clear();
      parts.push_back({std::string{text.substr(at + 1, end - at - 1)}, true});
      at = end + 1;
    }
  }
  if (!plain.empty())
    parts.push_back({std::move(plain), false});
  return parts;
}

} // namespace weir::reviews
