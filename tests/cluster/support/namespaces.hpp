#pragma once

// Machines of a network of their own: namespaces on one bridge. Needs root; removed at the end.

#include <tests/support/process.hpp>

#include <string>
#include <vector>

namespace weir::test {

/// Whether namespaces, bridges and nftables may be used here; else tells why, for the test to pass without.
bool namespaces_are_there();

class namespaces {
 public:
  /// `machines` of them, at 10.77.0.11, 10.77.0.12, … The bridge is a machine too, at 10.77.0.1.
  explicit namespaces(std::size_t machines);
  ~namespaces();
  namespaces(const namespaces&) = delete;
  namespaces& operator=(const namespaces&) = delete;

  std::string name(std::size_t machine) const;
  const std::string& hub() const noexcept { return hub_; }
  static std::string address(std::size_t machine) { return "10.77.0." + std::to_string(11 + machine); }
  /// The words before a program that is to run on the machine: it keeps its process id.
  std::vector<std::string> on(std::size_t machine, const std::string& program,
                              const std::vector<std::string>& arguments) const;
  /// What comes to the machine is dropped: `percent` of the packets at random; 100 = all. It hears no more,
  /// or little, but is heard.
  void drop_incoming(std::size_t machine, unsigned percent);
  void heal(std::size_t machine);

 private:
  std::string hub_;
  std::vector<std::string> made_;
};

} // namespace weir::test
