#include <apps/weir/top/trust.hpp>

#include <weir/cluster/certificates/openssl.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace weir::top {

namespace openssl = cluster::openssl;

result<std::shared_ptr<ssl_ctx_st>> client_context(const trust& in) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  SSL_CTX* const raw = context.get();
  if (raw == nullptr)
    return transient("cannot prepare TLS: " + openssl::last_problem(), "https");
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_verify(raw, in.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (in.ca.empty()) {
    SSL_CTX_set_default_verify_paths(raw);
    return context;
  }
  if (const auto read = openssl::read_text(in.ca); !read)
    return permanent(read.error().what, in.ca, "name a readable PEM file with --ca");
  if (SSL_CTX_load_verify_locations(raw, in.ca.c_str(), nullptr) != 1)
    return permanent("no certificate in it: " + openssl::last_problem(), in.ca,
                     "--ca wants the certificate of who signed the listener's, in PEM");
  return context;
}

ssl_st* new_connection(ssl_ctx_st& context, const std::string& host) {
  openssl::owned<SSL> made{SSL_new(&context)};
  if (!made)
    return nullptr;
  X509_VERIFY_PARAM* const expected = SSL_get0_param(made.get());
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool set = openssl::is_address(host)
                       ? X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1
                       : X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) == 1 &&
                             SSL_set_tlsext_host_name(made.get(), host.c_str()) == 1;
  return set ? made.release() : nullptr;
}

std::string why_not_believed(const ssl_st& connection) {
  const long verdict = SSL_get_verify_result(&connection);
  return verdict == X509_V_OK ? std::string{} : X509_verify_cert_error_string(verdict);
}

} // namespace weir::top
