#pragma once

// Who may ask the admin listener what. Pure functions: no sockets, no clock.
//
// A listener on loopback is open to whoever is on the machine, but not to web pages of others: `Host` must be
// loopback or an allowed name (a name that was bound anew to 127.0.0.1 is refused), and a request that
// changes something must come from the same origin or from no page at all. A listener anywhere else demands a
// token as well. A token that is set is demanded on loopback too. Thread-safe: plain values.

#include <weir/base/result.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// Whom a listener admits.
struct access_rules {
  /// Address it listens on: an IPv4 or IPv6 address, or "localhost". Default: this machine only.
  std::string host = "127.0.0.1";
  /// Demanded as "Authorization: Bearer TOKEN"; empty = none. Visible ASCII only.
  std::string token = {};
  /// Names under which it may be asked besides loopback's; without port, any case.
  std::vector<std::string> allowed_hosts = {};
  /// Accepts to listen off loopback without TLS.
  bool insecure = false;
};

/// What the rules look at in a request.
struct access_request {
  std::string_view method = {};                       ///< "GET", …
  std::string_view host = {};                         ///< the header; empty = none
  std::optional<std::string_view> origin = {};        ///< the header
  std::optional<std::string_view> authorization = {}; ///< the header
  bool needs_token = true;                            ///< no: static assets, /ping, /ready
};

/// Why a request is refused.
struct access_denial {
  unsigned status = 403; ///< 400 malformed, 401 token, 403 origin, 421 host
  std::string reason;    ///< in words, with what to do
};

/// Whether the listener may start at all: off loopback it needs a token, and TLS or `insecure`.
result<> may_listen(const access_rules& rules, bool tls = false);

/// Nothing, or why the request is refused.
std::optional<access_denial> judge(const access_rules& rules, const access_request& request);

/// "localhost", 127.0.0.0/8, ::1; without brackets and port. Names that only begin like these are not.
bool is_loopback(std::string_view host);

/// Equal? Takes the same time wherever they differ (not: whatever their lengths).
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

/// A host and a port, from "HOST:PORT", "[V6]:PORT" or "PORT" alone (then on 127.0.0.1); 0 = a free port.
struct listen_address {
  std::string host;
  std::uint16_t port = 0;
};
result<listen_address> parse_listen_address(std::string_view text);

/// Headers that every response carries.
std::span<const std::pair<std::string_view, std::string_view>> security_headers() noexcept;

} // namespace weir
