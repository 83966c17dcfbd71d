#pragma once

// A connection to a listener on this machine: sends any bytes, reads with an end to patience.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir_tests {

class test_client {
 public:
  explicit test_client(std::uint16_t port, int receive_buffer = 0);
  ~test_client();
  test_client(test_client&& other) noexcept;
  test_client& operator=(test_client&&) = delete;

  bool connected() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }
  /// False: the other side has closed.
  bool send(std::string_view bytes);
  void end_of_requests(); ///< half-closes
  /// Until the other side closes. What was received so far is kept in received().
  const std::string& read_to_end();
  /// Until `text` was received, or the other side has closed: false.
  bool read_until(std::string_view text);
  /// Closed by the other side?
  bool closed() const noexcept { return closed_; }
  const std::string& received() const noexcept { return received_; }

 private:
  bool read_some();
  int descriptor_ = -1;
  bool closed_ = false;
  std::string received_;
};

/// One request on a connection of its own; the response with its head.
std::string ask(std::uint16_t port, std::string_view method, std::string_view target,
                std::string_view headers = "", std::string_view body = "",
                std::string_view host = "localhost");
/// 200 of "HTTP/1.1 200 OK…"; 0 if it is no response.
int status_of(std::string_view response);
std::string body_of(std::string_view response);

} // namespace weir_tests
