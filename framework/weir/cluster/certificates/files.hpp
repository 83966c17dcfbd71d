#pragma once

// The files behind `weir cluster certs`: DIR/ca.pem and ca.key, and NAME.pem and NAME.key for each host.

#include <weir/base/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace weir::cluster {

/// A host as it is called for: its name, which names the files too, and other names and addresses it is
/// reached by.
using host_names = std::vector<std::string>;

struct host_files {
  std::string name;
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct certificate_files {
  std::filesystem::path ca;
  std::filesystem::path ca_key;
  bool new_ca = false;
  std::vector<host_files> hosts;
};

/// Makes a certificate for each host, good for two years, and a CA, good for ten, unless `folder` holds one.
/// The folder is made if it is not there. Keys can be read by their owner only. Fails, before anything is
/// written, when a file of a host exists, when of the CA only one does, and for names that no certificate can
/// have.
result<certificate_files> make_certificate_files(const std::filesystem::path& folder,
                                                 const std::vector<host_names>& hosts);

/// Writes a file that must not exist yet, to be read by its owner only when it is `secret`.
result<> write_new_file(const std::filesystem::path& file, const std::string& text, bool secret);

} // namespace weir::cluster
