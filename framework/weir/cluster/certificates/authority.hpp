#pragma once

// The certificates of a small cluster: a CA of its own, and one certificate a host. Keys are on the curve
// P-256. Plain values, thread-safe.

#include <weir/base/result.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace weir::cluster {

/// A certificate and its private key, in PEM.
struct credentials {
  std::string certificate;
  std::string key;
};

/// When a certificate is valid. Clocks of hosts differ: it begins an hour in the past.
struct validity {
  std::chrono::system_clock::time_point from = std::chrono::system_clock::now() - std::chrono::hours{1};
  std::chrono::system_clock::time_point until;
};
inline validity for_years(int years) {
  return {.until = std::chrono::system_clock::now() + std::chrono::years{years}};
}

/// Signs certificates of hosts. Whoever has its key can join every host of the cluster.
class certificate_authority {
 public:
  static result<certificate_authority> create(const std::string& name, const validity& when);
  /// Fails when a text is no PEM of its kind, when they do not belong together, or when this is no CA.
  static result<certificate_authority> load(credentials existing);

  /// A certificate for a host with these DNS names or addresses, good for both sides of a connection. Fails
  /// for names that are neither.
  result<credentials> issue(const std::vector<std::string>& names, const validity& when) const;
  const credentials& own() const noexcept { return own_; }

 private:
  explicit certificate_authority(credentials own) : own_(std::move(own)) {}
  credentials own_;
};

} // namespace weir::cluster
