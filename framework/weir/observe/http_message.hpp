#pragma once

// A request and its response, as handlers of `http_server` see them. Plain values.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

struct http_request {
  std::string method; ///< "GET", …
  std::string path;   ///< as sent, without the query; begins with '/'
  std::string query;  ///< what follows '?', as sent
  std::vector<std::pair<std::string, std::string>> headers;
  /// Of a path pattern's "{name}" segments, percent-decoded.
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string body;

  /// The first header of that name (any case); empty if there is none.
  std::string_view header(std::string_view name) const;
  /// How many headers have that name (any case).
  std::size_t count(std::string_view name) const;
  /// The value of "name=value" in the query, decoded.
  std::optional<std::string> query_value(std::string_view name) const;
  /// A path pattern's segment; empty if there is none of that name.
  std::string_view parameter(std::string_view name) const;
};

struct http_response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Set: the connection stays open after the body, and this is asked at once and then every
  /// `http_limits::tick` for more text to send; nothing ends the response. Called on the server's thread.
  std::function<std::optional<std::string>()> stream;
};

/// {"error":"what (where): how to fix"}.
http_response error_response(unsigned status, std::string_view message);

/// A server-sent event: "id: 7\nevent: log\ndata: …\n\n"; `id` and `name` may be empty, `data` may have
/// lines.
std::string server_sent_event(std::string_view id, std::string_view name, std::string_view data);

/// "%41" -> "A"; `plus`: '+' -> ' '. Nothing if a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus = false);

} // namespace weir
