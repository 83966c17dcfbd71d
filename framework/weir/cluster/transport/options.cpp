#include <weir/cluster/transport/options.hpp>

#include <boost/asio/ip/address.hpp>

#include <charconv>
#include <system_error>

namespace weir::cluster {

result<host_port> parse_host_port(const std::string& text) {
  const auto wrong = [&] {
    return permanent("not HOST:PORT: \"" + text + "\"", "cluster address",
                     "write it like host1:4711 or [::1]:4711");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return wrong();
  host_port parsed{.host = text.substr(0, colon)};
  if (parsed.host.front() == '[' && parsed.host.back() == ']')
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  else if (parsed.host.find(':') != std::string::npos)
    return wrong();
  const char* const end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data() + colon + 1, end, parsed.port);
  if (failed != std::errc{} || stopped != end || parsed.host.empty())
    return wrong();
  return parsed;
}

bool is_loopback(const std::string& address) {
  if (address == "localhost")
    return true;
  boost::system::error_code failed;
  const auto parsed = boost::asio::ip::make_address(address, failed);
  return !failed && parsed.is_loopback();
}

result<> check(const transport_options& options) {
  const tls_files& tls = options.tls;
  if (!tls.empty() && (tls.ca.empty() || tls.certificate.empty() || tls.key.empty()))
    return permanent("TLS needs a CA, a certificate and a key", "--tls-ca, --tls-cert, --tls-key",
                     "give all three; `weir cluster certs` makes them");
  if (tls.empty() && !options.insecure && !is_loopback(options.listen))
    return permanent("listening without TLS where others can reach it", options.listen,
                     "give --tls-ca, --tls-cert and --tls-key, listen on 127.0.0.1, or say --insecure");
  for (const std::string& seed : options.seeds)
    if (auto parsed = parse_host_port(seed); !parsed)
      return parsed.error();
  const transport_limits& limits = options.limits;
  if (limits.half_open == 0 || limits.connections == 0 || limits.connections_per_peer == 0)
    return permanent("a limit of 0 connections", "transport limits", "leave no limit at 0");
  if (limits.message_bytes < 4096 || limits.message_bytes > std::size_t{1} << 30)
    return permanent("message limit out of range", "transport limits", "choose 4 KiB to 1 GiB");
  return {};
}

} // namespace weir::cluster
