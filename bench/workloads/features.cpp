#include <bench/workloads/features.hpp>

#include <bench/baselines/threads.hpp>
#include <bench/workloads/throughput.hpp>
#include <bench/workloads/weir_streams.hpp>

#include <weir/observe/http_server.hpp>
#include <weir/observe/otlp_exporter.hpp>
#include <weir/observe/run_observer.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace weir::bench {

namespace {

using namespace std::chrono_literals;

/// A run as `/metrics` sees it, asked ten times a second: 150 times as often as Prometheus does by default.
class scraper {
 public:
  explicit scraper(const running& job)
      : seen_(job), asks_([this](const std::stop_token& stop) { ask(stop); }) {}

 private:
  void ask(const std::stop_token& stop) {
    const auto target = seen_.target();
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock{mutex};
    do {
      if (target.metrics_text().empty())
        std::terminate(); // measures nothing
    } while (!changed.wait_for(lock, stop, 100ms, [&stop] { return stop.stop_requested(); }));
  }
  run_observer seen_;
  std::jthread asks_; ///< last: it ends first
};

/// A collector of traces in this process, and what sends to it.
class traces {
 public:
  traces()
      : collector_([] {
          http_options o;
          o.limits.body_bytes = std::size_t{8} << 20U;
          return o;
        }()) {
    collector_.route("POST", "/v1/traces", [](const http_request&) {
      http_response taken;
      taken.body = "{}";
      return taken;
    });
    if (auto started = collector_.start(); !started)
      throw std::runtime_error(started.error().message());
    exporter_ = std::make_shared<otlp_exporter>(
        *http_endpoint::parse("http://127.0.0.1:" + std::to_string(collector_.port())));
  }
  ~traces() {
    exporter_->close();
    collector_.stop();
  }
  traces(const traces&) = delete;
  traces& operator=(const traces&) = delete;
  std::shared_ptr<span_sink> sink() const { return exporter_; }

 private:
  http_server collector_;
  std::shared_ptr<otlp_exporter> exporter_;
};

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
  add("scraped", "pipeline", {.beside = [](const running& job) { return std::make_shared<scraper>(job); }});
  v.add("traced-0.001", {{"pipeline", "pipeline"}}, [n] {
    const traces to;
    stream_setup traced;
    traced.settings.tracing = {.ratio = 0.001, .spans = to.sink()};
    return pipeline_weir(n, traced);
  });
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
