#ifdef __SANITIZE_THREAD__ // fences are not seen by it; with one thread none is needed
#pragma GCC diagnostic ignored "-Wtsan"
#endif

#include <apps/weir/top/client.hpp>

#include <apps/weir/top/text.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <optional>
#include <utility>

namespace weir::top {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr auto connect_within = 3s;
constexpr auto answer_within = 5s;
constexpr std::uint64_t most_bytes = std::uint64_t{8} << 20U;
constexpr const char* url_help =
    "give it as http://HOST:PORT or https://HOST:PORT, such as http://127.0.0.1:7461";

bool is_port(std::string_view text) {
  unsigned n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  return code == std::errc{} && end == text.data() + text.size() && n > 0 && n < 65536;
}

error no_handshake(const SSL& connection, const beast::error_code& why, const std::string& where) {
  const auto reason = ERR_GET_REASON(static_cast<unsigned long>(why.value()));
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return permanent("its certificate is not to be trusted: " + why_not_believed(connection), where,
                     "name who signed it with --ca and the host as it does, or accept anybody with "
                     "--insecure");
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
    return permanent("no TLS is spoken there", where, "use http:// in place of https://");
  return transient("TLS cannot be agreed on: " + why.message(), where,
                   "see whether the port is that of an admin listener with --admin-tls-cert");
}

} // namespace

std::string endpoint::authority() const {
  return host.find(':') == std::string::npos ? host + ":" + port : "[" + host + "]:" + port;
}

std::string endpoint::url() const { return (tls ? "https://" : "http://") + authority(); }

result<endpoint> parse_url(std::string_view url) {
  const std::string where = "URL " + printable(url, 200);
  std::string_view rest = url;
  endpoint at;
  at.tls = rest.starts_with("https://");
  if (at.tls)
    rest.remove_prefix(8);
  else if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else if (rest.find("://") != std::string_view::npos)
    return permanent("not a URL of an admin listener", where, url_help);
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  at.port = "7461";
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos)
      return permanent("a '[' without its ']'", where, url_help);
    at.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    const auto end = std::min(rest.find(':'), rest.size());
    at.host = rest.substr(0, end);
    rest.remove_prefix(end);
  }
  if (rest.starts_with(':'))
    at.port = rest.substr(1);
  else if (!rest.empty())
    return permanent("not a URL of an admin listener", where, url_help);
  const bool plain = std::ranges::all_of(at.host, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '%';
  });
  if (at.host.empty() || !plain)
    return permanent("not a URL of an admin listener", where, url_help);
  if (!is_port(at.port))
    return permanent("not a port: '" + printable(at.port, 40) + "'", where, "give a number from 1 to 65535");
  return at;
}

result<std::string> read_token(const std::string& file) {
  std::ifstream in{file};
  std::string line;
  if (!in)
    return permanent("the token cannot be read", file, "name a readable file with --token-file");
  std::getline(in, line);
  const auto from = line.find_first_not_of(" \t\r");
  if (from == std::string::npos)
    return permanent("the token file is empty", file, "write the token into its first line");
  line = line.substr(from, line.find_last_not_of(" \t\r") + 1 - from);
  if (line.size() > 4096 || !std::ranges::all_of(line, [](unsigned char c) { return c > ' ' && c < 0x7F; }))
    return permanent("the token holds what no header may", file,
                     "use letters, digits and signs, without spaces, in one line");
  return line;
}

client::client(endpoint at, std::string token, std::shared_ptr<ssl_ctx_st> tls)
    : at_(std::move(at)), token_(std::move(token)), tls_(std::move(tls)) {}

