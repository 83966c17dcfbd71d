#pragma once

// Which handler answers a method and a path. Pure. Filled before the server starts, only read after.

#include <weir/observe/http_message.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

using http_handler = std::function<http_response(const http_request&)>;

/// Whether a path may be asked without the token.
enum class http_access : bool { token, open };

class http_routes {
 public:
  /// `pattern`: "/api/v1/nodes/{id}/tap"; a "{name}" stands for one segment that is not empty. GET answers
  /// HEAD too. Of two that match, the one added first answers.
  void add(std::string method, std::string pattern, http_handler handler, http_access access);

  struct match {
    const http_handler* handler = nullptr; ///< null: no such path, or not with this method
    http_access access = http_access::token;
    std::vector<std::string> allow; ///< methods that the path knows; empty: no such path
    std::vector<std::pair<std::string, std::string>> parameters;
  };
  match find(std::string_view method, std::string_view path) const;

  /// "GET /ping", …: in the order in which they were added.
  std::vector<std::string> known() const;

 private:
  struct route {
    std::string method;
    std::string pattern;
    http_handler handler;
    http_access access;
  };
  std::vector<route> routes_;
};

} // namespace weir
