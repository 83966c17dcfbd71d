#pragma once

// What an edge splits by key, gathered for each worker of the receiver until there is a batch of it.
//
// A batch split among four workers would travel as four quarter batches, each with the cost of a whole one.
// So the parts are kept open here and filled up by the batches that follow, as long as their worker has
// something to do anyway; what an idle worker could have at once is not held back.
//
// Invariants: the records of a lane come out in the order in which they went in, with their ids. A part holds
// records of one source only, and its origin is that of its oldest record. The budget is charged when a part
// is taken: until then a lane holds less than one batch. All of a sender's thread.

#include <weir/record/batch.hpp>
#include <weir/record/key.hpp>
#include <weir/record/output.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace weir::detail {

class key_lanes {
 public:
  struct part {
    std::uint32_t lane;
    batch_ptr batch;
  };

  /// At most 128 workers: there are no more key groups. Parts are no larger than `limits`, and have room for
  /// no more than lately came together: a trickle takes little memory.
  key_lanes(std::uint32_t workers, batch_limits limits, std::shared_ptr<byte_budget> budget)
      : lanes_(workers), limits_(limits), budget_(std::move(budget)) {}

  /// Record i of `whole` goes to the worker of groups[i]; those of no_key_group to nobody. Lanes that are
  /// full are added to `full`. The records are copied: their type must be copyable. When that throws, some
  /// have been added: the run is at its end.
  void add(const batch& whole, std::span<const std::uint16_t> groups, std::vector<part>& full);
  /// The same for a block of records of `type` from node `source`.
  void add(const record_block& block, const record_type& type, std::uint32_t source,
           std::span<const std::uint16_t> groups, std::vector<part>& full);
  /// What is open in a lane; null when nothing is.
  batch_ptr take(std::uint32_t lane);
  /// Records not taken.
  std::uint64_t waiting() const noexcept { return waiting_; }
  bool waiting(std::uint32_t lane) const noexcept { return static_cast<bool>(lanes_[lane].open); }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(lanes_.size()); }

 private:
  void append(std::uint32_t lane, const batch& whole, std::span<const std::uint32_t> index,
              std::vector<part>& full);
  /// The records of the block at `chosen`, which rises.
  void append(std::uint32_t lane, const record_block& block, const record_type& type, std::uint32_t source,
              std::span<const std::uint32_t> chosen, std::vector<part>& full);

  struct lane_state {
    batch_builder open;
    std::uint32_t last_size = 0; // of the part before: the next may be twice as large
  };

  std::vector<lane_state> lanes_;
  batch_limits limits_;
  std::shared_ptr<byte_budget> budget_;
  std::uint64_t waiting_ = 0;
  std::vector<std::uint16_t> lane_of_; // of the records being added
  std::vector<std::uint32_t> indices_; // of those of one lane
};

} // namespace weir::detail
