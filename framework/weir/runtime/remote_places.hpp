#pragma once

// Where workers of a pool can be, apart from this process: the runtime's view of a cluster. The dispatcher
// keeps its ledger and its rules; what is elsewhere is only the worker.
//
// Places come and go while a run goes on. One that is lost takes no blame with it: what its worker had in
// hand is handed out again, without counting as an attempt. One that is closing finishes what it has.
// Thread-safe.

#include <weir/node/crash.hpp>
#include <weir/runtime/node_core.hpp>
#include <weir/runtime/worker_thread.hpp>

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::detail {

/// A node whose workers need not be here: a pool of workers that keep no state and no order by key, and pull.
inline bool may_spread(const node_definition& d) {
  return d.role == node_role::step && d.options.workers.most() > 1 && !d.keys && !d.stateful &&
         d.options.dispatch == dispatch::pull;
}

class remote_places {
 public:
  virtual ~remote_places() = default;

  /// Workers of this node may run elsewhere.
  virtual bool spreads(std::uint32_t node) const = 0;
  /// How many of its workers run here beside them.
  virtual std::uint32_t workers_here(std::uint32_t node) const = 0;
  struct offer {
    remote_place at;
    bool closing = false; ///< its worker is to finish what it has, and end
  };
  /// The places of a node, now.
  virtual std::vector<offer> places(std::uint32_t node) const = 0;
  /// Another number whenever places() may answer otherwise.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  /// `wake` is called whenever version() has changed, from any thread, until this object is gone.
  virtual void when_changed(std::function<void()> wake) = 0;

  struct worker_order {
    std::uint32_t node;
    std::uint32_t worker;
    std::uint32_t incarnation;
    std::optional<crash_report> last_crash;
  };
  /// `lost`: it hung and was left behind there. Answers and losses of one worker come in order.
  using lost_call = std::function<void(failure_kind, error)>;
  virtual std::unique_ptr<worker_handle> start(remote_place at, worker_order what,
                                               std::shared_ptr<answer_gate> answers, lost_call lost) = 0;
  /// The worker of a closing place has ended.
  virtual void closed(std::uint32_t node, remote_place at) = 0;
  /// The run whose workers these are: its budget is charged, its events told. Before the start.
  virtual void attach(const std::shared_ptr<run_state>&) {}
  /// Nodes that can work nowhere now, and what for; empty when all is well.
  virtual std::vector<waiting_for> lacks() const { return {}; }

 protected:
  void changed() noexcept { version_.fetch_add(1, std::memory_order_acq_rel); }

 private:
  std::atomic<std::uint64_t> version_{1};
};

} // namespace weir::detail
