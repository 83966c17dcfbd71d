#include <weir/cluster/transport/tls.hpp>

#include <weir/cluster/certificates/openssl.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>

#include <sys/socket.h>

namespace weir::cluster {

namespace {

/// Far more than one record, so that one recv brings several.
constexpr std::size_t read_ahead_bytes = std::size_t{128} * 1024;

bool carries(X509* certificate, const std::string& name) {
  if (openssl::is_address(name))
    return X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
  return X509_check_host(certificate, name.c_str(), name.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                         nullptr) == 1;
}

/// The certificate against the CA, as a peer would see it.
result<> verify(SSL_CTX* context, const tls_files& files) {
  X509* const own = SSL_CTX_get0_certificate(context);
  const openssl::owned<X509_STORE_CTX> check{X509_STORE_CTX_new()};
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context, &chain); // NOLINT(bugprone-multi-level-implicit-pointer-conversion)
  if (!check || X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context), own, chain) != 1)
    return permanent("cannot check the certificate: " + openssl::last_problem(), files.certificate.string());
  if (X509_verify_cert(check.get()) == 1)
    return {};
  const int why = X509_STORE_CTX_get_error(check.get());
  const std::string text = X509_verify_cert_error_string(why);
  // Depth 0 is the certificate itself, above it comes who signed it.
  const bool of_ca = X509_STORE_CTX_get_error_depth(check.get()) > 0;
  if (why == X509_V_ERR_CERT_HAS_EXPIRED)
    return permanent(of_ca ? "the CA's certificate has expired" : "the certificate has expired",
                     (of_ca ? files.ca : files.certificate).string(),
                     of_ca ? "make a new CA and new certificates with `weir cluster certs` for all hosts"
                           : "make a new one with `weir cluster certs` where the CA's key is");
  if (why == X509_V_ERR_CERT_NOT_YET_VALID)
    return permanent("the certificate is not valid yet", (of_ca ? files.ca : files.certificate).string(),
                     "check the clock of this host and of the one that made it");
  return permanent("the certificate is not signed by the CA of " + files.ca.string() + " (" + text + ")",
                   files.certificate.string(), "copy the ca.pem that was made with this certificate");
}

openssl::owned<SSL> new_stream(int socket, const tls_identity& identity) {
  openssl::owned<SSL> ssl{SSL_new(identity.native())};
  if (ssl && SSL_set_fd(ssl.get(), socket) != 1)
    ssl.reset();
  return ssl;
}

error no_memory() {
  return transient("cannot begin a TLS connection: " + openssl::last_problem(), "transport");
}

io_step system_step(ssize_t n) {
  if (n > 0)
    return {io_status::done, static_cast<std::size_t>(n)};
  if (n == 0)
    return {io_status::ended};
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return {io_status::wants_read};
  if (errno == EINTR)
    return {io_status::done};
  return {io_status::failed};
}

} // namespace

result<std::shared_ptr<const tls_identity>> tls_identity::load(const tls_files& files) {
  const auto readable = [](const std::filesystem::path& file, const char* flag) -> result<> {
    auto read = openssl::read_text(file);
    if (read)
      return {};
    return permanent(read.error().what, file.string(),
                     std::string{"check "} + flag + "; `weir cluster certs` makes the files");
  };
  for (const auto& [file, flag] :
       {std::pair{files.ca, "--tls-ca"}, std::pair{files.certificate, "--tls-cert"},
        std::pair{files.key, "--tls-key"}})
    if (auto r = readable(file, flag); !r)
      return r.error();

  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  SSL_CTX* const raw = context.get();
  if (raw == nullptr)
    return no_memory();
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  // All three are strong; the first is the fastest where processors know AES.
  SSL_CTX_set_ciphersuites(raw, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_NO_AUTO_CHAIN);
  // No resumption: every connection is judged by the files in use when it is made.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // A key with a password cannot be used by a service: fail instead of asking on a terminal.
  SSL_CTX_set_default_passwd_cb(raw, [](char*, int, int, void*) { return 0; });

  if (SSL_CTX_load_verify_locations(raw, files.ca.c_str(), nullptr) != 1)
    return permanent("no certificate in it: " + openssl::last_problem(), files.ca.string(),
                     "--tls-ca wants the cluster's ca.pem");
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1)
    return permanent("no certificate in it: " + openssl::last_problem(), files.certificate.string(),
                     "--tls-cert wants this host's certificate, in PEM");
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    return other ? permanent("the key is not that of " + files.certificate.string(), files.key.string(),
                             "give --tls-cert and --tls-key of the same host")
                 : permanent("no key in it that can be used: " + openssl::last_problem(), files.key.string(),
                             "--tls-key wants this host's key, in PEM, without a password");
  }
  if (auto r = verify(raw, files); !r)
    return r.error();
  return std::shared_ptr<const tls_identity>{new tls_identity{std::move(context)}};
}

