#pragma once

// Observations made by hand: a source "reads", a step "analyze" and a sink "store", after some seconds.

#include <weir/observe/monitor.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace weir_tests {

using namespace std::chrono_literals;

inline constexpr std::uint64_t second_ns = 1'000'000'000;

inline weir::time_point at(weir::duration since) { return weir::time_point{since}; }

inline std::chrono::system_clock::time_point run_start() {
  return std::chrono::system_clock::time_point{std::chrono::seconds{1'700'000'000}};
}

/// A share of every second so far.
inline std::uint64_t spent(double share, std::uint64_t seconds) {
  return static_cast<std::uint64_t>(share * static_cast<double>(seconds * second_ns));
}

inline void spend(weir::node_observation& n, double busy, double idle, std::uint64_t seconds) {
  n.busy_time = spent(busy, seconds);
  n.idle_time = spent(idle, seconds);
  n.backpressured_time = spent(1 - busy - idle, seconds);
}

inline weir::node_observation node(std::string id) {
  weir::node_observation n;
  n.figures.id = id;
  n.health.id = std::move(id);
  n.health.state = weir::node_state::running;
  return n;
}

/// After so many seconds at so many records a second; nobody is at its limit, the source waits for its input.
inline weir::observation after(std::uint64_t seconds, std::uint64_t per_s = 100) {
  weir::observation o;
  o.workflow = "review-stream";
  o.state = "running";
  o.started = run_start();
  o.up = std::chrono::seconds{seconds};
  o.ready = true;
  o.memory_used = 1'000;
  o.memory_limit = 10'000;
  weir::connection_pool_figures pool;
  pool.size = 20;
  pool.idle = 1;
  pool.in_use = 4;
  pool.waiting = 2;
  pool.wait = {{{2ms, 10}}};
  weir::cache_figures cached;
  cached.hits = 9;
  cached.misses = 2;
  cached.coalesced = 1;
  cached.bytes = 512;
  o.resources = {{"database", pool}, {"pages", cached}, {"models", weir::model_cache_figures{.models = 1}}};
  const std::uint64_t records = seconds * per_s;

  auto reads = node("reads");
  reads.figures.is_source = true;
  reads.figures.received = reads.figures.sent = records;
  spend(reads, 0.1, 0.9, seconds);

  auto analyze = node("analyze");
  analyze.figures.received = analyze.figures.sent = records;
  analyze.figures.tasks = records;
  analyze.figures.workers = 10;
  analyze.figures.busy_workers = 1;
  analyze.workers_min = 2;
  analyze.workers_max = 10;
  for (std::uint32_t i = 0; i < 10; ++i)
    analyze.workers.push_back(
        {i, i == 0 ? weir::worker_state::busy : weir::worker_state::idle, i == 0 ? 10ms : 0ms, 0});
  analyze.task_duration.buckets = {{2ms, records}};
  spend(analyze, 0.3, 0.7, seconds);

  auto store = node("store");
  store.figures.is_sink = true;
  store.figures.received = store.figures.delivered = records;
  store.figures.workers = store.workers_min = store.workers_max = 1;
  store.workers.push_back({0, weir::worker_state::idle, 0ms, 0});
  store.task_duration.buckets = {{1ms, records}};
  store.record_latency.buckets = {{5ms, records}};
  spend(store, 0.2, 0.8, seconds);

  o.nodes = {reads, analyze, store};
  o.edges = {{"reads", "", "analyze", records, 1, 4, false}, {"analyze", "", "store", records, 0, 4, true}};
  return o;
}

} // namespace weir_tests
