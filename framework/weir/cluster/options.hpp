#pragma once

// How a program takes part in a cluster. Every Weir program can: see coordinator.hpp and host.hpp, and
// flags.hpp for the command line. Plain values.

#include <weir/base/result.hpp>
#include <weir/cluster/membership.hpp>
#include <weir/cluster/placement.hpp>
#include <weir/cluster/remote_link.hpp>
#include <weir/cluster/transport/options.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir::cluster {

struct cluster_options {
  /// Only processes that give the same name work together. Default "weir".
  std::string name = "weir";
  /// The coordinator listens here: "HOST:PORT", port 0 = a free one. Empty = this process is no coordinator.
  std::string listen = {};
  /// A host joins at one of these, "HOST:PORT", the first that lets it. Empty = this process is no host.
  std::vector<std::string> join = {};
  /// The coordinator's run begins when so many hosts have joined. Default 0: at once.
  std::uint32_t min_hosts = 0;
  /// A host's own name, once in a cluster. Empty = the machine's name and the process id. A host that is to
  /// be known under its name after a restart needs one.
  std::string host_name = {};
  /// Calls of user code that a host can run at once. 0 = its processors. Default 0.
  std::uint32_t capacity = 0;
  /// What --place NODE=label:KEY=VALUE looks for. `host` is the machine's name, unless it is given.
  std::map<std::string, std::string> labels = {};
  weir::cluster::placement placement = {};
  /// Certificates: weir cluster certs makes them. Without them only loopback, unless `insecure`.
  tls_files tls = {};
  bool insecure = false;
  /// What else the program's results depend on, as text (hashes of its model and rules): hosts and
  /// coordinator must have the same.
  std::string program = {};
  membership_options membership = {};
  link_limits limits = {};
  /// The coordinator's word for all: tasks and answers travel packed by zstd. Default no.
  bool compress = false;
};

/// Contradictions, whatever the workflow. Empty = none.
std::vector<error> mistakes_in(const cluster_options& options);

/// Host and coordinator of a cluster tell each other this of the workflow.
cluster_identity identity_of(const cluster_options& options, const workflow& w);
/// What a host of these options says of itself; `boot` random.
host_identity host_identity_of(const cluster_options& options, std::uint64_t boot);
/// For the transport of either.
transport_options transport_of(const cluster_options& options);

} // namespace weir::cluster
