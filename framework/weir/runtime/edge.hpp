#pragma once

// An edge between two nodes of one process, and its demand.
//
// Invariants: `in_flight` counts batches sent and not yet finished by the receiver; a sender that finds it at
// the window sets `starved` and looks again, a receiver that lowers it and finds `starved` wakes the sender.
// So either the sender sees the lowered count or the receiver sees the flag: no wake-up is lost, and no
// message travels upstream while the sender never starves. Marks (end of stream) need no demand and never
// overtake batches.
//
// Where batches are split by key, a part that is not full waits in `lanes` while its worker has another in
// flight, and the sender counts as starved as long as any waits. So when a worker has nothing in flight any
// more, the sender is awake or woken, and what waits for that worker is sent, demand or not.

#include <weir/record/batch.hpp>
#include <weir/record/key.hpp>
#include <weir/record/key_lanes.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::detail {

struct edge {
  std::uint32_t index = 0;
  std::uint32_t from = 0;
  std::uint32_t port = 0;
  std::uint32_t to = 0;
  std::int32_t window = 2;
  std::uint32_t partitions = 1;                          ///< workers of the receiver, when it is keyed
  key_group_function keys;                               ///< set when batches are split by key on this edge
  bool keys_nothrow = false;                             ///< it cannot fail
  std::optional<key_lanes> lanes;                        ///< then the sender's
  std::vector<std::atomic<std::int32_t>> lane_in_flight; ///< then one a worker of the receiver
  alignas(64) std::atomic<std::int32_t> in_flight{0};
  std::atomic<bool> starved{false};
  std::atomic<std::uint64_t> sent{0};    ///< records
  std::atomic<std::uint64_t> settled{0}; ///< records the receiver is done with

  /// Sender: may a batch be sent? If not, the sender will be woken.
  bool has_demand() noexcept {
    if (in_flight.load(std::memory_order_acquire) < window)
      return true;
    starved.store(true);
    return in_flight.load() < window;
  }
  /// Sender: a batch is on its way.
  void sent_one(std::uint32_t lane) noexcept {
    in_flight.fetch_add(1);
    if (keys)
      lane_in_flight[lane].fetch_add(1);
  }
  /// Sender: the worker of this lane has nothing to do, so that what waits for it should be sent. If it has,
  /// the sender will be woken.
  bool idle(std::uint32_t lane) noexcept {
    if (lane_in_flight[lane].load() == 0)
      return true;
    starved.store(true);
    return lane_in_flight[lane].load() == 0;
  }
  /// Receiver: a batch is finished. True when the sender must be woken.
  bool grant(std::uint32_t lane) noexcept {
    if (keys)
      lane_in_flight[lane].fetch_sub(1);
    const auto left = in_flight.fetch_sub(1) - 1;
    return (left < window || keys) && starved.load() && starved.exchange(false);
  }
};

} // namespace weir::detail
