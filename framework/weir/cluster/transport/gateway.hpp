#pragma once

// The network side of the transport: listens, connects, shakes hands, and hands what is authenticated to CAF
// as a socket with a checked_stream on it. It keeps the deadlines, the limits and the end of each connection.
// One thread of its own; every wait has a deadline, every count a bound. Knows no CAF.
//
// CAF's I/O thread does the encryption and the check. A socket pair between, with this thread carrying the
// bytes, cost a third of the throughput without TLS and a tenth with it.

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

  /// A port open for peers; authenticated ones go into `queue`.
  struct listening {
    std::uint64_t id = 0;
    std::uint16_t port = 0;
  };
  result<listening> listen(std::uint16_t port, std::shared_ptr<accept_queue> queue);
  void close_listener(std::uint64_t id);

  /// Blocks, within the deadlines.
  result<ready_connection> connect(const std::string& host, std::uint16_t port);
  /// Why the last attempt failed, also after connect().
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
