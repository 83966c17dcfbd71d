#pragma once

// `--trace-endpoint`: spans of a run's reviews, to a collector.

#include <apps/review_stream/options.hpp>
#include <weir/base/result.hpp>
#include <weir/observe/otlp_exporter.hpp>
#include <weir/workflow/tracing.hpp>

#include <functional>
#include <memory>
#include <string>

namespace weir::reviews {

class trace_output {
 public:
  /// Off when neither the option nor OTEL_EXPORTER_OTLP_ENDPOINT names a collector. Wrong if what is named is
  /// no endpoint. It makes a thread: block signals before.
  static result<trace_output> open(const run_options& options);

  trace_options settings() const { return settings_; }
  /// For /metrics; empty when off.
  std::function<std::string()> metrics() const;
  /// Sends what is left, within 5 s, and tells the user of spans that were lost.
  void close();

 private:
  trace_options settings_;
  std::string endpoint_; ///< without its password
  std::shared_ptr<otlp_exporter> exporter_;
};

} // namespace weir::reviews
