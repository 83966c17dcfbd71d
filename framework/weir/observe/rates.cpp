#include <weir/observe/rates.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace weir {
namespace {

double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

std::uint64_t grown(std::uint64_t before, std::uint64_t now) { return now > before ? now - before : 0; }

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
}

quantiles quantiles_of(const distribution& d) {
  return {d.quantile(0.50), d.quantile(0.95), d.quantile(0.99)};
}

void add(std::map<duration, std::uint64_t>& sum, const distribution& d) {
  for (const auto& b : d.buckets)
    sum[b.upper] += b.count;
}

distribution to_distribution(const std::map<duration, std::uint64_t>& sum) {
  distribution made;
  for (const auto& [upper, count] : sum)
    made.buckets.push_back({upper, count});
  return made;
}

const node_observation* node_in(const observation& o, std::string_view id, std::size_t likely) {
  if (likely < o.nodes.size() && o.nodes[likely].figures.id == id)
    return &o.nodes[likely];
  const auto found =
      std::ranges::find(o.nodes, id, [](const auto& n) -> std::string_view { return n.figures.id; });
  return found == o.nodes.end() ? nullptr : &*found;
}

const edge_observation* edge_in(const observation& o, const edge_observation& edge) {
  const auto found = std::ranges::find_if(o.edges, [&](const auto& e) {
    return std::tie(e.from, e.port, e.to) == std::tie(edge.from, edge.port, edge.to);
  });
  return found == o.edges.end() ? nullptr : &*found;
}

double mean_saturation(std::span<const sample> samples, std::string_view id, std::size_t likely) {
  double sum = 0;
  std::size_t n = 0;
  for (const auto& s : samples)
    if (const auto* node = node_in(*s.seen, id, likely); node != nullptr && node->figures.workers > 0) {
      sum += ratio(node->figures.busy_workers, node->figures.workers);
      ++n;
    }
  return n == 0 ? 0.0 : sum / static_cast<double>(n);
}

/// `span`: seconds between the two.
std::optional<progress> reading_of(const node_result& before, const node_result& now, double span,
                                   double up) {
  if (!now.is_source || now.progress_total == 0)
    return std::nullopt;
  progress p{std::min(now.progress_done, now.progress_total), now.progress_total, std::nullopt};
  double pace = span > 0 ? static_cast<double>(grown(before.progress_done, now.progress_done)) / span : 0;
  if (pace <= 0 && up > 0)
    pace = static_cast<double>(now.progress_done) / up;
  if (p.done == p.total)
    p.eta_s = 0;
  else if (pace > 0)
    p.eta_s = static_cast<double>(p.total - p.done) / pace;
  return p;
}

/// What was done together; the slowest says how long it takes, and one that does not know leaves it open.
void join(std::optional<progress>& all, const std::optional<progress>& one) {
  if (!one)
    return;
  if (!all) {
    all = one;
    return;
  }
  all->done += one->done;
  all->total += one->total;
  all->eta_s = all->eta_s && one->eta_s ? std::optional{std::max(*all->eta_s, *one->eta_s)} : std::nullopt;
}

} // namespace

workflow_rates rates_of(std::span<const sample> samples) {
  workflow_rates r;
  if (samples.empty())
    return r;
  static const observation nothing;
  const observation& now = *samples.back().seen;
  const bool from_start = samples.size() == 1 || now.up <= rate_window;
  const observation& before = from_start ? nothing : *samples.front().seen;
  r.window = from_start ? now.up : samples.back().at - samples.front().at;
  const double span = seconds(r.window);
  const auto per_s = [&](std::uint64_t was, std::uint64_t is) {
    return span > 0 ? static_cast<double>(grown(was, is)) / span : 0.0;
  };

  std::map<duration, std::uint64_t> latency;
  std::map<duration, std::uint64_t> latency_ever;
  std::uint64_t errors = 0;
  std::uint64_t attempts = 0;
  static const node_observation no_node;
  for (std::size_t i = 0; i < now.nodes.size(); ++i) {
    const auto& is = now.nodes[i];
    const auto* earlier = node_in(before, is.figures.id, i);
    const auto& was = earlier != nullptr ? *earlier : no_node;
    const auto& f = is.figures;
    node_rates n;
    n.id = f.id;
    n.received_per_s = per_s(was.figures.received, f.received);
    n.sent_per_s = per_s(was.figures.sent, f.sent);
    n.delivered_per_s = per_s(was.figures.delivered, f.delivered);
    n.errors_per_s = per_s(was.figures.errors, f.errors);
    const auto failed = grown(was.figures.errors, f.errors);
    const auto tried =
        std::max(failed, grown(was.figures.received, f.received) + grown(was.figures.retries, f.retries));
    n.error_ratio = ratio(failed, tried);
    const auto busy = grown(was.busy_time, is.busy_time);
    const auto idle = grown(was.idle_time, is.idle_time);
    const auto backpressured = grown(was.backpressured_time, is.backpressured_time);
    const auto all = busy + idle + backpressured;
    n.busy = ratio(busy, all);
    n.idle = ratio(idle, all);
    n.backpressured = ratio(backpressured, all);
    n.saturation = f.is_source ? n.busy : mean_saturation(samples, f.id, i);
    const auto tasks = is.task_duration.since(was.task_duration);
    n.task = quantiles_of(tasks.buckets.empty() ? is.task_duration : tasks);
    const auto delivered = is.record_latency.since(was.record_latency);
    n.latency = quantiles_of(delivered.buckets.empty() ? is.record_latency : delivered);
    n.reading = reading_of(was.figures, f, span, seconds(now.up));

    add(latency, delivered);
    add(latency_ever, is.record_latency);
    if (f.is_source) {
      r.records_per_s += n.received_per_s;
    } else {
      errors += failed;
      attempts += tried;
    }
    r.queue_records += f.queued;
    r.queue_bytes += is.queue_bytes;
    r.workers_busy += f.busy_workers;
    r.workers += f.workers;
    r.workers_max += is.workers_max;
    join(r.reading, n.reading);
    r.nodes.push_back(std::move(n));
  }
  r.error_ratio = ratio(errors, attempts);
  r.latency = quantiles_of(to_distribution(latency.empty() ? latency_ever : latency));
  for (const auto& e : now.edges) {
    const auto* was = edge_in(before, e);
    r.edges.push_back(per_s(was != nullptr ? was->records : 0, e.records));
  }
  return r;
}

} // namespace weir
