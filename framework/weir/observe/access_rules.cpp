#include <weir/observe/access_rules.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <netinet/in.h>

namespace weir {

namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (bad != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return port;
}

struct authority {
  std::string host; // lower case, no brackets, no final dot
  std::optional<std::uint16_t> port;
};

// "name", "name:port", "[v6]", "[v6]:port".
std::optional<authority> parse_authority(std::string_view text) {
  authority out;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos)
      return std::nullopt;
    out.host = lower(text.substr(1, end - 1));
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    out.host = lower(text.substr(0, colon));
    rest = text.substr(colon);
    if (out.host.ends_with('.'))
      out.host.pop_back();
  }
  if (out.host.empty() || out.host.find_first_of("@/\\?# \t") != std::string::npos)
    return std::nullopt;
  if (!rest.empty()) {
    if (rest.front() != ':')
      return std::nullopt;
    out.port = port_of(rest.substr(1));
    if (!out.port)
      return std::nullopt;
  }
  return out;
}

bool allowed(const access_rules& rules, const std::string& host) {
  return is_loopback(host) || std::ranges::any_of(rules.allowed_hosts, [&](const std::string& name) {
           const auto one = parse_authority(name);
           return lower(name) == host || (one && one->host == host);
         });
}

// A proxy in front may speak https for us, so either scheme will do.
bool same_origin(std::string_view origin, const authority& host) {
  const std::string text = lower(origin);
  std::uint16_t usual = 0;
  std::string_view rest = text;
  if (rest.starts_with("http://")) {
    usual = 80;
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    usual = 443;
    rest.remove_prefix(8);
  } else {
    return false;
  }
  const auto from = parse_authority(rest);
  return from && from->host == host.host && from->port.value_or(usual) == host.port.value_or(usual);
}

bool has_token(const access_rules& rules, std::optional<std::string_view> header) {
  constexpr std::string_view scheme = "bearer ";
  if (!header || header->size() < scheme.size() || lower(header->substr(0, scheme.size())) != scheme)
    return false;
  std::string_view given = header->substr(scheme.size());
  while (given.starts_with(' '))
    given.remove_prefix(1);
  return equal_in_constant_time(rules.token, given);
}

bool is_reading(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

} // namespace

bool is_loopback(std::string_view host) {
  const std::string name = lower(host);
  if (name == "localhost")
    return true;
  in_addr four{};
  if (inet_pton(AF_INET, name.c_str(), &four) == 1)
    return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return inet_pton(AF_INET6, name.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  volatile unsigned differs = a.size() == b.size() ? 0U : 1U;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const auto other = static_cast<unsigned char>(a.empty() ? '\0' : a[i % a.size()]);
    differs = differs | (static_cast<unsigned char>(b[i]) ^ unsigned{other});
  }
  return differs == 0;
}

result<> may_listen(const access_rules& rules, bool tls) {
  if (std::ranges::any_of(rules.token, [](char c) { return c <= ' ' || c > '~'; }))
    return permanent("the admin token has characters that no header can carry", "token",
                     "use visible ASCII without spaces");
  if (is_loopback(rules.host))
    return {};
  if (rules.token.empty())
    return permanent("a listener that is not on loopback needs a token", rules.host,
                     "give --admin-token-file, or listen on 127.0.0.1");
  if (!tls && !rules.insecure)
    return permanent("without TLS the token would cross the network readable", rules.host,
                     "give --admin-tls-cert and --admin-tls-key, listen on 127.0.0.1, or accept it with "
                     "--insecure");
  return {};
}

std::optional<access_denial> judge(const access_rules& rules, const access_request& request) {
  const auto host = parse_authority(request.host);
  if (!host)
    return access_denial{400, "no valid Host header: name the host that is asked"};
  if (!allowed(rules, host->host))
    return access_denial{421, "this host name is not admitted: ask by localhost or 127.0.0.1, or start with "
                              "--admin-allowed-host"};
  if (request.needs_token && !rules.token.empty() && !has_token(rules, request.authorization))
    return access_denial{401, "no valid token: send Authorization: Bearer with the token of "
                              "--admin-token-file"};
  if (!is_reading(request.method) && request.origin && !same_origin(*request.origin, *host))
    return access_denial{403, "a page of another origin may change nothing here: ask from the dashboard or "
                              "without Origin"};
  return std::nullopt;
}

result<listen_address> parse_listen_address(std::string_view text) {
  constexpr auto fix = "write HOST:PORT, such as 127.0.0.1:7461; port 0 picks a free one";
  if (const auto port = port_of(text))
    return listen_address{"127.0.0.1", *port};
  auto parsed = parse_authority(text);
  if (!parsed || !parsed->port)
    return permanent("not an address to listen on", std::string{text}, fix);
  return listen_address{std::move(parsed->host), *parsed->port};
}

std::span<const std::pair<std::string_view, std::string_view>> security_headers() noexcept {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> headers{
      {{"Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
       {"X-Content-Type-Options", "nosniff"},
       {"Referrer-Policy", "no-referrer"},
       {"Cross-Origin-Resource-Policy", "same-origin"}}};
  return headers;
}

} // namespace weir
