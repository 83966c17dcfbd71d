#include <weir/cluster/placement.hpp>

#include <weir/base/hash.hpp>
#include <weir/cluster/wire.hpp>
#include <weir/runtime/remote_places.hpp>

#include <algorithm>

namespace weir::cluster {

namespace {

constexpr std::string_view place_fix = "give NODE=spread, NODE=label:KEY=VALUE or NODE=host:NAME";

error bad_place(const std::string& text) {
  return permanent("'" + text + "' places nothing", "--place", std::string{place_fix});
}

std::string why_not(const node_definition& d) {
  return d.role == node_role::source ? "it is a source"
         : d.role == node_role::sink ? "it is a sink"
         : d.keys                    ? "it works by key"
         : d.stateful                ? "it keeps state"
         : d.options.dispatch != dispatch::pull
             ? "its tasks are dealt out in another way than pull"
             : "it has one worker at most, which keeps the order of records: give it more";
}

} // namespace

std::string to_string(const place& p) {
  switch (p.what) {
  case place::kind::spread:
    return "spread";
  case place::kind::label:
    return "label:" + p.key + "=" + p.value;
  case place::kind::host:
    return "host:" + p.value;
  }
  return "spread";
}

bool takes(const place& p, const host_identity& host) {
  switch (p.what) {
  case place::kind::spread:
    return true;
  case place::kind::label: {
    const auto found = host.labels.find(p.key);
    return found != host.labels.end() && found->second == p.value;
  }
  case place::kind::host: {
    if (host.name == p.value)
      return true; // or the name of the machine it is on
    const auto found = host.labels.find("host");
    return found != host.labels.end() && found->second == p.value;
  }
  }
  return false;
}

result<std::pair<std::string, place>> parse_place(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    return bad_place(text);
  std::string node = text.substr(0, equals);
  const std::string where = text.substr(equals + 1);
  if (where == "spread")
    return std::pair{std::move(node), place{}};
  if (where.starts_with("host:") && where.size() > 5)
    return std::pair{std::move(node), place{place::kind::host, {}, where.substr(5)}};
  if (where.starts_with("label:")) {
    const auto at = where.find('=', 6);
    if (at != std::string::npos && at > 6)
      return std::pair{std::move(node),
                       place{place::kind::label, where.substr(6, at - 6), where.substr(at + 1)}};
  }
  return bad_place(text);
}

result<std::map<std::string, std::string>> parse_labels(const std::string& text) {
  std::map<std::string, std::string> labels;
  for (std::size_t at = 0; at < text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    const std::string one = text.substr(at, comma - at);
    const auto equals = one.find('=');
    if (equals == 0 || equals == std::string::npos)
      return permanent("'" + one + "' is no label", "--labels",
                       "give KEY=VALUE, several with commas between");
    if (one.size() > max_name)
      return permanent("a label of more than " + std::to_string(max_name) + " bytes", "--labels",
                       "make it shorter");
    if (!labels.emplace(one.substr(0, equals), one.substr(equals + 1)).second)
      return permanent("the label '" + one.substr(0, equals) + "' is given twice", "--labels",
                       "give it once");
    at = comma + 1;
  }
  if (labels.size() > max_labels)
    return permanent("a host with " + std::to_string(labels.size()) + " labels", "--labels",
                     "give " + std::to_string(max_labels) + " at most");
  return labels;
}

std::vector<error> mistakes_in(const placement& p, const workflow& w) {
  std::vector<error> all;
  if (w.settings().mode == execution_mode::sequential)
    all.push_back(permanent("a workflow in sequential mode runs in one thread", "workflow '" + w.name() + "'",
                            "leave the mode at parallel, or the cluster flags out"));
  for (const auto& [id, where] : p.nodes) {
    const auto found = std::ranges::find(w.nodes(), id, &named_node::id);
    if (found == w.nodes().end()) {
      std::string known;
      for (const auto& n : w.nodes())
        if (detail::may_spread(n.definition))
          known += (known.empty() ? "" : ", ") + n.id;
      all.push_back(permanent("there is no node '" + id + "' in this workflow",
                              "--place " + id + "=" + to_string(where),
                              known.empty() ? "it has none that can be placed" : "it can place " + known));
    } else if (!detail::may_spread(found->definition)) {
      all.push_back(permanent("the node '" + id + "' stays at the coordinator: " + why_not(found->definition),
                              "--place " + id + "=" + to_string(where), "leave it out"));
    }
  }
  for (const auto& n : w.nodes()) {
    if (!detail::may_spread(n.definition))
      continue;
    const auto check = [&](const record_type* type) {
      if (type != nullptr && type->codec == nullptr)
        all.push_back(permanent("records of type " + type->name() + " cannot be sent to another host",
                                "node '" + n.id + "'",
                                "describe the type with BOOST_DESCRIBE_STRUCT, or specialise weir::codec"));
    };
    check(n.definition.input);
    for (const auto& port : n.definition.made_ports())
      check(port.type);
  }
  return all;
}

std::vector<std::uint32_t> movable_nodes(const workflow& w) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t n = 0; n < w.nodes().size(); ++n)
    if (detail::may_spread(w.nodes()[n].definition))
      all.push_back(n);
  return all;
}

std::uint64_t fingerprint_of(const workflow& w, std::string_view program) {
  std::string text = "workflow " + w.name() + '\n';
  const auto& limits = w.settings().limits;
  text += "limits " + std::to_string(limits.max_bytes) + ' ' + std::to_string(limits.max_records) + ' ' +
          std::to_string(limits.max_record_bytes) + ' ' + std::to_string(limits.max_task_output) + '\n';
  const auto type_of = [](const record_type* type) {
    return type == nullptr          ? std::string{"none"}
           : type->codec == nullptr ? "local " + std::to_string(type->size)
                                    : type->codec->structure();
  };
  for (const auto index : movable_nodes(w)) {
    const auto& [id, d] = w.nodes()[index];
    text += "node " + id + " of " + type_of(d.input);
    for (const auto& port : d.made_ports())
      text += " to " + port.name + ':' + type_of(port.type);
    text += d.whole_tasks ? " whole\n" : "\n";
  }
  text += "program ";
  text += program;
  return hash_bytes(text);
}

} // namespace weir::cluster
