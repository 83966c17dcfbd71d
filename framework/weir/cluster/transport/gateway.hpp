#pragma once

// The network side of the transport: listens, connects, shakes hands, and carries bytes between each
// connection and a socket pair of which CAF has the other end. One thread of its own does all of it; every
// wait has a deadline, every buffer and count a bound. Knows no CAF.

#include <weir/base/result.hpp>
#include <weir/cluster/transport/accept_queue.hpp>
#include <weir/cluster/transport/figures.hpp>
#include <weir/cluster/transport/options.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace weir::cluster {

/// Thread-safe.
class gateway {
 public:
  /// Reads the TLS files; options that check() refuses are refused here.
  static result<std::shared_ptr<gateway>> start(transport_options options);
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  /// A port open for peers; authenticated ones go into `queue`, as descriptors that carry BASP.
  struct listening {
    std::uint64_t id = 0;
    std::uint16_t port = 0;
  };
  result<listening> listen(std::uint16_t port, std::shared_ptr<accept_queue> queue);
  void close_listener(std::uint64_t id);

  /// Our end of a connection that is being made: it ends when that fails, and last_failure() knows why. The
  /// caller owns the descriptor.
  result<int> connect(const std::string& host, std::uint16_t port);
  error last_failure(const std::string& host, std::uint16_t port) const;

  result<> reload_certificates();
  transport_figures figures() const;

  /// Closes everything and joins the thread. From then on nothing can be opened.
  void stop();

  struct impl; ///< of gateway.cpp

 private:
  explicit gateway(std::unique_ptr<impl> impl);
  std::unique_ptr<impl> impl_;
};

} // namespace weir::cluster
