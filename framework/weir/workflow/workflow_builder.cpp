#include <weir/workflow/workflow_builder.hpp>

#include <weir/workflow/validate.hpp>

#include <algorithm>

namespace weir {

workflow_builder& workflow_builder::execution_mode(weir::execution_mode mode) {
  workflow_.settings().mode = mode;
  return *this;
}
workflow_builder& workflow_builder::max_concurrent_nodes(std::uint32_t most) {
  workflow_.settings().max_concurrent_nodes = most;
  return *this;
}
workflow_builder& workflow_builder::enable_metrics(bool on) {
  workflow_.settings().metrics = on;
  return *this;
}
workflow_builder& workflow_builder::connection_pool_size(std::uint32_t size) {
  workflow_.settings().connection_pool_size = size;
  return *this;
}
workflow_builder& workflow_builder::memory_budget(std::uint64_t bytes) {
  workflow_.settings().memory_budget = bytes;
  return *this;
}
workflow_builder& workflow_builder::dead_letters(std::shared_ptr<dead_letter_sink> to) {
  workflow_.dead_letters(std::move(to));
  return *this;
}

workflow_builder& workflow_builder::connect(const node_id& from, const node_id& to) {
  edges_.push_back({from.str(), std::nullopt, to.str()});
  return *this;
}
workflow_builder& workflow_builder::connect(const node_id& from, const std::string& port, const node_id& to) {
  edges_.push_back({from.str(), port, to.str()});
  return *this;
}

build_result workflow_builder::build() {
  workflow w = std::exchange(workflow_, workflow{workflow_.name()});
  const auto edges = std::exchange(edges_, {});
  if (w.settings().connection_pool_size == 0)
    w.mistake(permanent("connection_pool_size is 0", "workflow '" + w.name() + "'", "give at least 1"));
  else
    for (auto& make : pools_)
      make(w);
  pools_.clear();
  const auto find = [&w](const std::string& id) {
    const auto at = std::ranges::find(w.nodes(), id, &named_node::id);
    return at == w.nodes().end() ? -1 : static_cast<int>(at - w.nodes().begin());
  };
  for (const auto& e : edges) {
    const int from = find(e.from);
    const int to = find(e.to);
    const std::string where = "edge '" + e.from + "' -> '" + e.to + "'";
    for (const auto& [id, at] : {std::pair{e.from, from}, std::pair{e.to, to}})
      if (at < 0)
        w.mistake(
            permanent("there is no node '" + id + "'", where, "add it with add_node, or correct the id"));
    if (from < 0 || to < 0)
      continue;
    std::uint32_t port = 0;
    if (e.port) {
      const auto& outputs = w.nodes()[static_cast<std::size_t>(from)].definition.outputs;
      const auto at = std::ranges::find(outputs, *e.port, &port_info::name);
      if (at == outputs.end()) {
        std::string names;
        for (const auto& o : outputs)
          names += (names.empty() ? "'" : ", '") + o.name + "'";
        w.mistake(permanent("node '" + e.from + "' has no output '" + *e.port + "'", where,
                            names.empty() ? "it has none" : "its outputs are " + names));
        continue;
      }
      port = static_cast<std::uint32_t>(at - outputs.begin());
    }
    w.connect({static_cast<std::uint32_t>(from), port, static_cast<std::uint32_t>(to)});
  }
  auto errors = validate(w);
  if (!errors.empty())
    return errors;
  return w;
}

} // namespace weir
