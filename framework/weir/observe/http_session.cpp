// With http_client.cpp and http_server.cpp the only files that know Boost.Beast.
//
// Invariants: all of a session runs on the server's thread. A session lives as long as an operation of its
// own is pending. At most one read and one write are pending. What waits for a slow client is bounded: a
// response by its size and `request_time`, a stream by `waiting_bytes`.

#ifdef __SANITIZE_THREAD__ // fences are not seen by it; with one thread none is needed
#pragma GCC diagnostic ignored "-Wtsan"
#endif

#include <weir/observe/http_session.hpp>

#include <weir/observe/http_answer.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <memory>
#include <new>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <optional>
#include <string>
#include <utility>

namespace weir {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;
using steady = std::chrono::steady_clock;

constexpr auto linger_time = std::chrono::seconds{1};
constexpr auto heartbeat = std::chrono::seconds{15};

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }
beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

http_request request_from(http::request<http::string_body> message) {
  http_request request;
  request.method = view(message.method_string());
  const std::string_view target = view(message.target());
  request.path = target.substr(0, target.find('?'));
  if (const auto mark = target.find('?'); mark != std::string_view::npos)
    request.query = target.substr(mark + 1);
  for (const auto& field : message)
    request.headers.emplace_back(view(field.name_string()), view(field.value()));
  request.body = std::move(message.body());
  return request;
}

using tls_stream = asio::ssl::stream<beast::tcp_stream&>;

/// A socket, with TLS above it or without. Its deadlines are those of the socket: they hold for both.
class connection {
 public:
  using executor_type = beast::tcp_stream::executor_type;

  connection(tcp::socket socket, ssl_ctx_st* tls) : tcp_(std::move(socket)) {
    if (tls == nullptr)
      return;
    SSL* const own = SSL_new(tls); // shares `tls`, which may be replaced while it lives
    if (own == nullptr)
      throw std::bad_alloc{};
    tls_.emplace(tcp_, own);
  }
  executor_type get_executor() { return tcp_.get_executor(); }
  beast::tcp_stream& raw() { return tcp_; }
  /// Nothing: the connection is plain.
  std::optional<tls_stream>& tls() { return tls_; }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& then) {
    if (tls_)
      tls_->async_read_some(buffers, std::forward<Handler>(then));
    else
      tcp_.async_read_some(buffers, std::forward<Handler>(then));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& then) {
    if (tls_)
      tls_->async_write_some(buffers, std::forward<Handler>(then));
    else
      tcp_.async_write_some(buffers, std::forward<Handler>(then));
  }

 private:
  beast::tcp_stream tcp_;
  std::optional<tls_stream> tls_;
};

/// One connection, from the handshake to its end.
class session : public std::enable_shared_from_this<session> {
 public:
  session(tcp::socket socket, ssl_ctx_st* tls, const http_options& options, const http_routes& routes,
          std::size_t& count)
      : options_(options), routes_(routes), count_(count), stream_(std::move(socket), tls),
        timer_(stream_.get_executor()), buffer_(options.limits.header_bytes + 65'536) {
    ++count_;
  }
  ~session() { --count_; }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Answers requests, or (`refused`) only says that there is no room.
  void begin(bool refused) {
    if (!stream_.tls())
      return refused ? refuse() : read_request();
    stream_.raw().expires_after(options_.limits.handshake_time);
    stream_.tls()->async_handshake(asio::ssl::stream_base::server,
                                   [self = shared_from_this(), refused](error_code ec) {
                                     if (ec)
                                       return self->no_handshake(ec);
                                     return refused ? self->refuse() : self->read_request();
                                   });
  }

 private:
  void no_handshake(error_code ec) {
    if (ec.category() != asio::error::get_ssl_category() ||
        ERR_GET_REASON(static_cast<unsigned long>(ec.value())) != SSL_R_HTTP_REQUEST)
      return close();
    static const std::string told = [] {
      const std::string body = error_response(400, "this port speaks TLS: ask with https").body;
      return "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
             "Content-Length: " +
             std::to_string(body.size()) + "\r\n\r\n" + body;
    }();
    asio::async_write(stream_.raw(), asio::buffer(told),
                      [self = shared_from_this()](error_code failed, std::size_t) {
                        return failed ? self->close() : self->linger_plain();
                      });
  }

