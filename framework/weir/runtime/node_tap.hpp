#pragma once

// The end of a tap at the node. Invariants: `on` is set while somebody looks, and only then is a lock taken,
// never while user code runs; what waits for one who looks is bounded by two seconds of its rate.
// Thread-safe.

#include <weir/base/clock.hpp>
#include <weir/record/batch.hpp>
#include <weir/runtime/record_tap.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::detail {

class node_tap : public std::enable_shared_from_this<node_tap> {
 public:
  /// `name_of` gives the id of a source. `taps` counts those of the whole run.
  node_tap(std::string node, std::function<std::string(std::uint32_t)> name_of,
           std::shared_ptr<std::atomic<std::size_t>> taps)
      : node_(std::move(node)), name_of_(std::move(name_of)), taps_(std::move(taps)) {}

  bool on() const noexcept { return on_.load(std::memory_order_relaxed); }
  /// A batch goes by, at `now` of the run's clock. Of user code it calls the printing of records.
  void see(const batch& b, time_point now);
  /// Somebody looks, until it lets go of what it gets; null: too many do.
  std::shared_ptr<record_tap> open(tap_options options);
  /// The run has ended.
  void close();

 private:
  class looker;
  void forget(const looker* gone);
  tapped_record text_of(const batch& b, std::uint32_t index) const;

  std::string node_;
  std::function<std::string(std::uint32_t)> name_of_;
  std::shared_ptr<std::atomic<std::size_t>> taps_;
  std::atomic<bool> on_{false};
  std::mutex mutex_;
  bool closed_ = false;
  std::vector<looker*> lookers_;
};

} // namespace weir::detail
