#pragma once

// Certificates for tests, made with the code that makes real ones.

#include <tests/support/temporary_folder.hpp>

#include <weir/cluster/certificates/authority.hpp>
#include <weir/cluster/transport/options.hpp>

#include <string>
#include <vector>

namespace weir_tests {

/// A CA with a folder of its own. Throws when something cannot be made.
class test_ca {
 public:
  explicit test_ca(const weir::cluster::validity& when = weir::cluster::for_years(1));
  /// Files of a host with these names: "localhost" and 127.0.0.1 unless said otherwise.
  weir::cluster::tls_files host(const std::string& file,
                                const std::vector<std::string>& names = {"localhost", "127.0.0.1"},
                                const weir::cluster::validity& when = weir::cluster::for_years(1));
  std::filesystem::path ca_file() const { return folder_ / "ca.pem"; }
  /// The CA's own certificate as if it were a host's.
  weir::cluster::tls_files self_signed();
  const weir::test::temporary_folder& folder() const { return folder_; }

 private:
  weir::test::temporary_folder folder_;
  weir::cluster::certificate_authority ca_;
};

/// Over since yesterday.
weir::cluster::validity expired();

} // namespace weir_tests
