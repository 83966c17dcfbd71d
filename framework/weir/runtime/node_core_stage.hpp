#pragma once

// A dispatcher and the workers that it feeds: those of the node, or the one of steps fused behind it. Private
// to node_core's own sources.

#include <weir/runtime/node_core.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace weir::detail {

/// User code in one turn of a shared node, about.
inline constexpr duration longest_turn = std::chrono::milliseconds{10};

struct node_core::stage {
  stage(dispatcher_options options, node_figures& figures) : work(options, figures) {}
  dispatcher work;
  std::shared_ptr<const worker_setup> setup;
  std::vector<std::unique_ptr<worker_handle>> workers; // empty: inline
  std::vector<std::optional<remote_place>> places;     ///< of the workers; nothing: here
  std::unique_ptr<worker_core> here;
  std::unique_ptr<node_figures> own_figures;
};

} // namespace weir::detail
