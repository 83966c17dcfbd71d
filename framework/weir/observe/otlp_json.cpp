#include <weir/observe/otlp_json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace weir {

namespace json = boost::json;

namespace {

constexpr int kind_internal = 1;
constexpr int kind_producer = 4;
constexpr int status_error = 2;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

json::object text_attribute(std::string_view key, std::string_view value) {
  return {{"key", view(key)}, {"value", {{"stringValue", view(value)}}}};
}
/// 64-bit integers are strings in protobuf's JSON.
json::object number_attribute(std::string_view key, std::int64_t value) {
  return {{"key", view(key)}, {"value", {{"intValue", std::to_string(value)}}}};
}

std::string nanos(std::chrono::system_clock::time_point at) {
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count());
}

json::object one(const span& s) {
  json::array attributes{text_attribute("weir.workflow", s.workflow), text_attribute("weir.node", s.node),
                         text_attribute("weir.record", s.record),
                         number_attribute("weir.queued_ns", s.queued.count()),
                         number_attribute("weir.processing_ns", s.processing.count())};
  if (s.worker) {
    attributes.push_back(number_attribute("weir.worker", *s.worker));
    attributes.push_back(number_attribute("weir.attempts", s.attempts));
    attributes.push_back(number_attribute("weir.task_records", s.task_records));
  }
  if (s.dead_letter)
    attributes.push_back({{"key", "weir.dead_letter"}, {"value", {{"boolValue", true}}}});
  json::object o{{"traceId", to_hex(s.trace)},
                 {"spanId", to_hex(s.id)},
                 {"name", s.node},
                 {"kind", s.worker ? kind_internal : kind_producer},
                 {"startTimeUnixNano", nanos(s.start)},
                 {"endTimeUnixNano", nanos(s.end)},
                 {"attributes", std::move(attributes)}};
  if (s.parent != 0)
    o["parentSpanId"] = to_hex(s.parent);
  if (!s.failures.empty()) {
    json::array events;
    for (const auto& f : s.failures)
      events.push_back({{"timeUnixNano", nanos(f.at)},
                        {"name", "attempt failed"},
                        {"attributes", json::array{number_attribute("weir.attempt", f.attempt),
                                                   text_attribute("weir.kind", f.kind),
                                                   text_attribute("weir.cause", f.cause)}}});
    o["events"] = std::move(events);
  }
  if (s.dead_letter)
    o["status"] = {{"code", status_error},
                   {"message", s.failures.empty() ? "dead letter" : view(s.failures.back().cause)}};
  return o;
}

void append_hex(std::string& to, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4)
    to += "0123456789abcdef"[(value >> static_cast<unsigned>(shift)) & 15U];
}

} // namespace

std::string to_hex(const trace_id& id) {
  std::string text;
  append_hex(text, id.high);
  append_hex(text, id.low);
  return text;
}

std::string to_hex(std::uint64_t span_id) {
  std::string text;
  append_hex(text, span_id);
  return text;
}

std::string otlp_json(std::span<const span> spans, std::string_view service, std::string_view version) {
  json::array all;
  all.reserve(spans.size());
  for (const span& s : spans)
    all.push_back(one(s));
  json::object scope{{"name", "weir"}};
  if (!version.empty())
    scope["version"] = view(version);
  const json::object request{
      {"resourceSpans",
       json::array{{{"resource", {{"attributes", json::array{text_attribute("service.name", service)}}}},
                    {"scopeSpans", json::array{{{"scope", std::move(scope)}, {"spans", std::move(all)}}}}}}}};
  return json::serialize(request);
}

} // namespace weir
