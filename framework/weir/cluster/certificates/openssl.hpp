#pragma once

// What code that speaks to OpenSSL shares: owners, files in, problems in words. Not for users.

#include <weir/base/result.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>

namespace weir::cluster::openssl {

struct release {
  void operator()(BIO* x) const { BIO_free_all(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(SSL* x) const { SSL_free(x); }
  void operator()(X509* x) const { X509_free(x); }
  void operator()(X509_EXTENSION* x) const { X509_EXTENSION_free(x); }
  void operator()(X509_STORE_CTX* x) const { X509_STORE_CTX_free(x); }
  void operator()(ASN1_TIME* x) const { ASN1_TIME_free(x); }
  void operator()(BIGNUM* x) const { BN_free(x); }
};
template <class T>
using owned = std::unique_ptr<T, release>;

/// The latest problem this thread's OpenSSL had, in its words; forgets it and all before it.
std::string last_problem();

/// An address in numbers, not a name: certificates tell them apart.
bool is_address(const std::string& name);

/// A whole text file of 1 MiB at most.
result<std::string> read_text(const std::filesystem::path& file);

} // namespace weir::cluster::openssl