  void read_request() {
    head_ = false;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options_.limits.header_bytes));
    parser_->body_limit(options_.limits.body_bytes);
    stream_.raw().expires_after(options_.limits.request_time);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
  }

  void refuse() {
    http_response why = error_response(503, "too many connections: close some, or try again later");
    why.headers.emplace_back("Retry-After", "1");
    respond(std::move(why), false);
  }

  void next_request() {
    if (buffer_.size() > 0)
      return read_request();
    stream_.raw().expires_after(options_.limits.idle_time);
    stream_.async_read_some(buffer_.prepare(4'096),
                            [self = shared_from_this()](error_code ec, std::size_t bytes) {
                              if (ec)
                                return self->close();
                              self->buffer_.commit(bytes);
                              self->read_request();
                            });
  }

  void on_read(error_code ec) {
    if (ec == http::error::end_of_stream || ec == http::error::partial_message)
      return close();
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
      return respond(error_response(431, "the header is too large: send at most " +
                                             std::to_string(options_.limits.header_bytes) + " bytes"),
                     false);
    if (ec == http::error::body_limit)
      return respond(error_response(413, "the body is too large: send at most " +
                                             std::to_string(options_.limits.body_bytes) + " bytes"),
                     false);
    if (ec.category() == http::make_error_code(http::error::bad_method).category())
      return respond(error_response(400, "not an HTTP request (" + ec.message() + ")"), false);
    if (ec) // the client went away or took too long
      return close();
    const bool keep_alive = parser_->get().keep_alive();
    head_ = parser_->get().method() == http::verb::head;
    http_response answer = answer_to(request_from(parser_->release()), options_.access, routes_);
    respond(std::move(answer), keep_alive);
  }

  void respond(http_response answer, bool keep_alive) {
    if (head_)
      answer.stream = nullptr;
    const bool streams = static_cast<bool>(answer.stream);
    keep_alive = keep_alive && !streams;
    response_ = {};
    response_.result(answer.status);
    response_.version(11);
    for (const auto& [name, value] : security_headers())
      response_.set(view(name), view(value));
    response_.set(http::field::cache_control, "no-store");
    response_.set(http::field::content_type, answer.content_type);
    for (const auto& [name, value] : answer.headers)
      response_.set(name, value);
    response_.keep_alive(keep_alive);
    if (!streams) // a stream ends with its connection
      response_.content_length(answer.body.size());
    if (!head_)
      response_.body() = std::move(answer.body);
    producer_ = std::move(answer.stream);
    stream_.raw().expires_after(options_.limits.request_time);
    http::async_write(stream_, response_,
                      [self = shared_from_this(), keep_alive](error_code ec, std::size_t) {
                        if (ec)
                          return self->close();
                        if (self->producer_)
                          return self->start_stream();
                        return keep_alive ? self->next_request() : self->linger();
                      });
  }

  // --- streams ---

  void start_stream() {
    stream_.raw().expires_never();
    last_sent_ = steady::now();
    watch_client();
    tick();
  }

  // What the client sends now means nothing; that it goes away does.
  void watch_client() {
    stream_.async_read_some(asio::buffer(scratch_), [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec)
        return self->close();
      self->watch_client();
    });
  }

  void tick() {
    if (closed_)
      return;
    std::optional<std::string> text;
    try {
      text = producer_();
    } catch (...) { // it cannot be told any more: the client asks again
    }
    const auto now = steady::now();
    if (text && text->empty() && now - last_sent_ > heartbeat)
      text = ":\n\n"; // a comment: finds out whether anybody is there
    if (text)
      waiting_ += *text;
    else
      ended_ = true;
    const bool slow = writing_ && (waiting_.size() + sending_.size() > options_.limits.waiting_bytes ||
                                   now - last_sent_ > options_.limits.request_time);
    if (slow)
      return close();
    flush();
    if (ended_)
      return;
    timer_.expires_after(options_.limits.tick);
    timer_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec)
        self->tick();
    });
  }

  void flush() {
    if (writing_)
      return;
    if (waiting_.empty()) {
      if (ended_)
        end_stream();
      return;
    }
    sending_.clear();
    sending_.swap(waiting_);
    writing_ = true;
    last_sent_ = steady::now();
    asio::async_write(stream_, asio::buffer(sending_),
                      [self = shared_from_this()](error_code ec, std::size_t) {
                        self->writing_ = false;
                        if (ec)
                          return self->close();
                        if (!self->closed_)
                          self->flush();
                      });
  }

  // --- the end ---

  void linger() {
    if (!stream_.tls())
      return linger_plain();
    stream_.raw().expires_after(linger_time);
    stream_.tls()->async_shutdown([self = shared_from_this()](error_code) { self->linger_plain(); });
  }

  // What still arrives is thrown away for a moment: to close on unread bytes would take the response from the
  // client.
  void linger_plain() {
    error_code ignored;
    ignored = stream_.raw().socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.raw().expires_after(linger_time);
    discard();
  }

  void discard() {
    stream_.raw().async_read_some(asio::buffer(scratch_),
                                  [self = shared_from_this()](error_code ec, std::size_t) {
                                    if (ec)
                                      return self->close();
                                    self->discard();
                                  });
  }

  // The client's side is being read already, so the end of TLS has the timer for its deadline.
  void end_stream() {
    if (!stream_.tls())
      return close();
    stream_.tls()->async_shutdown([self = shared_from_this()](error_code) { self->close(); });
    timer_.expires_after(linger_time);
    timer_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec)
        self->close();
    });
  }

  void close() {
    closed_ = true;
    timer_.cancel();
    error_code ignored;
    ignored = stream_.raw().socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.raw().close();
  }

  const http_options& options_;
  const http_routes& routes_;
  std::size_t& count_;
  connection stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  bool head_ = false;
  bool closed_ = false;

  std::function<std::optional<std::string>()> producer_;
  std::string waiting_;
  std::string sending_;
  bool writing_ = false;
  bool ended_ = false; // the producer has no more
  steady::time_point last_sent_{};
  std::array<char, 4'096> scratch_{};
};

} // namespace

void begin_http_session(asio::io_context& on, int socket, bool ipv6, ssl_ctx_st* tls,
                        const http_options& options, const http_routes& routes, std::size_t& count,
                        bool refused) {
  std::make_shared<session>(tcp::socket{on, ipv6 ? tcp::v6() : tcp::v4(), socket}, tls, options, routes,
                            count)
      ->begin(refused);
}

} // namespace weir