result<client::answer> client::call(bool post, const std::string& target) {
  const std::string where = at_.url();
  if (cancelled_.load(std::memory_order_relaxed))
    return transient("cancelled", where);
  asio::io_context io;
  beast::tcp_stream stream{io};
  // Starts an operation and waits for its end. Handlers that never run die with the io_context.
  const auto wait_for = [&](auto&& start) -> beast::error_code {
    std::optional<beast::error_code> end;
    start([&end](const beast::error_code& code) { end = code; });
    io.restart();
    while (!end && !cancelled_.load(std::memory_order_relaxed))
      io.run_for(100ms);
    return end.value_or(asio::error::operation_aborted);
  };
  const auto failed = [&](const beast::error_code& why) -> error {
    if (cancelled_.load(std::memory_order_relaxed))
      return transient("cancelled", where);
    if (why == beast::error::timeout)
      return transient("no answer in time", where,
                       "see whether the workflow's machine is overloaded, or the port is another program's");
    if (why == asio::error::connection_refused)
      return transient("nothing listens there: connection refused", where,
                       "start the workflow with --admin " + at_.authority() +
                           ", or give the URL it printed: weir top http://HOST:PORT");
    if (why == http::error::body_limit || why == http::error::header_limit)
      return transient("an answer of more than 8 MiB", where,
                       "see whether the port is that of an admin listener");
    if (why == http::error::end_of_stream || why == http::error::partial_message ||
        why == asio::error::connection_reset || why == asio::error::eof ||
        why == asio::ssl::error::stream_truncated)
      return transient("the connection ended without an answer", where,
                       "see whether the workflow has just ended, or the listener speaks https");
    if (why.category() == make_error_code(http::error::bad_version).category())
      return transient("that is no HTTP: " + why.message(), where,
                       "see whether the port is that of an admin listener");
    return transient(why.message(), where, "check the host's name and the network, or give another URL");
  };

  asio::ip::tcp::resolver resolver{io};
  asio::ip::tcp::resolver::results_type found;
  if (const auto code = wait_for([&](auto done) {
        resolver.async_resolve(at_.host, at_.port, [&found, done](const beast::error_code& c, auto results) {
          found = std::move(results);
          done(c);
        });
      }))
    return failed(code);
  stream.expires_after(connect_within);
  if (const auto code = wait_for([&](auto done) {
        stream.async_connect(found, [done](const beast::error_code& c, const auto&) { done(c); });
      }))
    return failed(code);

  http::request<http::empty_body> request{post ? http::verb::post : http::verb::get, target, 11};
  request.set(http::field::host, at_.authority());
  request.set(http::field::user_agent, "weir-top");
  request.set(http::field::accept, "application/json");
  request.set(http::field::connection, "close");
  if (!token_.empty())
    request.set(http::field::authorization, "Bearer " + token_);
  if (post)
    request.content_length(0);
  stream.expires_after(answer_within);
  beast::flat_buffer buffer{most_bytes};
  http::response_parser<http::string_body> parser;
  parser.body_limit(most_bytes);
  parser.header_limit(std::uint32_t{64} << 10U);
  const auto exchange = [&](auto& over) -> beast::error_code {
    if (const auto code = wait_for([&](auto done) {
          http::async_write(over, request, [done](const beast::error_code& c, std::size_t) { done(c); });
        }))
      return code;
    return wait_for([&](auto done) {
      http::async_read(over, buffer, parser, [done](const beast::error_code& c, std::size_t) { done(c); });
    });
  };
  if (!at_.tls) {
    if (const auto code = exchange(stream))
      return failed(code);
  } else {
    SSL* const own = tls_ ? new_connection(*tls_, at_.host) : nullptr;
    if (own == nullptr)
      return permanent("not a name that a certificate can have", where, "use a DNS name or an address");
    asio::ssl::stream<beast::tcp_stream&> secure{stream, own};
    if (const auto code = wait_for([&](auto done) {
          secure.async_handshake(asio::ssl::stream_base::client,
                                 [done](const beast::error_code& c) { done(c); });
        }))
      return code.category() == asio::error::get_ssl_category() ? no_handshake(*own, code, where)
                                                                : failed(code);
    if (const auto code = exchange(secure))
      return failed(code);
  }
  return answer{parser.get().result_int(), std::move(parser.get().body())};
}

result<std::string> client::body_of(bool post, const std::string& target) {
  auto got = call(post, target);
  if (!got)
    return got.error();
  if (got->status >= 200 && got->status < 300)
    return std::move(got->body);
  const std::string where = at_.url() + target;
  std::string said = printable(parse_error_text(got->body), 500);
  if (got->status == 401 || got->status == 403)
    return permanent(said.empty() ? "the listener refuses: status " + std::to_string(got->status) : said,
                     where, "give the file of --admin-token-file with --token-file");
  if (got->status == 404)
    return permanent("no admin API there: status 404", where,
                     "see whether the port is that of --admin, and of this version of Weir");
  return transient((said.empty() ? std::string{"the answer is no success"} : said) + ": status " +
                       std::to_string(got->status),
                   where, "see the log of the workflow");
}

result<workflow_view> client::workflow() {
  const auto body = body_of(false, "/api/v1/workflow");
  if (!body)
    return body.error();
  auto view = parse_workflow(*body);
  if (!view)
    return transient(view.error().what, at_.url() + "/api/v1/workflow",
                     "see whether the port is that of an admin listener");
  return view;
}

result<std::string> client::cluster() { return body_of(false, "/api/v1/cluster"); }

result<std::vector<event_view>> client::events() {
  const auto body = body_of(false, "/api/v1/events");
  if (!body)
    return body.error();
  return parse_events(*body);
}

result<> client::act(std::string_view action) {
  const auto body = body_of(true, "/api/v1/" + std::string{action});
  if (!body)
    return body.error();
  return {};
}

} // namespace weir::top
