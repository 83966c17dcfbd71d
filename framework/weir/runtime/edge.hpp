#pragma once

// An edge between two nodes of one process, and its demand.
//
// Invariants: `in_flight` counts batches sent and not yet finished by the receiver; a sender that finds it at
// the window sets `starved` and looks again, a receiver that lowers it and finds `starved` wakes the sender.
// So either the sender sees the lowered count or the receiver sees the flag: no wake-up is lost, and no
// message travels upstream while the sender never starves. Marks (end of stream) need no demand and never
// overtake batches.

#include <weir/record/batch.hpp>
#include <weir/record/key.hpp>

#include <atomic>
#include <cstdint>

namespace weir::detail {

struct edge {
  std::uint32_t index = 0;
  std::uint32_t from = 0;
  std::uint32_t port = 0;
  std::uint32_t to = 0;
  std::int32_t window = 2;
  std::uint32_t partitions = 1; ///< workers of the receiver, when it is keyed
  key_group_function keys;      ///< set when batches are split by key on this edge
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
  /// Receiver: a batch is finished. True when the sender must be woken.
  bool grant() noexcept {
    const auto left = in_flight.fetch_sub(1) - 1;
    return left < window && starved.load() && starved.exchange(false);
  }
};

} // namespace weir::detail
