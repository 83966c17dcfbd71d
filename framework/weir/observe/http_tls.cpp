#include <weir/observe/http_tls.hpp>

#include <weir/cluster/certificates/openssl.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string>

namespace weir {

namespace {

constexpr auto both = "give --admin-tls-cert and --admin-tls-key, or neither";

result<> readable(const std::filesystem::path& file, const char* flag) {
  const auto read = cluster::openssl::read_text(file);
  if (read)
    return {};
  return permanent(read.error().what, file.string(), std::string{"name a readable PEM file with "} + flag);
}

} // namespace

result<std::shared_ptr<ssl_ctx_st>> server_context(const http_tls& files) {
  using cluster::openssl::last_problem;
  if (files.certificate.empty())
    return permanent("a key without its certificate", files.key.string(), both);
  if (files.key.empty())
    return permanent("a certificate without its key", files.certificate.string(), both);
  if (auto r = readable(files.certificate, "--admin-tls-cert"); !r)
    return r.error();
  if (auto r = readable(files.key, "--admin-tls-key"); !r)
    return r.error();

  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  SSL_CTX* const raw = context.get();
  if (raw == nullptr)
    return transient("cannot prepare TLS: " + last_problem(), files.certificate.string());
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20"); // of TLS 1.2; those of 1.3 are all strong
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF); // nothing is kept of a connection that ended
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS); // idle connections cost less
  // A service cannot ask for a password: fail.
  SSL_CTX_set_default_passwd_cb(raw, [](char*, int, int, void*) { return 0; });

  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1)
    return permanent("no certificate in it that can be used: " + last_problem(), files.certificate.string(),
                     "--admin-tls-cert wants the listener's certificate, in PEM");
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    return other ? permanent("the key is not that of " + files.certificate.string(), files.key.string(),
                             "give --admin-tls-cert and --admin-tls-key that were made together")
                 : permanent("no key in it that can be used: " + last_problem(), files.key.string(),
                             "--admin-tls-key wants the certificate's key, in PEM, without a password");
  }
  const X509* const own = SSL_CTX_get0_certificate(raw);
  if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0)
    return permanent("the certificate has expired", files.certificate.string(), "renew it");
  if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0)
    return permanent("the certificate is not valid yet", files.certificate.string(),
                     "check the clock of this machine and of the one that made it");
  return context;
}

} // namespace weir
