#pragma once

// What the hosts of a cluster and its coordinator say to each other about who belongs to it.
//
//     host                                   coordinator
//       join  ------------------------------>  checks protocol, cluster, workflow, name
//       <-----------------------------  welcome (with an incarnation), or refuse (with the reason)
//       heartbeat <------------------>  heartbeat       both ways, also while data flows
//       leave  ----------------------------->  gives it no more work
//       <--------------------------------  left         once what it had is done
//       <------------------------------  fenced         "I had given you up": its old life is over
//
// Fencing: a membership_id names one life of one host within one life of the coordinator. Everything either
// side sends later carries it, and what carries another is dropped. So a host that was cut off and comes back
// can deliver nothing from its old life.
//
// A broken connection is not a lost host: for a moment (membership_options::resume_within) the host may come
// back with the id it had, and goes on where it was.
//
// Plain values; the two state machines that exchange them know no socket: coordinator_membership.hpp,
// host_membership.hpp.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace weir::cluster {

/// Goes up when hosts of the version before could not understand those after it.
inline constexpr std::uint32_t protocol_version = 2;

/// A connection, numbered by the transport; never used twice in a process.
using link_id = std::uint64_t;

/// What both sides must agree on before they work together.
struct cluster_identity {
  std::string name;              ///< --cluster-name
  std::uint64_t fingerprint = 0; ///< of the workflow: nodes, edges, types
  std::uint32_t protocol = protocol_version;
  friend bool operator==(const cluster_identity&, const cluster_identity&) = default;
};

/// What a host says of itself.
struct host_identity {
  std::string name;           ///< one a cluster; also in --place NODE=host:NAME
  std::uint64_t boot = 0;     ///< random, another in each process: tells a restart from a reconnect
  std::uint32_t capacity = 1; ///< calls of user code it can run at once: processors, as a rule
  std::map<std::string, std::string> labels; ///< --labels
  std::string version;                       ///< of Weir, for people
  friend bool operator==(const host_identity&, const host_identity&) = default;
};

/// One life of one host, in one life of the coordinator.
struct membership_id {
  std::uint64_t coordinator = 0; ///< random, another in each of its processes
  std::uint64_t incarnation = 0; ///< rises with each welcome; 0 = none
  friend bool operator==(const membership_id&, const membership_id&) = default;
};

struct join {
  cluster_identity cluster;
  host_identity host;
  std::optional<membership_id> resume; ///< the life it would like to go on with
};
struct welcome {
  membership_id id;
  bool resumed = false; ///< it is the old life: nothing was lost
};
struct refuse {
  error why;
  bool for_good = false; ///< trying again with the same program and options is of no use
};
struct heartbeat {
  membership_id id;
  std::uint64_t sequence = 0;
  std::uint64_t echo = 0;      ///< the last sequence heard from the other side; 0 = none
  std::uint64_t echo_held = 0; ///< ns it was held before this answer
  std::uint32_t busy = 0;      ///< workers in a call (hosts)
};
struct leave {
  membership_id id;
};
struct left {
  membership_id id;
  std::string why;
};
struct fenced {
  membership_id id;
};
using control_message = std::variant<join, welcome, refuse, heartbeat, leave, left, fenced>;

struct membership_options {
  /// Between two heartbeats. Default 500 ms. Lower finds losses sooner and costs packets.
  duration heartbeat_every = std::chrono::milliseconds{500};
  /// A peer from which nothing came for so long is lost. Default 2.5 s: found within 3 s. At least three
  /// times heartbeat_every, or load alone will look like death.
  duration silence = std::chrono::milliseconds{2500};
  /// A host whose connection broke may come back and go on. Default 1 s. Raising it delays handing out its
  /// work again after a crash.
  duration resume_within = std::chrono::seconds{1};
  /// A connection that has not said who it is. Default 3 s.
  duration join_deadline = std::chrono::seconds{3};
  /// A connection that was not made. Default 5 s.
  duration connect_deadline = std::chrono::seconds{5};
  /// Between two attempts to join, doubled each time up to the most, with jitter. Defaults 100 ms, 2 s.
  duration first_backoff = std::chrono::milliseconds{100};
  duration most_backoff = std::chrono::seconds{2};
  /// Hosts at once. Default 256.
  std::size_t max_hosts = 256;
  /// Connections that have not joined, at once. Default 64.
  std::size_t max_strangers = 64;
};

/// Why a host that says `host` must not join `own`; nothing when it may.
std::optional<error> mismatch(const cluster_identity& own, const join& from);

/// Why these limits make no sense together; nothing when they do.
std::optional<error> mistake_in(const membership_options& options);

/// Something to be sent; `then_close`: the connection ends after it.
struct outgoing_control {
  link_id to = 0;
  control_message what;
  bool then_close = false;
};

} // namespace weir::cluster
