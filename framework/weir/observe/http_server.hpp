#pragma once

// A small HTTP/1.1 server for the admin listener: one thread of its own, every limit finite.
//
//   http_server server{options};
//   server.route("GET", "/ping", [](const http_request&) { return http_response{…}; });
//   if (auto started = server.start(); !started) …
//
// Handlers run on the server's thread and must be short: while one runs, nobody else is answered. What they
// throw becomes a 500. Every request is judged by `access_rules` before its handler sees it, and every
// response carries the security headers; "Cache-Control: no-store" unless the handler sets another. With
// certificate and key it speaks TLS and nothing else. Not thread-safe but for port() and
// reload_certificate(): one thread sets it up, starts and stops it.

#include <weir/base/result.hpp>
#include <weir/observe/access_rules.hpp>
#include <weir/observe/http_message.hpp>
#include <weir/observe/http_routes.hpp>
#include <weir/observe/http_tls.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace weir {

/// What a client can take from us at most. Raising one costs memory a connection, or patience.
struct http_limits {
  std::size_t header_bytes = 16 * 1024; ///< more: 431
  std::size_t body_bytes = 1024 * 1024; ///< more: 413
  /// For a whole request to arrive, and for a client to take a response; then it is closed.
  std::chrono::milliseconds request_time{10'000};
  std::chrono::milliseconds handshake_time{5'000}; ///< for TLS to be agreed on; then it is closed
  std::chrono::milliseconds idle_time{30'000};     ///< between requests of a connection
  std::size_t connections = 128;                   ///< further ones get 503 and are closed
  std::size_t waiting_bytes = 1024 * 1024;         ///< of a stream, for a slow client; more: it is closed
  std::chrono::milliseconds tick{1'000};           ///< how often streams are asked for more
};

struct http_options {
  access_rules access;    ///< who may ask, and the address to listen on
  std::uint16_t port = 0; ///< 0 = a free one, see port()
  http_tls tls;           ///< empty: plain HTTP
  http_limits limits;
};

class http_server {
 public:
  explicit http_server(http_options options);
  /// Stops it.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// See http_routes::add. Before start() only.
  void route(std::string method, std::string pattern, http_handler handler,
             http_access access = http_access::token);

  /// Listens and answers from now on. Fails if the rules forbid it, certificate or key cannot be used, the
  /// address is none of this machine or in use, or it was started before.
  result<> start();
  /// Reads certificate and key again, for connections made from now on. If they cannot be used it fails, and
  /// goes on with those it has. Without TLS it does nothing. Thread-safe, after start().
  result<> reload_certificate();
  /// The port listened on; 0 before start(). Thread-safe.
  std::uint16_t port() const noexcept;
  /// Closes every connection and ends the thread; returns at once, whatever clients do. Not from a handler.
  /// Handlers are not called after it has returned.
  void stop();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace weir
