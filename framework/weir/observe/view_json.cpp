#include <weir/observe/view_json.hpp>

#include <weir/base/utf8.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace weir {
namespace {

namespace json = boost::json;

double milliseconds(duration d) { return std::chrono::duration<double, std::milli>(d).count(); }
double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

/// Six significant digits are plenty, and JSON knows no infinity.
double tidy(double n) {
  if (!std::isfinite(n) || n == 0)
    return 0;
  const double scale = std::pow(10.0, 5 - std::floor(std::log10(std::fabs(n))));
  return std::isfinite(scale) && scale > 0 ? std::round(n * scale) / scale : n;
}

json::string text(std::string_view s) { return json::string{to_utf8(s)}; }

json::string name(std::string_view s) { return json::string{s.data(), s.size()}; }

json::value progress_value(const std::optional<progress>& p, bool with_eta) {
  if (!p)
    return nullptr;
  json::object o{{"done", p->done}, {"total", p->total}};
  if (with_eta)
    o["eta_s"] = p->eta_s ? json::value(tidy(*p->eta_s)) : json::value(nullptr);
  return o;
}

json::object limit_object(const limit& l) {
  return {{"node", text(l.node)}, {"score", tidy(l.score)}, {"reason", text(l.reason)}};
}

std::string_view role(const node_result& n) { return n.is_source ? "source" : n.is_sink ? "sink" : "step"; }

json::array worker_list(const node_observation& n) {
  json::array list;
  for (const auto& w : n.workers)
    list.push_back(json::object{{"index", w.index},
                                {"state", name(to_string(w.state))},
                                {"task_age_s", tidy(seconds(w.task_age))},
                                {"restarts", w.restarts}});
  return list;
}

json::object node_object(const node_observation& n, const node_rates& r) {
  const auto& f = n.figures;
  json::object o;
  o["id"] = text(f.id);
  o["role"] = name(role(f));
  o["state"] = name(to_string(n.health.state));
  o["cause"] = text(n.health.cause);
  o["last_failure"] = nullptr;
  if (const auto& last = n.health.last_failure)
    o["last_failure"] = json::object{{"kind", name(to_string(last->kind))},
                                     {"cause", text(last->cause)},
                                     {"ago_s", tidy(seconds(last->ago))}};
  o["stalled"] = n.health.stalled;
  o["received_per_s"] = tidy(r.received_per_s);
  o["sent_per_s"] = tidy(r.sent_per_s);
  o["delivered_per_s"] = tidy(r.delivered_per_s);
  o["errors_per_s"] = tidy(r.errors_per_s);
  o["received"] = f.received;
  o["sent"] = f.sent;
  o["delivered"] = f.delivered;
  o["filtered"] = f.filtered;
  o["aggregated"] = f.aggregated;
  o["tasks"] = f.tasks;
  o["errors"] = f.errors;
  o["retries"] = f.retries;
  o["timeouts"] = f.timeouts;
  o["restarts"] = f.restarts;
  o["outages"] = f.outages;
  o["dead_letters"] = f.dead_letters;
  o["replayed"] = f.replayed;
  o["queue_records"] = f.queued;
  o["queue_bytes"] = n.queue_bytes;
  o["time"] =
      json::object{{"busy", tidy(r.busy)}, {"idle", tidy(r.idle)}, {"backpressured", tidy(r.backpressured)}};
  o["task_ms"] =
      json::object{{"p50", tidy(milliseconds(r.task.p50))}, {"p99", tidy(milliseconds(r.task.p99))}};
  if (f.is_sink)
    o["latency_ms"] =
        json::object{{"p50", tidy(milliseconds(r.latency.p50))}, {"p99", tidy(milliseconds(r.latency.p99))}};
  else
    o["latency_ms"] = nullptr;
  o["workers"] = json::object{{"min", n.workers_min},
                              {"max", n.workers_max},
                              {"now", f.workers},
                              {"busy", f.busy_workers},
                              {"hung", f.abandoned}};
  o["worker_list"] = worker_list(n);
  o["progress"] = progress_value(r.reading, false);
  return o;
}

json::object event_object(const event& e) {
  return {{"number", e.number},
          {"time", name(iso_time(e.time))},
          {"kind", name(to_string(e.kind))},
          {"node", text(e.node)},
          {"worker", e.worker < 0 ? json::value(nullptr) : json::value(e.worker)},
          {"cause", text(e.cause)}};
}

json::object figures_of(const connection_pool_figures& p) {
  return {{"size", p.size},
          {"idle", p.idle},
          {"in_use", p.in_use},
          {"waiting", p.waiting},
          {"waits", p.waits},
          {"timed_out", p.timed_out},
          {"created", p.created},
          {"lost", p.lost},
          {"abandoned", p.abandoned},
          {"wait_ms", json::object{{"p50", tidy(milliseconds(p.wait.quantile(0.50)))},
                                   {"p99", tidy(milliseconds(p.wait.quantile(0.99)))}}}};
}

json::object figures_of(const cache_figures& c) {
  return {{"hits", c.hits},         {"misses", c.misses},   {"coalesced", c.coalesced},
          {"computed", c.computed}, {"failed", c.failed},   {"evicted", c.evicted},
          {"expired", c.expired},   {"entries", c.entries}, {"bytes", c.bytes}};
}

json::object figures_of(const model_cache_figures& m) {
  return {
      {"models", m.models}, {"hits", m.hits}, {"waited", m.waited}, {"loads", m.loads}, {"failed", m.failed}};
}

json::object resource_object(const named_resource_figures& r) {
  json::object o = std::visit([](const auto& f) { return figures_of(f); }, r.figures);
  o["name"] = text(r.name);
  o["kind"] = name(kind_of(r.figures));
  return o;
}

} // namespace

