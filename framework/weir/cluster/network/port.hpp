#pragma once

// The ends of a session's connections, on CAF: frames in and out, and who is there. What comes is reported to
// an event_queue. Calls are for one thread, the queue's reader.

#include <weir/base/result.hpp>
#include <weir/cluster/network/event_queue.hpp>
#include <weir/cluster/remote_link.hpp>
#include <weir/cluster/transport/figures.hpp>
#include <weir/cluster/transport/options.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace weir::cluster {

/// Where hosts connect. Links are numbered from 1.
class listening_port {
 public:
  /// Listens. Errors: those of transport::start and publish.
  static result<std::unique_ptr<listening_port>> open(transport_options options,
                                                      std::shared_ptr<event_queue> events);
  /// Closes everything at once.
  ~listening_port();
  listening_port(const listening_port&) = delete;
  listening_port& operator=(const listening_port&) = delete;

  std::uint16_t port() const noexcept;
  void write(link_id link, bytes frame);
  /// After what was written. Of this link no more is reported than `closed`, once the peer has all that was
  /// written, or is gone: a port destroyed before that may lose the last frames.
  void close(link_id link);
  result<> reload_certificates();
  transport_figures figures() const;

 private:
  struct impl;
  explicit listening_port(std::unique_ptr<impl> impl);
  std::unique_ptr<impl> impl_;
};

/// One attempt to connect, and the connection it leads to.
class connecting_port {
 public:
  /// Begins; `opened` or `unreachable` is reported. Does not block, but for reading certificates.
  connecting_port(transport_options options, const host_port& to, link_id link,
                  std::shared_ptr<event_queue> events);
  ~connecting_port();
  connecting_port(const connecting_port&) = delete;
  connecting_port& operator=(const connecting_port&) = delete;

  link_id link() const noexcept;
  void write(bytes frame);
  void close(); ///< as listening_port::close

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace weir::cluster
