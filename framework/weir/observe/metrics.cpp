#include <weir/observe/metrics.hpp>

#include <weir/base/utf8.hpp>

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <locale>
#include <sstream>
#include <utility>
#include <variant>
#include <vector>

namespace weir {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// Seconds. From what a cheap task takes to what is beyond patience; 1, 2.5 and 5 a decade.
constexpr std::array bounds{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025,
                            0.05, 0.1,    0.25, 0.5,  1.0,    2.5,  5.0,  10.0,   30.0, 60.0, 300.0};

duration of_seconds(double s) {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(s));
}

double to_seconds(duration d) { return std::chrono::duration<double>(d).count(); }

ClientMetric::Histogram histogram_of(const distribution& d) {
  ClientMetric::Histogram h;
  h.sample_count = d.count();
  for (const auto& b : d.buckets) // not in nanoseconds: days of many records would not fit
    h.sample_sum += to_seconds(b.upper) * static_cast<double>(b.count);
  for (const double bound : bounds)
    h.bucket.push_back({d.at_most(of_seconds(bound)), bound});
  h.bucket.push_back({h.sample_count, std::numeric_limits<double>::infinity()});
  return h;
}

/// One family being filled.
class family {
 public:
  family(std::string name, std::string help, MetricType type) {
    made_.name = std::move(name);
    made_.help = std::move(help);
    made_.type = type;
  }
  void add(labels of, double value) {
    ClientMetric& m = metric(std::move(of));
    if (made_.type == MetricType::Counter)
      m.counter.value = value;
    else
      m.gauge.value = value;
  }
  void add(labels of, std::uint64_t value) { add(std::move(of), static_cast<double>(value)); }
  void add(labels of, const distribution& d) { metric(std::move(of)).histogram = histogram_of(d); }
  void move_to(std::vector<MetricFamily>& all) {
    if (!made_.metric.empty())
      all.push_back(std::move(made_));
  }

 private:
  ClientMetric& metric(labels of) {
    made_.metric.emplace_back().label = std::move(of);
    return made_.metric.back();
  }
  MetricFamily made_;
};

/// The workflow's families, a node after the other in each.
class exposition {
 public:
  explicit exposition(const monitor_view& view) : view_(view), workflow_(to_utf8(view.now.workflow)) {}

  /// `fill(family, node, labels)` a node.
  template <class Fill>
  void nodes(const char* name, const char* help, MetricType type, Fill fill) {
    family f{name, help, type};
    for (const auto& n : view_.now.nodes)
      fill(f, n, labels{{"workflow", workflow_}, {"node", to_utf8(n.figures.id)}});
    f.move_to(families_);
  }
  void counter(const char* name, const char* help, std::uint64_t node_result::* figure) {
    nodes(name, help, MetricType::Counter,
          [figure](family& f, const auto& n, labels of) { f.add(std::move(of), n.figures.*figure); });
  }
  template <class Names, std::size_t N>
  void counters(const char* name, const char* help, const char* label,
                std::array<std::uint64_t, N> node_observation::* figures, Names names) {
    nodes(name, help, MetricType::Counter, [=](family& f, const auto& n, const labels& of) {
      for (std::size_t i = 0; i < N; ++i)
        f.add(with(of, label, names(i)), (n.*figures)[i]);
    });
  }
  template <class Value>
  void gauge(const char* name, const char* help, Value value) {
    nodes(name, help, MetricType::Gauge,
          [value](family& f, const auto& n, labels of) { f.add(std::move(of), value(n)); });
  }
  /// `fill(family, figures, labels)` for each resource whose figures are of that kind; `label` has its name.
  template <class Figures, class Fill>
  void resources(const char* name, const char* help, const char* label, MetricType type, Fill fill) {
    family f{name, help, type};
    for (const auto& r : view_.now.resources)
      if (const auto* figures = std::get_if<Figures>(&r.figures))
        fill(f, *figures, labels{{"workflow", workflow_}, {label, to_utf8(r.name)}});
    f.move_to(families_);
  }
  /// Of the workflow as a whole.
  void whole(const char* name, const char* help, const std::vector<std::pair<labels, double>>& values) {
    family f{name, help, MetricType::Gauge};
    for (const auto& [more, value] : values) {
      labels of{{"workflow", workflow_}};
      of.insert(of.end(), more.begin(), more.end());
      f.add(std::move(of), value);
    }
    f.move_to(families_);
  }
  static labels with(labels of, const char* name, std::string_view value) {
    of.push_back({name, std::string{value}});
    return of;
  }
  std::vector<MetricFamily>& families() { return families_; }

