#pragma once

// A way that takes longer: forwards TCP connections and holds each byte back for a while, both ways.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace weir::test {

class delay_proxy {
 public:
  /// In the network namespace `at` (its name): listens on `address`:`port` and forwards to `to`:`port`.
  delay_proxy(std::string at, std::string address, std::string to, std::uint16_t port,
              std::chrono::milliseconds delay);
  ~delay_proxy();
  delay_proxy(const delay_proxy&) = delete;
  delay_proxy& operator=(const delay_proxy&) = delete;

 private:
  void run(const std::string& at, const std::string& address, const std::string& to, std::uint16_t port,
           std::chrono::milliseconds delay);
  std::atomic<bool> stop_{false};
  std::atomic<bool> ready_{false};
  std::thread thread_;
};

} // namespace weir::test
