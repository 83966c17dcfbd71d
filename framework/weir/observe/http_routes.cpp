#include <weir/observe/http_routes.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace weir {

namespace {

using parameters = std::vector<std::pair<std::string, std::string>>;

std::string_view take_segment(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('/', 1), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

std::optional<parameters> fits(std::string_view pattern, std::string_view path) {
  parameters found;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view given = take_segment(path);
    if (wanted.starts_with("/{") && wanted.ends_with('}')) {
      auto value = percent_decode(given.substr(1));
      if (!value || value->empty())
        return std::nullopt;
      found.emplace_back(wanted.substr(2, wanted.size() - 3), std::move(*value));
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty())
    return std::nullopt;
  return found;
}

} // namespace

void http_routes::add(std::string method, std::string pattern, http_handler handler, http_access access) {
  routes_.push_back({std::move(method), std::move(pattern), std::move(handler), access});
}

http_routes::match http_routes::find(std::string_view method, std::string_view path) const {
  match out;
  for (const route& one : routes_) {
    auto values = fits(one.pattern, path);
    if (!values)
      continue;
    if (out.allow.empty())
      out.access = one.access;
    out.allow.push_back(one.method);
    if (one.method == "GET")
      out.allow.emplace_back("HEAD");
    if (one.method != method && (one.method != "GET" || method != "HEAD"))
      continue;
    out.handler = &one.handler;
    out.access = one.access;
    out.parameters = std::move(*values);
    return out;
  }
  return out;
}

std::vector<std::string> http_routes::known() const {
  std::vector<std::string> out;
  out.reserve(routes_.size());
  for (const route& one : routes_)
    out.push_back(one.method + " " + one.pattern);
  return out;
}

} // namespace weir