 private:
  const monitor_view& view_;
  std::string workflow_;
  std::vector<MetricFamily> families_;
};

std::string_view failure_name(std::size_t i) { return to_string(static_cast<failure_kind>(i)); }
std::string_view restart_name(std::size_t i) { return to_string(static_cast<restart_reason>(i)); }

double workers_in(const node_observation& n, worker_state state) {
  return static_cast<double>(std::ranges::count(n.workers, state, &worker_observation::state));
}

void add_records(exposition& e) {
  e.counter("weir_records_received_total", "Records a node took in; a source: made.", &node_result::received);
  e.counter("weir_records_sent_total", "Records handed on, counted once a port.", &node_result::sent);
  e.nodes("weir_records_delivered_total", "Records a sink has written.", MetricType::Counter,
          [](family& f, const auto& n, labels of) {
            if (n.figures.is_sink)
              f.add(std::move(of), n.figures.delivered);
          });
  e.counter("weir_records_filtered_total", "Records dropped on purpose.", &node_result::filtered);
  e.counter("weir_tasks_processed_total", "Tasks done by workers.", &node_result::tasks);
  e.nodes("weir_task_duration_seconds", "How long a task ran.", MetricType::Histogram,
          [](family& f, const auto& n, labels of) {
            if (!n.figures.is_source)
              f.add(std::move(of), n.task_duration);
          });
  e.nodes("weir_record_latency_seconds", "From the source to delivery by a sink.", MetricType::Histogram,
          [](family& f, const auto& n, labels of) {
            if (n.figures.is_sink)
              f.add(std::move(of), n.record_latency);
          });
}

void add_failures(exposition& e) {
  e.counters("weir_errors_total", "Failed attempts of a record.", "kind", &node_observation::errors_by,
             failure_name);
  e.counter("weir_retries_total", "Attempts after the first.", &node_result::retries);
  e.counter("weir_timeouts_total", "Attempts that ran out of time.", &node_result::timeouts);
  e.counters("weir_restarts_total", "Workers and node objects replaced.", "reason",
             &node_observation::restarts_by, restart_name);
  e.counters("weir_dead_letters_total", "Records given up.", "kind", &node_observation::dead_letters_by,
             failure_name);
  e.counter("weir_dead_letters_replayed_total",
            "Records given up that were taken in again: dead letters are those given up, less these.",
            &node_result::replayed);
  e.gauge("weir_outage", "1 while a node waits for the world outside.",
          [](const node_observation& n) { return n.health.state == node_state::outage ? 1.0 : 0.0; });
  e.gauge("weir_stalled", "1 while records wait and nothing was decided for 10 s.",
          [](const node_observation& n) { return n.health.stalled ? 1.0 : 0.0; });
}

