#pragma once

// Spans as OTLP has them in JSON (ExportTraceServiceRequest, opentelemetry-proto 1.x): ids in hexadecimal,
// nanoseconds as strings. Pure.

#include <weir/workflow/tracing.hpp>

#include <span>
#include <string>
#include <string_view>

namespace weir {

/// One request with all of them. `service`: the resource's service.name.
std::string otlp_json(std::span<const span> spans, std::string_view service, std::string_view version);

/// "0af7651916cd43dd8448eb211c80319c".
std::string to_hex(const trace_id& id);
/// "b7ad6b7169203331".
std::string to_hex(std::uint64_t span_id);

} // namespace weir
