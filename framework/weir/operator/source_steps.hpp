#pragma once

// Steps fused into a source, where none of them can fail: they run over each block that the source fills, in
// the nearest cache, and only what is left of it is copied to a batch (record/record_block.hpp). Steps that
// may fail run behind the source on whole batches instead (node_definition::fused): what failed is still
// there to be tried again, or to become a dead letter.

#include <weir/operator/chain_logic.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace weir::detail {

/// Chains that may be part of a source: `End` is to_port or to_function.
template <class Chain, class End>
inline constexpr bool fits_source = buffered<typename Chain::input> && Chain::nothrow && End::nothrow;

template <class Chain, class End>
class source_steps final : public block_steps {
  using code = chain_code<Chain, End>;

 public:
  explicit source_steps(std::shared_ptr<const code> c) : code_(std::move(c)) {}

  std::uint32_t run(void* records, std::uint32_t n, std::uint64_t first_position, time_point origin,
                    block_end* end) override {
    block b{scope_, 0, n};
    code_->steps.apply_block(b, context_, owned_values{static_cast<typename Chain::input*>(records)}, nullptr,
                             [&](block& done, auto values) {
                               if constexpr (End::emits)
                                 end->put({values.at, places_of(values),
                                           done.size == n ? nullptr : done.index, done.size, first_position,
                                           origin});
                               else
                                 code_->end.deliver(done, context_, values);
                             });
    return b.size;
  }

 private:
  template <class T>
  static const std::uint32_t* places_of(placed_values<T> values) noexcept {
    return values.places;
  }
  template <class Values>
  static const std::uint32_t* places_of(Values) noexcept {
    return nullptr;
  }

  std::shared_ptr<const code> code_;
  // What steps are called with elsewhere; these look at none of it.
  std::vector<port_output> no_outputs_;
  task_scope scope_{nullptr, 0, 0, no_outputs_};
  worker_context context_{scope_};
};

template <class Chain, class End>
std::function<std::unique_ptr<block_steps>()> make_source_steps(Chain steps, End end) {
  auto given = std::make_shared<const chain_code<Chain, End>>(std::move(steps), std::move(end));
  return [given] { return std::make_unique<source_steps<Chain, End>>(given); };
}

} // namespace weir::detail
