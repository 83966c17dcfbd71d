#pragma once

// A real Prometheus server that scrapes one listener on this machine, once a second.

#include <tests/support/process.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace weir::test {

/// True if the server and promtool are there; else tells so, for the test to pass without.
bool prometheus_is_there();

class prometheus_server {
 public:
  /// Its configuration and data live in `folder`. Ready when it is made; fails the test if it does not get
  /// so.
  prometheus_server(const std::filesystem::path& folder, std::uint16_t scraped_port);

  /// The value of an expression that gives one sample; nothing if it gives none (yet) or more.
  std::optional<double> value(const std::string& expression) const;
  /// The label of the only sample; empty if there is none, or more.
  std::string label(const std::string& expression, const std::string& name) const;

 private:
  std::uint16_t port_;
  process server_;
};

/// What `promtool check metrics` says to a text; its exit is 0 if all is well.
finished check_metrics(const std::string& text);

} // namespace weir::test
