#pragma once

// Posts to an HTTP server, within a time. What an exporter needs and no more: no TLS, no redirects, a
// connection a request.

#include <weir/base/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Where to post. Made of "http://[USER:PASSWORD@]HOST[:PORT][/PATH]".
struct http_endpoint {
  std::string host; ///< without the brackets of an IPv6 address
  std::string port = "80";
  std::string path;          ///< without a '/' at its end; may be empty
  std::string authorization; ///< "Basic …" of USER:PASSWORD; empty = none

  /// Says what is wrong without showing the password.
  static result<http_endpoint> parse(std::string_view url);
};

struct http_answer {
  unsigned status = 0;
  std::optional<std::chrono::seconds> retry_after;
};

/// One request at a time, by one thread; wake() by any.
class http_client {
 public:
  using deadline = std::function<std::chrono::steady_clock::time_point()>;

  http_client();
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Posts `body` to the endpoint's path + `target`. Transient errors: no connection, cut off, too late.
  /// `until` is asked again after each wake().
  result<http_answer> post(const http_endpoint& to, std::string_view target, std::string_view content_type,
                           std::string body, const deadline& until);
  void wake();

 private:
  class state;
  std::unique_ptr<state> state_;
};

} // namespace weir
