#pragma once

// Checks a workflow before it runs, and says everything that is wrong with it at once.

#include <weir/base/result.hpp>
#include <weir/workflow/workflow.hpp>

#include <vector>

namespace weir {

/// All mistakes: no nodes, empty or repeated ids, unknown ends, type mismatches, cycles, unconnected ports,
/// nodes no source reaches, impossible options. Each names the nodes involved and the fix. Empty = the
/// workflow can run.
std::vector<error> validate(const workflow& w);

/// Node indices such that every edge goes from an earlier to a later one. The workflow has no cycle.
std::vector<std::uint32_t> topological_order(const workflow& w);

} // namespace weir
