#include <apps/review_stream/commands/traces.hpp>

#include <apps/review_stream/input/traceparent.hpp>
#include <weir/observe/redact.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace weir::reviews {

result<trace_output> trace_output::open(const run_options& options) {
  trace_output made;
  std::string url = options.trace_endpoint;
  std::string where = "--trace-endpoint";
  if (url.empty())
    if (const char* set = std::getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); set != nullptr && *set != '\0') {
      url = set;
      where = "OTEL_EXPORTER_OTLP_ENDPOINT";
    }
  if (url.empty() || url == "off")
    return made;
  auto to = http_endpoint::parse(url);
  if (!to) {
    error why = to.error();
    why.where = where;
    return why;
  }
  made.endpoint_ = redact_uri(url);
  made.exporter_ = std::make_shared<otlp_exporter>(
      *std::move(to), exporter_options{.service = "review-stream", .version = WEIR_VERSION});
  made.settings_.ratio = options.trace_sample;
  made.settings_.parent_of =
      traceparent_in<actors::text_line>([](const actors::text_line& row) { return traceparent_of(row); });
  made.settings_.spans = made.exporter_;
  return made;
}

std::function<std::string()> trace_output::metrics() const {
  if (!exporter_)
    return {};
  return [from = exporter_] { return exporter_metrics(from->figures()); };
}

void trace_output::close() {
  if (!exporter_)
    return;
  exporter_->close();
  if (const auto f = exporter_->figures(); f.dropped > 0)
    std::fprintf(stderr, "traces: %llu of %llu spans did not reach %s%s%s\n",
                 static_cast<unsigned long long>(f.dropped),
                 static_cast<unsigned long long>(f.dropped + f.exported), endpoint_.c_str(),
                 f.last_failure.empty() ? "" : ": ", f.last_failure.c_str());
}

} // namespace weir::reviews
