#include <weir/testkit/workflow_probe.hpp>

#include <algorithm>
#include <stdexcept>

#include <boost/core/demangle.hpp>

namespace weir {

simulation& workflow_probe::sim() {
  if (!simulation_)
    simulation_ = std::make_unique<simulation>(workflow_, options_);
  return *simulation_;
}

node_result workflow_probe::figures(std::string_view id) {
  for (auto& n : sim().figures())
    if (n.id == id)
      return n;
  throw std::out_of_range("no node '" + std::string{id} + "' in this workflow");
}

node_definition& workflow_probe::place(std::string_view id, node_role role, const record_type& type) {
  const std::string where = "node '" + std::string{id} + "'";
  const char* what = role == node_role::source ? "source" : "sink";
  if (simulation_)
    throw permanent("the workflow runs already", where,
                    "replace sources and sinks before the first settle()");
  const auto& nodes = workflow_.nodes();
  const auto found = std::ranges::find(nodes, id, &named_node::id);
  if (found == nodes.end())
    throw permanent("no such node in the workflow", where, "check the id");
  node_definition& d = workflow_.node(static_cast<std::uint32_t>(found - nodes.begin())).definition;
  if (d.role != role)
    throw permanent(std::string{"it is no "} + what, where, "check the id");
  const record_type* has = role == node_role::sink ? d.input
                           : d.made.empty()        ? d.outputs.front().type
                                                   : d.made.front().type;
  if (has != &type)
    throw permanent("its records are of type " + std::string{has->name()} + ", not " +
                        std::string{type.name()},
                    where, "give that type");
  return d;
}

} // namespace weir
