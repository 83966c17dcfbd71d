#pragma once

// Where the blocks of a source end whose only edge is split by key: each record is copied straight to what
// its worker will get. All of the source's thread.

#include <weir/record/record_block.hpp>
#include <weir/runtime/edge.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace weir::detail {

class split_end final : public block_end {
 public:
  /// Records of `type` from node `source`; the keys of `e` cannot fail.
  split_end(edge& e, const record_type& type, std::uint32_t source)
      : edge_(e), type_(type), source_(source) {}

  edge& to() noexcept { return edge_; }
  void put(const record_block& block) override {
    std::uint16_t groups[block_records];
    const std::span all{groups, block.size};
    edge_.keys(block.records, block.places, all, never_);
    if (edge_.lanes->waiting() == 0)
      since_ = block.origin;
    edge_.lanes->add(block, type_, source_, all, full_);
    put_ += block.size;
  }
  bool full() const override { return !full_.empty(); }

  /// When the oldest record that waits in a lane may have come.
  time_point waiting_since() const noexcept { return since_; }
  /// Records put since this was asked last.
  std::uint64_t take_put() noexcept { return std::exchange(put_, 0); }
  std::vector<key_lanes::part> take_full() noexcept { return std::exchange(full_, {}); }

 private:
  edge& edge_;
  const record_type& type_;
  std::uint32_t source_;
  time_point since_{};
  std::uint64_t put_ = 0;
  std::vector<key_lanes::part> full_;
  std::vector<key_failure> never_;
};

} // namespace weir::detail
