#pragma once

// Whom `weir top` believes over https.

#include <weir/base/result.hpp>

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace weir::top {

struct trust {
  std::string ca = {};   ///< a PEM file of those who sign; empty = those this machine trusts
  bool insecure = false; ///< whoever answers is believed
};

/// TLS 1.2 or 1.3 with that trust. An error when the file cannot be read or holds no certificate.
result<std::shared_ptr<ssl_ctx_st>> client_context(const trust& in);

/// A connection that is to be made to `host`, a DNS name or an address: the certificate must be for it. Owned
/// by the caller; nullptr if `host` is neither.
ssl_st* new_connection(ssl_ctx_st& context, const std::string& host);

/// Why that connection's certificate was not believed; empty if it was.
std::string why_not_believed(const ssl_st& connection);

} // namespace weir::top
