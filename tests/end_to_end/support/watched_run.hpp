#pragma once

// What is seen of a run from outside: its admin listener asked as a page, a terminal or Prometheus does.

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include <boost/json/object.hpp>

namespace weir::test {

/// A port of loopback that nobody listens on now.
std::uint16_t free_port();

/// The answer of /api/v1/workflow.
boost::json::object workflow_at(std::uint16_t port);
/// A figure of a node of it; -1 while it has no such node.
double figure_of(const boost::json::object& workflow, const std::string& node, const std::string& figure);
/// Standard output of `weir top --once`; fails the test if that fails.
std::string top_once(std::uint16_t port);

/// Looks again and again until `is_so()`, a minute at most: false.
template <class IsSo>
bool in_time(IsSo is_so) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{50}); // what is looked at changes once a second
  }
  return true;
}

/// Asks until `is_so` of the workflow, a minute at most: false.
template <class IsSo>
bool becomes(std::uint16_t port, IsSo is_so) {
  return in_time([&] { return is_so(workflow_at(port)); });
}

} // namespace weir::test
