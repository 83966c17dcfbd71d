#include <weir/observe/http_answer.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts)
    out += (out.empty() ? "" : ", ") + part;
  return out;
}

http_response not_found(const http_request& request, const http_routes& routes,
                        const std::vector<std::string>& allow) {
  if (allow.empty())
    return error_response(404, "no such path (" + request.path + "): try one of " + joined(routes.known()));
  http_response why = error_response(405, "this path does not know " + request.method + " (" + request.path +
                                              "): use " + joined(allow));
  why.headers.emplace_back("Allow", joined(allow));
  return why;
}

} // namespace

http_response answer_to(http_request request, const access_rules& rules, const http_routes& routes) {
  if (!request.path.starts_with('/'))
    return error_response(400, "a request must name a path that begins with '/'");
  for (const char* one : {"Host", "Origin", "Authorization"})
    if (request.count(one) > 1)
      return error_response(400, std::string{"a header is there twice ("} + one + "): send it once");

  const auto found = routes.find(request.method, request.path);
  const auto optional_header = [&](std::string_view name) -> std::optional<std::string_view> {
    if (request.count(name) == 0)
      return std::nullopt;
    return request.header(name);
  };
  const access_request asked{.method = request.method,
                             .host = request.header("Host"),
                             .origin = optional_header("Origin"),
                             .authorization = optional_header("Authorization"),
                             .needs_token = found.access == http_access::token};
  if (const auto denied = judge(rules, asked)) {
    http_response why = error_response(denied->status, denied->reason);
    if (denied->status == 401)
      why.headers.emplace_back("WWW-Authenticate", "Bearer");
    return why;
  }
  if (!found.handler)
    return not_found(request, routes, found.allow);
  request.parameters = found.parameters;
  try {
    return (*found.handler)(request);
  } catch (const std::exception& thrown) {
    return error_response(500, thrown.what());
  } catch (...) {
    return error_response(500, "unknown exception");
  }
}

} // namespace weir
