#pragma once

// A client that speaks what the test wants: TCP, or TLS, and then any bytes. Blocking, with a hang guard of a
// minute.

#include <weir/cluster/transport/options.hpp>

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir_tests {

class raw_client {
 public:
  /// Connects to loopback; throws when nobody listens.
  explicit raw_client(std::uint16_t port);
  ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  /// TLS, checking nothing of the server; without a certificate of its own where `files` is empty. Whether
  /// the handshake went through on this side (in TLS 1.3 the server may still refuse). `version` 0 = the
  /// newest.
  bool begin_tls(const weir::cluster::tls_files& files = {}, int version = 0);
  /// False when the server has closed already.
  bool send(std::string_view bytes);
  /// Nothing more will be sent.
  void end();
  /// What the server sends until it closes; throws when it does not within a minute.
  std::string read_to_end();

 private:
  int socket_ = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
};

/// A BASP header as CAF writes it.
struct basp_header {
  std::uint8_t operation = 0;
  std::uint8_t flags = 0;
  std::uint32_t payload = 0;
  std::uint64_t data = 0;
  std::uint64_t source = 0;
  std::uint64_t receiver = 0;
  std::string bytes() const;
};

/// A handshake that CAF's clients begin with, of a host that does not exist. CAF keeps one connection a
/// process.
std::string client_greeting(std::uint32_t process = 258);

} // namespace weir_tests
