#pragma once

// The table of nodes: its columns, its order. Pure.

#include <apps/weir/top/line.hpp>
#include <apps/weir/top/model.hpp>

#include <weir/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::top {

/// What a table can be sorted by; `workflow` is the order of the workflow itself.
enum class column : std::uint8_t {
  workflow,
  id,
  state,
  in,
  out,
  busy,
  idle,
  backpressured,
  queue,
  workers,
  task,
  errors,
  restarts,
  dead
};
constexpr std::size_t columns = 14;
/// "workflow", "id", "state", "in", "out", "busy", "idle", "backpr", "queue", "workers", "task", "errors",
/// "restarts", "dead".
std::string_view to_string(column by) noexcept;
/// An error that names them all for another word.
result<column> parse_column(std::string_view name);

/// The nodes in the order of the column: figures from large to small, words from a to z; `reversed`, the
/// other way round. Those without a figure come last either way.
std::vector<const node_view*> sorted(const workflow_view& w, column by, bool reversed);
/// The heading and a line a node, with as many columns as fit in `width`; 0: all of them.
std::vector<line> table_lines(const std::vector<const node_view*>& nodes, std::size_t width, column by,
                              bool reversed);
/// "running", "outage", "stalled", "hung", …
std::string state_text(const node_view& n);

} // namespace weir::top