void add_state(exposition& e, const monitor_view& view) {
  const auto& now = view.now;
  e.gauge("weir_queue_records", "Records waiting in a node.",
          [](const node_observation& n) { return n.figures.queued; });
  e.gauge("weir_queue_bytes", "About as many bytes wait in a node.",
          [](const node_observation& n) { return n.queue_bytes; });
  e.nodes("weir_workers", "Workers by what they are at; hung: threads left behind.", MetricType::Gauge,
          [](family& f, const auto& n, const labels& of) {
            if (n.figures.is_source)
              return;
            for (const auto state : {worker_state::busy, worker_state::idle, worker_state::starting})
              f.add(exposition::with(of, "state", to_string(state)), workers_in(n, state));
            f.add(exposition::with(of, "state", "hung"), n.figures.abandoned);
          });
  std::size_t at = 0;
  e.nodes("weir_time_ratio", "Share of the last 5 seconds; the states add to 1.", MetricType::Gauge,
          [&](family& f, const auto&, const labels& of) {
            if (at >= view.rates.nodes.size())
              return;
            const auto& r = view.rates.nodes[at++];
            f.add(exposition::with(of, "state", "busy"), r.busy);
            f.add(exposition::with(of, "state", "idle"), r.idle);
            f.add(exposition::with(of, "state", "backpressured"), r.backpressured);
          });
  e.gauge("weir_culprit", "1 for the node that limits the workflow most, as /api/v1/workflow names it.",
          [&](const node_observation& n) {
            return !view.limits.empty() && view.limits.front().node == n.figures.id ? 1.0 : 0.0;
          });
  e.nodes("weir_progress_ratio", "How much of its known input a source has read.", MetricType::Gauge,
          [](family& f, const auto& n, labels of) {
            if (n.figures.is_source && n.figures.progress_total > 0)
              f.add(std::move(of), static_cast<double>(n.figures.progress_done) /
                                       static_cast<double>(n.figures.progress_total));
          });
  e.whole("weir_memory_budget_bytes", "The byte budget of records in memory.",
          {{{{"kind", "used"}}, static_cast<double>(now.memory_used)},
           {{{"kind", "limit"}}, static_cast<double>(now.memory_limit)}});
  e.whole("weir_ready", "1 while every source and sink is connected.", {{{}, now.ready ? 1.0 : 0.0}});
  e.whole("weir_up_seconds", "Since the start of the run.", {{{}, to_seconds(now.up)}});
}

void add_resources(exposition& e) {
  e.resources<connection_pool_figures>(
      "weir_pool_connections", "Connections by what they are at; free: places for more.", "pool",
      MetricType::Gauge, [](family& f, const auto& pool, const labels& of) {
        const auto taken = pool.idle + pool.in_use;
        f.add(exposition::with(of, "state", "idle"), static_cast<double>(pool.idle));
        f.add(exposition::with(of, "state", "in_use"), static_cast<double>(pool.in_use));
        f.add(exposition::with(of, "state", "free"),
              static_cast<double>(pool.size - std::min(pool.size, taken)));
      });
  e.resources<connection_pool_figures>("weir_pool_waiting", "Users in line for a connection.", "pool",
                                       MetricType::Gauge, [](family& f, const auto& pool, labels of) {
                                         f.add(std::move(of), static_cast<double>(pool.waiting));
                                       });
  e.resources<connection_pool_figures>(
      "weir_pool_wait_seconds", "How long users waited for a connection.", "pool", MetricType::Histogram,
      [](family& f, const auto& pool, labels of) { f.add(std::move(of), pool.wait); });
  e.resources<cache_figures>("weir_cache_requests_total",
                             "Look-ups by result; coalesced: waited for what another computed.", "cache",
                             MetricType::Counter, [](family& f, const auto& cache, const labels& of) {
                               f.add(exposition::with(of, "result", "hit"), cache.hits);
                               f.add(exposition::with(of, "result", "miss"), cache.misses);
                               f.add(exposition::with(of, "result", "coalesced"), cache.coalesced);
                             });
  e.resources<cache_figures>("weir_cache_bytes", "Bytes that a cache holds.", "cache", MetricType::Gauge,
                             [](family& f, const auto& cache, labels of) {
                               f.add(std::move(of), static_cast<double>(cache.bytes));
                             });
}

} // namespace

std::string metrics_text(const monitor_view& view, std::string_view version) {
  exposition e{view};
  add_records(e);
  add_failures(e);
  add_state(e, view);
  add_resources(e);
  e.whole("weir_build_info", "1; the labels say which build this is.",
          {{{{"version", to_utf8(version)}, {"compiler", __VERSION__}}, 1.0}});
  std::ostringstream text;
  text.imbue(std::locale::classic());
  prometheus::TextSerializer{}.Serialize(text, e.families());
  return std::move(text).str();
}

} // namespace weir
