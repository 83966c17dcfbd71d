#pragma once

// Node definitions as the stream makes them.

#include <weir/workflow/stream.hpp>

#include <stdexcept>
#include <vector>

namespace weir_tests {

/// The node called "node" that `build` adds behind a source of T.
template <class T = int, class Build>
weir::node_definition node_of(Build&& build) {
  weir::workflow w{"w"};
  build(w.from("source", weir::from_range(std::vector<T>{})));
  for (const auto& n : w.nodes())
    if (n.id == "node")
      return n.definition;
  throw std::logic_error("no node");
}

} // namespace weir_tests