secure_stream::secure_stream(int socket) : socket_(socket) {}

result<secure_stream> secure_stream::to(int socket, const tls_identity& identity, const std::string& name) {
  auto ssl = new_stream(socket, identity);
  if (!ssl)
    return no_memory();
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool by_address = openssl::is_address(name);
  const int set = by_address ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str())
                             : X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size());
  if (set != 1 || (!by_address && SSL_set_tlsext_host_name(ssl.get(), name.c_str()) != 1))
    return permanent("not a name that a certificate can have: " + name, "transport",
                     "use a DNS name or an address");
  SSL_set_connect_state(ssl.get());
  return secure_stream{socket, std::shared_ptr<SSL>{std::move(ssl)}};
}

result<secure_stream> secure_stream::from(int socket, const tls_identity& identity,
                                          const std::vector<std::string>& names) {
  auto ssl = new_stream(socket, identity);
  if (!ssl)
    return no_memory();
  SSL_set_accept_state(ssl.get());
  secure_stream made{socket, std::shared_ptr<SSL>{std::move(ssl)}};
  made.names_ = names;
  return made;
}

io_step secure_stream::step(int returned, std::size_t bytes) {
  if (returned > 0)
    return {io_status::done, bytes};
  const int saved = errno;
  switch (SSL_get_error(ssl_.get(), returned)) {
  case SSL_ERROR_WANT_READ:
    return {io_status::wants_read};
  case SSL_ERROR_WANT_WRITE:
    return {io_status::wants_write};
  case SSL_ERROR_ZERO_RETURN:
    return {io_status::ended};
  case SSL_ERROR_SYSCALL:
    failure_ = saved != 0 ? std::system_category().message(saved) : "the peer closed the connection";
    break;
  default: {
    const long verdict = SSL_get_verify_result(ssl_.get());
    failure_ = verdict != X509_V_OK ? std::string{"certificate: "} + X509_verify_cert_error_string(verdict)
                                    : openssl::last_problem();
  }
  }
  return {io_status::failed};
}

io_step secure_stream::handshake() {
  if (!ssl_)
    return {io_status::done};
  ERR_clear_error();
  const io_step done = step(SSL_do_handshake(ssl_.get()), 0);
  if (done.status != io_status::done)
    return done;
  // Only now: a stranger is not worth the larger buffer.
  SSL_set_read_ahead(ssl_.get(), 1);
  SSL_set_default_read_buffer_len(ssl_.get(), read_ahead_bytes);
  X509* const peer = SSL_get0_peer_certificate(ssl_.get());
  if (names_.empty() ||
      (peer != nullptr &&
       std::any_of(names_.begin(), names_.end(), [&](const std::string& n) { return carries(peer, n); })))
    return done;
  failure_ = "certificate: none of the names that may connect";
  return {io_status::failed};
}

io_step secure_stream::read(char* into, std::size_t size) {
  if (!ssl_)
    return read_some(socket_, into, size);
  ERR_clear_error();
  std::size_t n = 0;
  const int returned = SSL_read_ex(ssl_.get(), into, size, &n);
  return step(returned, n);
}

io_step secure_stream::write(const char* from, std::size_t size) {
  if (!ssl_)
    return write_some(socket_, from, size);
  ERR_clear_error();
  std::size_t n = 0;
  const int returned = SSL_write_ex(ssl_.get(), from, size, &n);
  return step(returned, n);
}

bool secure_stream::pending() const noexcept { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }

std::string secure_stream::failure() const { return failure_.empty() ? "connection lost" : failure_; }

io_step read_some(int socket, char* into, std::size_t size) {
  return system_step(::recv(socket, into, size, MSG_DONTWAIT));
}

io_step write_some(int socket, const char* from, std::size_t size) {
  io_step step = system_step(::send(socket, from, size, MSG_NOSIGNAL | MSG_DONTWAIT));
  if (step.status == io_status::wants_read)
    step.status = io_status::wants_write;
  return step;
}

} // namespace weir::cluster
