#include <weir/workflow/validate.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace weir {

namespace {

std::string quoted(const std::string& id) { return "'" + id + "'"; }

void check_ids(const workflow& w, std::vector<error>& errors) {
  std::map<std::string, int> seen;
  for (const auto& node : w.nodes()) {
    if (node.id.empty())
      errors.push_back(
          permanent("a node has an empty id", "workflow " + quoted(w.name()), "give every node a name"));
    else if (++seen[node.id] == 2)
      errors.push_back(permanent("two nodes are called " + quoted(node.id), "workflow " + quoted(w.name()),
                                 "rename one of them"));
  }
}

void check_edges(const workflow& w, std::vector<error>& errors) {
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> seen;
  for (const auto& edge : w.edges()) {
    if (edge.from >= w.nodes().size() || edge.to >= w.nodes().size()) {
      errors.push_back(permanent("there is no node number " + std::to_string(std::max(edge.from, edge.to)),
                                 "workflow " + quoted(w.name()), "connect nodes that were added"));
      continue;
    }
    const auto& from = w.nodes()[edge.from];
    const auto& to = w.nodes()[edge.to];
    const std::string where = "edge " + quoted(from.id) + " -> " + quoted(to.id);
    if (!seen.insert({edge.from, edge.port, edge.to}).second)
      errors.push_back(permanent("the same edge is there twice", where, "connect them once"));
    if (edge.port >= from.definition.outputs.size()) {
      errors.push_back(permanent("node " + quoted(from.id) + " has no such output", where,
                                 from.definition.outputs.empty()
                                     ? "a sink has no output: connect from another node"
                                     : "use one of its ports"));
      continue;
    }
    if (to.definition.input == nullptr) {
      errors.push_back(permanent("node " + quoted(to.id) + " is a source and takes no input", where,
                                 "connect to an operator or a sink"));
      continue;
    }
    const record_type& made = *from.definition.outputs[edge.port].type;
    if (made.type != to.definition.input->type)
      errors.push_back(permanent(quoted(from.id) + " makes " + made.name() + " but " + quoted(to.id) +
                                     " takes " + to.definition.input->name(),
                                 where, "put a map between them or change one of the types"));
    if (to.definition.keys && to.definition.options.workers.most() > 1 && !made.copyable)
      errors.push_back(
          permanent("records of type " + made.name() + " cannot be split by key: they are not copyable",
                    where, "make the type copyable, or use one worker"));
  }
}

void check_ports(const workflow& w, std::vector<error>& errors) {
  for (std::uint32_t n = 0; n < w.nodes().size(); ++n) {
    const auto& node = w.nodes()[n];
    const auto& def = node.definition;
    for (std::uint32_t p = 0; p < def.outputs.size(); ++p)
      if (std::ranges::none_of(w.edges(), [&](const auto& e) { return e.from == n && e.port == p; }))
        errors.push_back(
            permanent("nothing takes the output" +
                          (def.outputs[p].name.empty() ? std::string{} : " " + quoted(def.outputs[p].name)) +
                          " of node " + quoted(node.id),
                      "node " + quoted(node.id), "connect it to an operator or a sink"));
    if (def.role != node_role::source &&
        std::ranges::none_of(w.edges(), [&](const auto& e) { return e.to == n; }))
      errors.push_back(permanent("node " + quoted(node.id) + " has no input", "node " + quoted(node.id),
                                 "connect a source or an operator to it"));
  }
}

template <class Bad>
void check_dispatch(const node_definition& def, const Bad& bad) {
  const node_options& o = def.options;
  if (o.dispatch == dispatch::pull)
    return;
  const bool affine = o.dispatch == dispatch::key_affinity;
  if (def.role == node_role::source)
    bad("dispatch is set on a source, which has no workers to choose from", "leave dispatch out");
  else if (affine && !def.keys)
    bad("dispatch 'key_affinity' has no keys", "put key_by before the node, or leave dispatch out");
  else if (affine && def.stateful)
    bad("dispatch 'key_affinity' on a node with state by key, which all records of the key must reach",
        "leave dispatch out: key_by then keeps each key to one worker");
  else if (affine && o.order == ordering::ordered)
    bad("dispatch 'key_affinity' with order 'ordered': splitting by key gives up the order of the input",
        "leave dispatch out, and key_by keeps the order of each key; or leave key_by and dispatch out");
  else if (!affine && def.keys)
    bad("dispatch is set on a keyed node, where keys decide which worker gets a record",
        "leave dispatch out, or use 'key_affinity', or leave key_by out");
}

/// What a node's workers in processes ask for.
template <class Bad>
void check_process(const workflow& w, const node_definition& def, const Bad& bad) {
  const process_options& limits = def.options.process;
  if (def.options.isolation != isolation::process) {
    if (limits.memory != 0 || limits.nice != 0 || limits.open_files != 0)
      bad("limits of worker processes are set, and its workers are none", "set isolation 'process', too");
    return;
  }
  if (def.role == node_role::source)
    bad("isolation 'process' on a source: only steps and sinks can be apart", "leave isolation out");
  if (w.settings().mode == execution_mode::sequential)
    bad("isolation 'process' in sequential mode, which has one thread", "leave one of them out");
  if (limits.nice < -20 || limits.nice > 19)
    bad("process.nice " + std::to_string(limits.nice) + " is not between -20 and 19", "use 0 to 19");
  if (limits.open_files != 0 && limits.open_files < 8)
    bad("process.open_files " + std::to_string(limits.open_files) + " leaves no room for its own",
        "use 8 or more");
  const auto check = [&](const record_type* type) {
    if (type != nullptr && type->codec == nullptr)
      bad("records of type " + type->name() + " cannot be sent to another process",
          "describe the type with BOOST_DESCRIBE_STRUCT, or specialise weir::codec");
  };
  check(def.input);
  for (const auto& port : def.made_ports())
    if (port.type != def.input)
      check(port.type);
}

void check_options(const workflow& w, std::vector<error>& errors) {
  for (const auto& node : w.nodes()) {
    const auto& def = node.definition;
    const auto& o = def.options;
    const auto bad = [&](std::string what, std::string fix) {
      errors.push_back(permanent(std::move(what), "node " + quoted(node.id), std::move(fix)));
    };
    if (o.workers.min == 0)
      bad("workers.min is 0", "a node needs at least one worker");
    if (o.workers.max != 0 && o.workers.max < o.workers.min)
      bad("workers.max " + std::to_string(o.workers.max) + " is less than workers.min " +
              std::to_string(o.workers.min),
          "give max >= min, or leave it out");
    if (o.workers.most() > 4096)
      bad("more than 4096 workers", "use fewer workers, or several nodes");
    if (o.timeout.count() < 0 || o.grace.count() < 0 || o.max_delay.count() < 0 ||
        o.outage_patience.count() < 0)
      bad("a duration is negative", "use 0 for none");
    if (o.timeout.count() > 0 && o.isolation == isolation::shared)
      bad("a timeout with isolation 'shared' cannot be kept: such code cannot be abandoned",
          "use isolation 'thread', or no timeout");
    if (o.retry && !o.retry->valid())
      bad("the retry policy cannot work", "waits must be >= 0, max >= first, factor >= 1, a function given");
    if (o.retries.share < 0 || o.retries.per_second < 0 || o.retries.reserve < 0)
      bad("the retry budget is negative", "share, per_second and reserve must be >= 0");
    if (o.restart.within.count() <= 0 || !retry_policy{o.restart.backoff}.valid())
      bad("the restart options cannot work", "within must be > 0, the backoff's max >= first, factor >= 1");
    if (def.role == node_role::source && o.workers.most() > 1)
      bad("a source with more than one worker", "use several sources and merge them");
    if (def.stateful && !def.keys && o.workers.most() > 1)
      bad("a node with state of its own and " + std::to_string(o.workers.most()) + " workers has no keys",
          "put key_by before it, or use one worker");
    if (def.keys && o.workers.most() > key_groups)
      bad("more workers than key groups (" + std::to_string(key_groups) + ")", "use at most that many");
    check_dispatch(def, bad);
    check_process(w, def, bad);
    if (def.keys && o.dispatch != dispatch::key_affinity && o.workers.max != 0 &&
        o.workers.max != o.workers.min)
      bad("a keyed node cannot change its number of workers", "give one number, not a range");
    if (o.window > 65'536)
      bad("a window of more than 65536 batches", "use a smaller window: it only costs memory");
  }
  const auto& dead = w.settings().max_dead_letters;
  if (dead.share < 0 || dead.share > 1 || dead.window == 0)
    errors.push_back(permanent("the limit of dead letters cannot be kept", "workflow " + quoted(w.name()),
                               "share must be between 0 and 1 (1: no limit), window at least 1"));
  const auto& limits = w.settings().limits;
  if (limits.max_records == 0 || limits.max_bytes == 0 || limits.max_record_bytes == 0 ||
      limits.max_task_output == 0)
    errors.push_back(
        permanent("a batch limit is 0", "workflow " + quoted(w.name()), "limits are at least 1"));
}

// Kahn's algorithm; what it cannot order lies on or behind a cycle.
std::vector<std::uint32_t> order(const workflow& w) {
  std::vector<std::uint32_t> inputs(w.nodes().size(), 0);
  for (const auto& e : w.edges())
    ++inputs[e.to];
  std::vector<std::uint32_t> sorted;
  for (std::uint32_t n = 0; n < inputs.size(); ++n)
    if (inputs[n] == 0)
      sorted.push_back(n);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (const auto& e : w.edges())
      if (e.from == sorted[i] && --inputs[e.to] == 0)
        sorted.push_back(e.to);
  return sorted;
}

void check_shape(const workflow& w, std::vector<error>& errors) {
  if (w.nodes().empty()) {
    errors.push_back(
        permanent("the workflow has no nodes", "workflow " + quoted(w.name()), "add a source and a sink"));
    return;
  }
  if (std::ranges::none_of(w.nodes(), [](const auto& n) { return n.definition.role == node_role::source; }))
    errors.push_back(permanent("the workflow has no source", "workflow " + quoted(w.name()), "add one"));
  const auto sorted = order(w);
  if (sorted.size() == w.nodes().size())
    return;
  // Walk backwards from an unsorted node along unsorted ones: the walk must close a cycle.
  std::vector<bool> left(w.nodes().size(), true);
  for (const auto n : sorted)
    left[n] = false;
  std::vector<std::uint32_t> path{static_cast<std::uint32_t>(std::ranges::find(left, true) - left.begin())};
  for (;;) {
    const auto back =
        std::ranges::find_if(w.edges(), [&](const auto& e) { return e.to == path.back() && left[e.from]; });
    const auto seen = std::ranges::find(path, back->from);
    if (seen != path.end()) {
      path.erase(path.begin(), seen);
      break;
    }
    path.push_back(back->from);
  }
  std::ranges::reverse(path);
  std::string names;
  for (const auto n : path)
    names += quoted(w.nodes()[n].id) + " -> ";
  errors.push_back(permanent("the nodes form a cycle: " + names + quoted(w.nodes()[path.front()].id),
                             "workflow " + quoted(w.name()),
                             "a workflow is acyclic: remove one of these edges"));
}

} // namespace

std::vector<error> validate(const workflow& w) {
  std::vector<error> errors = w.mistakes();
  check_ids(w, errors);
  check_edges(w, errors);
  check_ports(w, errors);
  check_options(w, errors);
  const auto dangling = [&w](const auto& e) {
    return e.from >= w.nodes().size() || e.to >= w.nodes().size();
  };
  if (std::ranges::none_of(w.edges(), dangling)) // or its edges cannot be walked
    check_shape(w, errors);
  return errors;
}

std::vector<std::uint32_t> topological_order(const workflow& w) { return order(w); }

} // namespace weir
