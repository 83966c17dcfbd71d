#pragma once

// How a cluster is, as the admin listener tells it. Pure.

#include <weir/cluster/remote_workers.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir::cluster {

struct cluster_state {
  std::string name;
  std::uint32_t hosts_wanted = 0; ///< --cluster-min-hosts
  bool begun = false;             ///< there were enough
  std::vector<member_figures> members;
};

/// GET /api/v1/cluster: {"name","hosts_wanted","begun","members":[{"name","version","state","incarnation",
/// "labels","capacity","workers","workers_busy","load","links","round_trip_ms","bytes_sent","bytes_received",
/// "up_s","last_seen_s"}]}. Bytes as seen from the coordinator; `load` is the share of busy workers.
std::string cluster_json(const cluster_state& s, time_point now);

/// weir_cluster_members{state}, weir_remote_bytes_total{direction}, with the workflow's name. `bytes`: sent,
/// received.
std::string cluster_metrics(const std::string& workflow, const std::vector<member_figures>& members,
                            std::pair<std::uint64_t, std::uint64_t> bytes);

} // namespace weir::cluster
