#include <weir/cluster/membership.hpp>

#include <cstdio>

namespace weir::cluster {

namespace {

std::string hex(std::uint64_t n) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(n));
  return text;
}

} // namespace

std::optional<error> mismatch(const cluster_identity& own, const join& from) {
  const std::string where = "host '" + from.host.name + "'";
  if (from.cluster.protocol != own.protocol)
    return permanent("the host speaks version " + std::to_string(from.cluster.protocol) +
                         " of the cluster protocol, the coordinator version " + std::to_string(own.protocol),
                     where, "run the same build on every host");
  if (from.cluster.name != own.name)
    return permanent("the host wants to join cluster '" + from.cluster.name + "', this is cluster '" +
                         own.name + "'",
                     where, "give both the same --cluster-name, or the host another --cluster-join");
  if (from.cluster.fingerprint != own.fingerprint)
    return permanent("the host was started with another workflow (fingerprint " +
                         hex(from.cluster.fingerprint) + ", the coordinator's is " + hex(own.fingerprint) +
                         ")",
                     where, "start the same program with the same workflow options on every host");
  if (from.host.name.empty())
    return permanent("the host has no name", "join", "give it one");
  if (from.host.capacity == 0)
    return permanent("the host offers no capacity", where, "give it at least one worker");
  return std::nullopt;
}

std::optional<error> mistake_in(const membership_options& options) {
  if (options.heartbeat_every.count() <= 0)
    return permanent("the time between heartbeats must be above 0", "membership_options");
  if (options.silence < 3 * options.heartbeat_every)
    return permanent("a silence of " + to_text(options.silence) + " is less than three heartbeats of " +
                         to_text(options.heartbeat_every),
                     "membership_options", "raise the silence, or send heartbeats more often");
  if (options.first_backoff.count() <= 0 || options.most_backoff < options.first_backoff)
    return permanent("the backoff must be above 0, and its most not below its first", "membership_options");
  return std::nullopt;
}

} // namespace weir::cluster
