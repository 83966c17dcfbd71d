#pragma once

// Sends spans to a collector: OTLP in JSON, by POST to ENDPOINT/v1/traces.
//
//     auto to = http_endpoint::parse("http://127.0.0.1:4318");
//     auto traces = std::make_shared<otlp_exporter>(*to, exporter_options{.service = "shop"});
//     flow.settings().tracing = {.ratio = 0.001, .spans = traces};
//     … run …
//     traces->close();   // sends what is left, for at most flush_time
//
// The stream never waits for it: what does not fit the queue, or what the collector does not take in time, is
// dropped and counted.

#include <weir/observe/http_client.hpp>
#include <weir/workflow/tracing.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir {

struct exporter_options {
  std::string service = "weir"; ///< the resource's service.name
  std::string version = {};     ///< of the program
  /// Spans that wait at most; about 300 bytes each. Default 8,192.
  std::size_t queue = 8'192;
  /// Spans in a request at most. Default 512.
  std::size_t batch = 512;
  /// A span waits at most this long for others. Default 1 s.
  duration linger = std::chrono::seconds{1};
  /// One request, from the connection to the answer. Default 10 s.
  duration request_time = std::chrono::seconds{10};
  /// Between attempts (connection refused, 429, 5xx): doubled each time up to `most_backoff`.
  duration first_backoff = std::chrono::milliseconds{200};
  duration most_backoff = std::chrono::seconds{5};
  /// All attempts of one batch together; then it is dropped. Default 30 s.
  duration give_up = std::chrono::seconds{30};
  /// What close() takes at most. Default 5 s.
  duration flush_time = std::chrono::seconds{5};
};

struct exporter_figures {
  std::uint64_t exported = 0;    ///< spans that the collector took
  std::uint64_t dropped = 0;     ///< spans lost: no room, refused, or too late
  std::uint64_t failures = 0;    ///< requests that failed
  std::string last_failure = {}; ///< and why; no secrets
};

/// Thread-safe.
class otlp_exporter final : public span_sink {
 public:
  explicit otlp_exporter(http_endpoint to, exporter_options options = {});
  /// close().
  ~otlp_exporter() override;
  otlp_exporter(const otlp_exporter&) = delete;
  otlp_exporter& operator=(const otlp_exporter&) = delete;

  /// Waits for no one. After close(): dropped.
  void add(span s) noexcept override;
  /// Sends what waits, within exporter_options::flush_time; drops and counts the rest.
  void close();
  exporter_figures figures() const;

 private:
  void work();
  bool send(std::vector<span>& batch);
  void failed(std::string why);
  std::chrono::steady_clock::time_point end_of_flush();

  http_endpoint to_;
  exporter_options options_;
  http_client client_;
  mutable std::mutex mutex_; ///< all below
  std::condition_variable changed_;
  std::deque<span> waiting_;
  exporter_figures figures_;
  bool closing_ = false;
  std::chrono::steady_clock::time_point flush_until_ = std::chrono::steady_clock::time_point::max();
  std::mutex closing_mutex_; ///< one close() at a time
  std::thread thread_;
};

/// weir_trace_spans_total{result="exported|dropped"} and weir_trace_export_failures_total, as Prometheus
/// text.
std::string exporter_metrics(const exporter_figures& figures);

} // namespace weir
