#pragma once

// TLS of the transport, on OpenSSL: what a host trusts and shows (`tls_identity`), and a connection's
// encrypted stream over a non-blocking socket (`secure_stream`).

#include <weir/base/result.hpp>
#include <weir/cluster/transport/options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace weir::cluster {

/// What all connections made from one reading of the TLS files share. Immutable, thread-safe.
class tls_identity {
 public:
  /// Reads, and checks: the certificate is valid today, signed by the CA, and fits the key.
  static result<std::shared_ptr<const tls_identity>> load(const tls_files& files);
  ssl_ctx_st* native() const noexcept { return context_.get(); }

 private:
  explicit tls_identity(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// What a step on a non-blocking stream came to.
enum class io_status : std::uint8_t { done, wants_read, wants_write, ended, failed };
struct io_step {
  io_status status = io_status::done;
  std::size_t bytes = 0;
};

/// One side of a connection: TLS, or plain where it is given no identity. Does not own the socket. The thread
/// that uses it must block SIGPIPE.
class secure_stream {
 public:
  /// Plain: there is nothing to shake hands about.
  explicit secure_stream(int socket);
  /// To a host that must be `name` (a DNS name or an address).
  static result<secure_stream> to(int socket, const tls_identity& identity, const std::string& name);
  /// From a host that must have a certificate of the CA, and one of these names unless there are none.
  static result<secure_stream> from(int socket, const tls_identity& identity,
                                    std::vector<std::string> const& names);

  io_step handshake();
  io_step read(char* into, std::size_t size);
  io_step write(const char* from, std::size_t size);
  /// Bytes were read from the socket and not given out yet.
  bool pending() const noexcept;
  /// Why a step failed, for people.
  std::string failure() const;

 private:
  explicit secure_stream(int socket, std::shared_ptr<ssl_st> ssl) : socket_(socket), ssl_(std::move(ssl)) {}
  io_step step(int returned, std::size_t bytes);

  int socket_;
  std::shared_ptr<ssl_st> ssl_;
  std::vector<std::string> names_;
  std::string failure_;
};

/// The same steps on a socket as it is.
io_step read_some(int socket, char* into, std::size_t size);
io_step write_some(int socket, const char* from, std::size_t size);

} // namespace weir::cluster
