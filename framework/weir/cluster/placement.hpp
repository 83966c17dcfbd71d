#pragma once

// Where the nodes of a workflow run in a cluster: a value apart from the workflow, so that the same program
// is placed in another way by other flags.
//
// Without a word of it, every pool that can be spread (see detail::may_spread) is: each host runs workers of
// it, the coordinator too. A node placed on hosts with a label, or on a host by name, runs only there, and
// waits while there is none. All other nodes (sources, sinks, state) stay at the coordinator. Plain values.

#include <weir/base/result.hpp>
#include <weir/cluster/membership.hpp>
#include <weir/workflow/workflow.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace weir::cluster {

struct place {
  enum class kind : std::uint8_t {
    spread, ///< on every host, and here
    label,  ///< on hosts with the label `key` = `value`
    host    ///< on the host of the name `value`
  };
  kind what = kind::spread;
  std::string key = {};
  std::string value = {};
  friend bool operator==(const place&, const place&) = default;
};
/// "spread", "label:gpu=yes", "host:worker-1".
std::string to_string(const place& p);
bool takes(const place& p, const host_identity& host);

struct placement {
  /// By node id; those that are not named are spread where they can be.
  std::map<std::string, place> nodes;
  /// Workers of each pool on each host. 0 = as many as the host offers (its processors), or as the pool may
  /// have at most here, whichever is more. Default 0.
  std::uint32_t per_host = 0;
};

/// "NODE=spread", "NODE=label:KEY=VALUE", "NODE=host:NAME".
result<std::pair<std::string, place>> parse_place(const std::string& text);
/// "KEY=VALUE,…". Each key once.
result<std::map<std::string, std::string>> parse_labels(const std::string& text);

/// What is wrong with placing this workflow so, all of it: unknown nodes, nodes that cannot be elsewhere, and
/// record types without a codec on nodes that would be. Empty = nothing.
std::vector<error> mistakes_in(const placement& p, const workflow& w);

/// The same number in two processes whose workers do the same: name, nodes that can be elsewhere, the layout
/// of their records, and `program`, in which an application says what else its results depend on (its model,
/// its rules). Sources, sinks, and the options of nodes do not matter: the coordinator tells what it wants.
std::uint64_t fingerprint_of(const workflow& w, std::string_view program = {});

/// The nodes that can be elsewhere (pools: more workers than one, on every host), by index: the order is the
/// same in both processes.
std::vector<std::uint32_t> movable_nodes(const workflow& w);

} // namespace weir::cluster
