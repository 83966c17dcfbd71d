#pragma once

// A connection with TLS to a listener on this machine, and the files such a listener needs.

#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/temporary_folder.hpp>
#include <weir/cluster/certificates/authority.hpp>
#include <weir/observe/http_tls.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace weir_tests {

/// A CA, and what it signs, in a folder of its own.
class certificates {
 public:
  certificates();
  std::filesystem::path ca() const { return folder_ / "ca.pem"; }
  /// Writes (or replaces) NAME.pem and NAME.key: a certificate for 127.0.0.1 and localhost, valid today.
  weir::http_tls issue(const std::string& name) const;
  weir::http_tls issue(const std::string& name, const weir::cluster::validity& when) const;
  const weir::test::temporary_folder& folder() const { return folder_; }

 private:
  weir::test::temporary_folder folder_;
  weir::cluster::certificate_authority authority_;
};

/// Trusts one CA and checks that it speaks to 127.0.0.1.
class tls_client {
 public:
  /// `newest`: the highest version it offers, such as TLS1_2_VERSION; 0 = all there are.
  tls_client(std::uint16_t port, const std::filesystem::path& ca, int newest = 0);
  /// Whether TLS was agreed on.
  bool connected() const { return connected_; }
  std::string version() const;
  /// The certificate the listener showed, in PEM.
  std::string shown() const;
  bool send(std::string_view bytes);
  bool read_until(std::string_view text);
  /// Until the listener ends its side of TLS (then ended() is true) or the connection.
  const std::string& read_to_end();
  bool ended() const { return ended_; }

 private:
  bool read_some();

  test_client socket_;
  std::shared_ptr<ssl_ctx_st> context_;
  std::shared_ptr<ssl_st> ssl_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

} // namespace weir_tests
