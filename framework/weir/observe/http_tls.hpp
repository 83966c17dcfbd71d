#pragma once

// What the admin listener shows of itself over TLS. TLS 1.2 and 1.3; clients need no certificate: they prove
// themselves by the token.

#include <weir/base/result.hpp>

#include <filesystem>
#include <memory>

struct ssl_ctx_st;

namespace weir {

/// Two PEM files. Both or neither.
struct http_tls {
  std::filesystem::path certificate; ///< the listener's own, then intermediate ones if there are any
  std::filesystem::path key;         ///< of that certificate, without a password
  bool empty() const { return certificate.empty() && key.empty(); }
};

/// Reads both and checks that they belong together and that the certificate is valid today. Errors name the
/// file. Connections share what is returned; thread-safe.
result<std::shared_ptr<ssl_ctx_st>> server_context(const http_tls& files);

} // namespace weir