std::string workflow_json(const monitor_view& view, std::string_view version) {
  const auto& now = view.now;
  const auto& r = view.rates;
  json::object o;
  o["workflow"] = text(now.workflow);
  o["state"] = text(now.state);
  o["version"] = text(version);
  o["started"] = name(iso_time(now.started));
  o["up_s"] = tidy(seconds(now.up));
  o["ready"] = now.ready;
  o["rates"] = json::object{{"records_per_s", tidy(r.records_per_s)},
                            {"error_ratio", tidy(r.error_ratio)},
                            {"latency_ms", json::object{{"p50", tidy(milliseconds(r.latency.p50))},
                                                        {"p95", tidy(milliseconds(r.latency.p95))},
                                                        {"p99", tidy(milliseconds(r.latency.p99))}}},
                            {"queue_records", r.queue_records},
                            {"queue_bytes", r.queue_bytes},
                            {"workers_busy", r.workers_busy},
                            {"workers", r.workers},
                            {"workers_max", r.workers_max}};
  o["progress"] = progress_value(r.reading, true);
  json::array warnings;
  for (const auto& w : view.warnings)
    warnings.emplace_back(text(w));
  o["warnings"] = std::move(warnings);
  json::array limits;
  for (const auto& l : view.limits)
    limits.push_back(limit_object(l));
  if (view.limits.empty())
    o["culprit"] = nullptr;
  else
    o["culprit"] =
        json::object{{"node", text(view.limits.front().node)}, {"reason", text(view.limits.front().reason)}};
  o["limits"] = std::move(limits);
  static const node_rates no_rates;
  json::array nodes;
  for (std::size_t i = 0; i < now.nodes.size(); ++i)
    nodes.push_back(node_object(now.nodes[i], i < r.nodes.size() ? r.nodes[i] : no_rates));
  o["nodes"] = std::move(nodes);
  json::array edges;
  for (std::size_t i = 0; i < now.edges.size(); ++i) {
    const auto& e = now.edges[i];
    edges.push_back(json::object{{"from", text(e.from)},
                                 {"port", text(e.port)},
                                 {"to", text(e.to)},
                                 {"records", e.records},
                                 {"records_per_s", tidy(i < r.edges.size() ? r.edges[i] : 0)},
                                 {"in_flight", e.in_flight},
                                 {"window", e.window},
                                 {"keyed", e.keyed}});
  }
  o["edges"] = std::move(edges);
  json::array resources;
  for (const auto& resource : now.resources)
    resources.push_back(resource_object(resource));
  o["resources"] = std::move(resources);
  o["memory"] = json::object{{"used", now.memory_used}, {"limit", now.memory_limit}};
  return json::serialize(o);
}

std::string history_json(std::span<const history_point> history) {
  json::array points;
  for (const auto& p : history)
    points.push_back(json::object{
        {"t", std::chrono::duration_cast<std::chrono::seconds>(p.time.time_since_epoch()).count()},
        {"records_per_s", tidy(p.records_per_s)},
        {"p50_ms", tidy(milliseconds(p.latency_p50))},
        {"p99_ms", tidy(milliseconds(p.latency_p99))},
        {"error_ratio", tidy(p.error_ratio)},
        {"queue_records", p.queue_records},
        {"workers_busy", p.workers_busy},
        {"workers", p.workers}});
  return json::serialize(
      json::object{{"step_s", monitor::history_step.count()}, {"points", std::move(points)}});
}

std::string event_json(const event& e) { return json::serialize(event_object(e)); }

std::string events_json(std::span<const event> events) {
  json::array list;
  for (const auto& e : events)
    list.push_back(event_object(e));
  return json::serialize(json::object{{"events", std::move(list)}});
}

std::string dead_letters_json(std::span<const dead_letter> letters) {
  json::array list;
  for (const auto& l : letters)
    list.push_back(json::object{{"id", text(l.id)},
                                {"node", text(l.node)},
                                {"cause", text(l.cause)},
                                {"kind", name(to_string(l.kind))},
                                {"attempts", l.attempts},
                                {"first_seen", name(iso_time(l.first_seen))},
                                {"last_seen", name(iso_time(l.last_seen))},
                                {"payload", text(l.payload)}});
  return json::serialize(json::object{{"dead_letters", std::move(list)}});
}

std::string replay_json(const replay_result& said) {
  json::array replayed;
  for (const auto& id : said.replayed)
    replayed.emplace_back(text(id));
  json::array refused;
  for (const auto& r : said.refused)
    refused.push_back(json::object{{"id", text(r.id)}, {"node", text(r.node)}, {"why", text(r.why)}});
  return json::serialize(json::object{{"replayed", std::move(replayed)}, {"refused", std::move(refused)}});
}

std::string tapped_json(const tapped_record& r) {
  return json::serialize(json::object{{"id", text(r.id)},
                                      {"node", text(r.node)},
                                      {"time", name(iso_time(r.time))},
                                      {"payload", text(r.payload)},
                                      {"truncated", r.truncated}});
}

std::string state_json(std::string_view state) {
  return json::serialize(json::object{{"state", text(state)}});
}

std::string error_json(std::string_view message) {
  return json::serialize(json::object{{"error", text(message)}});
}

} // namespace weir
