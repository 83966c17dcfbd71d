#include <tests/framework/weir/observe/support/tls_client.hpp>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/socket.h>
#include <sys/time.h>

namespace weir_tests {

using weir::cluster::certificate_authority;

certificates::certificates()
    : authority_(*certificate_authority::create("test", weir::cluster::for_years(1))) {
  folder_.write("ca.pem", authority_.own().certificate);
}

weir::http_tls certificates::issue(const std::string& name) const {
  return issue(name, weir::cluster::for_years(1));
}

weir::http_tls certificates::issue(const std::string& name, const weir::cluster::validity& when) const {
  const auto made = *authority_.issue({"127.0.0.1", "localhost"}, when);
  return {.certificate = folder_.write(name + ".pem", made.certificate),
          .key = folder_.write(name + ".key", made.key)};
}

tls_client::tls_client(std::uint16_t port, const std::filesystem::path& ca, int newest)
    : socket_(port), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
  if (!socket_.connected() || SSL_CTX_load_verify_locations(context_.get(), ca.c_str(), nullptr) != 1)
    return;
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_max_proto_version(context_.get(), newest);
  ssl_.reset(SSL_new(context_.get()), SSL_free);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), "127.0.0.1");
  const timeval patience{.tv_sec = 60, .tv_usec = 0}; // a hang guard
  ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  SSL_set_fd(ssl_.get(), socket_.descriptor());
  connected_ = SSL_connect(ssl_.get()) == 1;
}

std::string tls_client::version() const { return SSL_get_version(ssl_.get()); }

std::string tls_client::shown() const {
  const std::shared_ptr<BIO> out{BIO_new(BIO_s_mem()), BIO_free_all};
  PEM_write_bio_X509(out.get(), SSL_get0_peer_certificate(ssl_.get()));
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

bool tls_client::send(std::string_view bytes) {
  return connected_ && SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
}

bool tls_client::read_some() {
  char bytes[16'384];
  const int n = connected_ ? SSL_read(ssl_.get(), bytes, sizeof bytes) : 0;
  if (n <= 0) {
    ended_ = connected_ && SSL_get_error(ssl_.get(), n) == SSL_ERROR_ZERO_RETURN;
    return false;
  }
  received_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

bool tls_client::read_until(std::string_view text) {
  while (received_.find(text) == std::string::npos)
    if (!read_some())
      return false;
  return true;
}

const std::string& tls_client::read_to_end() {
  while (read_some()) {
  }
  return received_;
}

} // namespace weir_tests
