// Invariants: all of a request runs inside post(), on its caller's thread. What is pending when the time is
// up is closed and keeps its own state alive, so that post() never waits for it (a name may still be looked
// up by Asio's thread).

#ifdef __SANITIZE_THREAD__ // fences are not seen by it; with one thread none is needed
#pragma GCC diagnostic ignored "-Wtsan"
#endif

#include <weir/observe/http_client.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weir {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr std::size_t most_answer = 65'536;

beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = (group << 8U) | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? digits[(group >> (18U - 6U * k)) & 63U] : '=';
  }
  return out;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  return code == std::errc{} && end == text.data() + text.size() && port > 0 && port <= 65'535;
}

/// One request, from the name to the answer.
class exchange : public std::enable_shared_from_this<exchange> {
 public:
  exchange(asio::io_context& io, http::request<http::string_body> request)
      : resolver_(io), stream_(io), request_(std::move(request)) {
    parser_.body_limit(most_answer);
  }
  void start(const http_endpoint& to) {
    resolver_.async_resolve(
        to.host, to.port,
        [self = shared_from_this()](error_code ec, const tcp::resolver::results_type& found) {
          if (!self->goes_on(ec))
            return;
          self->stream_.async_connect(found, [self](error_code why, const tcp::endpoint&) {
            if (self->goes_on(why))
              self->write();
          });
        });
  }
  void give_up() {
    done_ = true;
    resolver_.cancel();
    error_code ignored;
    stream_.socket().close(ignored);
  }
  bool done() const noexcept { return done_; }
  error_code failure() const noexcept { return failure_; }
  const http::response<http::string_body>& answer() const { return parser_.get(); }

 private:
  bool goes_on(error_code ec) {
    if (done_)
      return false;
    failure_ = ec;
    done_ = ec.failed();
    return !done_;
  }
  void write() {
    http::async_write(stream_, request_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (self->goes_on(ec))
        self->read();
    });
  }
  void read() {
    http::async_read(stream_, buffer_, parser_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (self->goes_on(ec))
        self->done_ = true;
    });
  }

  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_{most_answer};
  http::response_parser<http::string_body> parser_;
  error_code failure_;
  bool done_ = false;
};

} // namespace

result<http_endpoint> http_endpoint::parse(std::string_view url) {
  const auto wrong = [](std::string what) {
    return permanent(std::move(what), "the trace endpoint",
                     "write http://HOST:PORT, such as http://127.0.0.1:4318");
  };
  constexpr std::string_view scheme = "http://";
  if (url.starts_with("https://"))
    return permanent("https is not spoken", "the trace endpoint",
                     "send to a collector on this machine by http, and let it go on by https");
  if (!url.starts_with(scheme))
    return wrong("it does not begin with http://");
  if (std::ranges::any_of(url, [](unsigned char c) { return c <= ' ' || c == 0x7f; }))
    return wrong("there is a space or a control character in it");
  url.remove_prefix(scheme.size());
  http_endpoint e;
  if (const auto slash = url.find_first_of("/?#"); slash != std::string_view::npos) {
    e.path = url.substr(slash);
    url = url.substr(0, slash);
  }
  if (e.path.find_first_of("?#") != std::string::npos)
    return wrong("it has a query or a fragment");
  while (e.path.ends_with('/'))
    e.path.pop_back();
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    e.authorization = "Basic " + base64(url.substr(0, at));
    url = url.substr(at + 1);
  }
  const bool literal = url.starts_with('[');
  const auto host_end = literal ? url.find(']') : url.find(':');
  if (literal && host_end == std::string_view::npos)
    return wrong("the address lacks its ']'");
  e.host = literal ? url.substr(1, host_end - 1) : url.substr(0, host_end);
  if (e.host.empty())
    return wrong("it names no host");
  std::string_view rest;
  if (host_end != std::string_view::npos)
    rest = url.substr(literal ? host_end + 1 : host_end);
  if (!rest.empty()) {
    if (!rest.starts_with(':') || !is_port(rest.substr(1)))
      return wrong("its port is not a number from 1 to 65535");
    e.port = rest.substr(1);
  }
  return e;
}

class http_client::state {
 public:
  asio::io_context io;
};

http_client::http_client() : state_(std::make_unique<state>()) {}
http_client::~http_client() = default;

void http_client::wake() {
  asio::post(state_->io, [] {});
}

result<http_answer> http_client::post(const http_endpoint& to, std::string_view target,
                                      std::string_view content_type, std::string body,
                                      const deadline& until) {
  http::request<http::string_body> request{http::verb::post, view(to.path + std::string{target}), 11};
  const bool literal = to.host.find(':') != std::string::npos;
  request.set(http::field::host, (literal ? "[" + to.host + "]" : to.host) + ":" + to.port);
  request.set(http::field::content_type, view(content_type));
  request.set(http::field::user_agent, "weir");
  request.set(http::field::connection, "close");
  if (!to.authorization.empty())
    request.set(http::field::authorization, to.authorization);
  request.body() = std::move(body);
  request.prepare_payload();

  const std::string where = to.host + ":" + to.port;
  const auto now = std::make_shared<exchange>(state_->io, std::move(request));
  now->start(to);
  while (!now->done()) {
    state_->io.restart();
    state_->io.run_one_until(until());
    if (!now->done() && std::chrono::steady_clock::now() >= until()) {
      now->give_up();
      state_->io.restart();
      state_->io.poll(); // what was cut off lets go of its connection
      return transient("no answer in time", where, "see whether it is well");
    }
  }
  if (now->failure().failed())
    return transient(now->failure().message(), where, "see whether something listens there");
  http_answer a{.status = now->answer().result_int(), .retry_after = {}};
  if (const auto wait = now->answer()[http::field::retry_after]; !wait.empty()) {
    unsigned seconds = 0;
    const auto [end, code] = std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
    if (code == std::errc{} && end == wait.data() + wait.size())
      a.retry_after = std::chrono::seconds{seconds};
  }
  return a;
}

} // namespace weir
