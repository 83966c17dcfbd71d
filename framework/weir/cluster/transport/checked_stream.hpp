#pragma once

// A connection as CAF has it: TLS or plain, and between the network and CAF's parser the check of BASP
// headers. The gateway made it, counts it, and ends it when it is time; what happens on it is told from here.

#include <weir/cluster/transport/basp_check.hpp>
#include <weir/cluster/transport/tls.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::cluster {

/// Its functions are for one thread, the one that has the socket.
class checked_stream {
 public:
  /// What the gateway hears, from that thread.
  struct listener {
    std::function<void()> greeted;
    std::function<void(std::string_view wrong)> refused; ///< a bad header: it is over
    std::function<void()> ending;                        ///< no more will be written
    /// It failed, with this reason, or it has ended (empty).
    std::function<void(bool greeted, std::string why)> ended;
  };
  checked_stream(secure_stream stream, basp_check check, std::atomic<std::uint64_t>& in,
                 std::atomic<std::uint64_t>& out, listener tells)
      : stream_(std::move(stream)), check_(check), in_(in), out_(out), tells_(std::move(tells)) {}
  ~checked_stream() { ended({}); }
  checked_stream(const checked_stream&) = delete;
  checked_stream& operator=(const checked_stream&) = delete;

  /// `done` with what was read and is fit for CAF. Never wants_write.
  io_step read(char* into, std::size_t size) {
    io_step step = stream_.read(into, size);
    if (step.status == io_status::wants_write)
      step.status = io_status::wants_read;
    if (step.status == io_status::ended || step.status == io_status::failed)
      ended(step.status == io_status::failed ? stream_.failure() : std::string{});
    if (step.status != io_status::done || step.bytes == 0)
      return step;
    if (!check_.follow(into, step.bytes)) {
      if (!std::exchange(over_, true))
        tells_.refused(check_.wrong());
      return {io_status::failed};
    }
    in_.fetch_add(step.bytes, std::memory_order_relaxed);
    if (!greeted_ && check_.greeted()) {
      greeted_ = true;
      tells_.greeted();
    }
    return step;
  }
  /// As much as the network takes now, within reason.
  io_step write(const char* from, std::size_t size);
  /// There may be more to read, whatever the socket says.
  bool pending() const noexcept { return stream_.pending(); }

  void ending() {
    if (!over_)
      tells_.ending();
  }

 private:
  void ended(std::string why) {
    if (!std::exchange(over_, true))
      tells_.ended(greeted_, std::move(why));
  }

  secure_stream stream_;
  basp_check check_;
  std::atomic<std::uint64_t>& in_; // of the gateway, which the listener keeps
  std::atomic<std::uint64_t>& out_;
  listener tells_;
  bool greeted_ = false;
  bool over_ = false;
};

} // namespace weir::cluster
