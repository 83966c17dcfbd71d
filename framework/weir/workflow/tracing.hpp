#pragma once

// Tracing: a sampled record leaves a span at every node it passes.
//
//     auto traces = std::make_shared<otlp_exporter>(…);                 // <weir/observe/otlp_exporter.hpp>
//     flow.settings().tracing = trace_options{.ratio = 0.001, .spans = traces};
//
// Off by default, and free when off: a check for a null pointer a batch and a task. When on, a batch costs a
// look into a table of the records being traced; what a record or a batch is made of does not change.

#include <weir/base/clock.hpp>
#include <weir/record/record_type.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// 16 bytes, as W3C Trace Context has it. All zero = none.
struct trace_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const trace_id&, const trace_id&) = default;
};

/// Where a record's trace began, outside this workflow.
struct trace_parent {
  trace_id trace;
  std::uint64_t span = 0;
  bool sampled = false;
};

/// Reads a W3C `traceparent` ("00-32 hex digits-16 hex digits-2 hex digits", in lower case). Anything
/// malformed is nothing; versions after 00 may carry more fields, which are ignored.
std::optional<trace_parent> parse_traceparent(std::string_view text);

/// An attempt that failed, while the record was at a node.
struct span_event {
  std::chrono::system_clock::time_point at;
  std::uint32_t attempt = 1;
  std::string kind;
  std::string cause;
};

/// A record's stay at one node.
struct span {
  trace_id trace;
  std::uint64_t id = 0;
  std::uint64_t parent = 0; ///< 0 = the trace begins here
  std::string workflow;
  std::string node;
  std::string record;                          ///< its id: "reviews:17"
  std::chrono::system_clock::time_point start; ///< delivered to the node; at a source: read
  std::chrono::system_clock::time_point end;
  duration queued{0};     ///< from its delivery until the attempt that ended its stay
  duration processing{0}; ///< of the task it was in; other records of the task included
  std::uint32_t attempts = 1;
  std::optional<std::uint32_t> worker; ///< nothing at a source
  std::uint32_t task_records = 0;      ///< in the same task; 0 at a source
  std::vector<span_event> failures;
  bool dead_letter = false; ///< the trace ends here, with the cause of the last failure
};

/// Where spans go. Thread-safe, and must not block: it is called by the nodes.
class span_sink {
 public:
  virtual ~span_sink() = default;
  virtual void add(span s) noexcept = 0;
};

struct trace_options {
  /// Share of the records of each source that start a trace. 0 to 1. Default 0: only records that bring a
  /// parent whose sampled flag is set.
  double ratio = 0;
  /// Traces begun in a second at most, those with a parent included. Raising it costs a span a node each.
  std::uint32_t per_second = 100;
  /// The parent that a record brings with it. Its flag decides: set, the record is traced; clear, it is not,
  /// whatever the ratio. Called for every record of every source while tracing is on; empty = never.
  std::function<std::optional<trace_parent>(const record_type&, const void* record)> parent_of = {};
  /// Where spans go; null = tracing is off.
  std::shared_ptr<span_sink> spans = {};
};

/// trace_options::parent_of for one type of record; `text_of` gives the `traceparent` in it, or "".
template <class T, class F>
auto traceparent_in(F text_of) {
  return [text_of = std::move(text_of)](const record_type& type,
                                        const void* record) -> std::optional<trace_parent> {
    if (type.type != typeid(T))
      return std::nullopt;
    return parse_traceparent(text_of(*static_cast<const T*>(record)));
  };
}

} // namespace weir
