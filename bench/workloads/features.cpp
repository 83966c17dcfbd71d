#include <bench/workloads/features.hpp>

#include <bench/baselines/threads.hpp>
#include <bench/workloads/throughput.hpp>
#include <bench/workloads/weir_streams.hpp>

#include <chrono>

namespace weir::bench {

namespace {

using namespace std::chrono_literals;

} // namespace

std::vector<variant> feature_variants(const sizes& of) {
  const std::uint64_t n = of.records(4'000'000);
  throughput_variants v{n, [n] { return pipeline_loop(n).out; }};
  const auto add = [&](std::string name, const char* base, stream_setup setup) {
    comparisons beside;
    if (base != nullptr)
      beside = {{base, base}};
    v.add(std::move(name), beside, [n, setup] { return pipeline_weir(n, setup); });
  };
  add("pipeline", nullptr, {});
  stream_setup setup;
  setup.settings.metrics = false;
  add("metrics-off", "pipeline", setup);
  add("retries", "pipeline", {.map = {.retry = exponential_backoff{.first = 50ms, .max_attempts = 5}}});
  add("own-thread", "pipeline", {.map = {.isolation = isolation::thread}});
  add("timeout-thread", "pipeline", {.map = {.isolation = isolation::thread, .timeout = 30s}});
  add("pool-2", nullptr, with_workers(2));
  add("pool-2-ordered", "pool-2", {.map = {.workers = {2}, .order = ordering::ordered}});
  setup = {};
  setup.settings.mode = execution_mode::sequential;
  add("sequential", "pipeline", setup);
  return v.take();
}

} // namespace weir::bench
