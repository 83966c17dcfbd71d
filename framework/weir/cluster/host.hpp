#pragma once

// A program as worker host of a cluster: it runs workers for the coordinator, which has the same workflow.
//
//     auto started = weir::cluster::host::start(options, flow, [](const host_news& n) { … });
//     if (!started) …                                  // says why not
//     while (!(*started)->wait_for(100ms)) …           // leave() when it is to end
//
// It looks for the coordinator for ever, with backoff, joins, works, and looks again when the coordinator is
// lost or its run is over. It ends when it is told to leave, or when every seed has refused it for good
// (another workflow, cluster or version).

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/cluster/options.hpp>
#include <weir/workflow/workflow.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace weir::cluster {

struct host_news {
  enum class kind : std::uint8_t {
    joined,   ///< it has work to do
    rejoined, ///< its connection was broken, and it goes on where it was
    unlinked, ///< its connection broke
    lost,     ///< the coordinator is lost, or has given this host up: its workers are stopped
    refused,  ///< it was not let in, or found nobody there; it tries again
    over,     ///< the coordinator's run is over: it waits for the next
    left,     ///< it has left in good order, and ends
    failed    ///< it ends, and not in good order
  };
  kind what = kind::joined;
  std::string text; ///< one line for people
};

struct host_state {
  std::string name;
  bool joined = false;
  std::uint32_t workers = 0;
  std::uint32_t busy = 0;
};

/// Thread-safe.
class host {
 public:
  /// The workflow must live as long; nothing of it is run but the code of nodes that can be spread. `told`:
  /// called on the host's own thread; must be short. The same refusal is told once in a row.
  static result<std::unique_ptr<host>> start(const cluster_options& options, const workflow& w,
                                             std::function<void(const host_news&)> told = {});
  /// Ends at once.
  ~host();
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// Finishes what it has, and leaves.
  void leave();
  /// Waits for the end, this long at most; true when it has ended.
  bool wait_for(duration most);
  /// Why it ended, if not in good order.
  std::optional<error> failure() const;
  host_state state() const;

 private:
  struct impl;
  explicit host(std::unique_ptr<impl> impl);
  std::unique_ptr<impl> impl_;
};

} // namespace weir::cluster
