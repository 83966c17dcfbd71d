#include <weir/cluster/status.hpp>

#include <weir/base/utf8.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>

namespace weir::cluster {

namespace {

double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

} // namespace

std::string cluster_json(const cluster_state& s, time_point now) {
  boost::json::array members;
  for (const member_figures& m : s.members) {
    boost::json::object labels;
    for (const auto& [key, value] : m.who.host.labels)
      labels[to_utf8(key)] = to_utf8(value);
    boost::json::object one;
    one["name"] = to_utf8(m.who.host.name);
    one["version"] = to_utf8(m.who.host.version);
    one["state"] = std::string{to_string(m.who.state)};
    one["incarnation"] = m.who.id.incarnation;
    one["labels"] = std::move(labels);
    one["capacity"] = m.who.host.capacity;
    one["workers"] = m.workers;
    one["workers_busy"] = m.who.busy;
    one["load"] = m.workers == 0 ? 0.0 : std::min(1.0, static_cast<double>(m.who.busy) / m.workers);
    one["links"] = m.who.link != 0 ? 1 : 0;
    if (m.who.round_trip.count() > 0)
      one["round_trip_ms"] = seconds(m.who.round_trip) * 1000;
    else
      one["round_trip_ms"] = nullptr;
    one["bytes_sent"] = m.traffic.bytes_sent;
    one["bytes_received"] = m.traffic.bytes_received;
    one["up_s"] = seconds(now - m.who.since);
    one["last_seen_s"] = std::max(0.0, seconds(now - m.heard));
    members.push_back(std::move(one));
  }
  boost::json::object all;
  all["name"] = to_utf8(s.name);
  all["hosts_wanted"] = s.hosts_wanted;
  all["begun"] = s.begun;
  all["members"] = std::move(members);
  return boost::json::serialize(all);
}

std::string cluster_metrics(const std::string& workflow, const std::vector<member_figures>& members,
                            std::pair<std::uint64_t, std::uint64_t> bytes) {
  std::string label = "workflow=\"";
  for (const char c : to_utf8(workflow))
    label += c == '\n' ? std::string{"\\n"} : c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  label += '"';
  std::string text = "# HELP weir_cluster_members Hosts of the cluster, by state\n"
                     "# TYPE weir_cluster_members gauge\n";
  for (const auto state : {member_state::up, member_state::unlinked, member_state::leaving})
    text +=
        "weir_cluster_members{" + label + ",state=\"" + std::string{to_string(state)} + "\"} " +
        std::to_string(std::ranges::count_if(members, [&](const auto& m) { return m.who.state == state; })) +
        '\n';
  text += "# HELP weir_remote_bytes_total Bytes of work sent to hosts and received from them\n"
          "# TYPE weir_remote_bytes_total counter\n";
  for (const auto& [direction, n] : {std::pair{"sent", bytes.first}, std::pair{"received", bytes.second}})
    text +=
        "weir_remote_bytes_total{" + label + ",direction=\"" + direction + "\"} " + std::to_string(n) + '\n';
  return text;
}

} // namespace weir::cluster
