#pragma once

// The records of a run that are being traced: which they are, and what they leave at each node.
//
// Invariants:
//  - it exists only while tracing is on; nothing of it is in a batch or a record. A record is known by its
//  id,
//    (source, position), which filters and flat maps keep.
//  - who is traced is decided once, where a source hands on its batch, before any other node can see it.
//  - the table is bounded: the oldest trace is forgotten for a new one, and leaves no more spans.
//  - a node's span is there before its output is handed on, so a child finds its parent.
//
// Thread-safe; a traced_batch belongs to the dispatcher that got it.

#include <weir/record/batch.hpp>
#include <weir/runtime/worker_core.hpp>
#include <weir/workflow/tracing.hpp>
#include <weir/workflow/workflow.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace weir::detail {

/// A traced record that is at a node.
struct traced_record {
  record_id id;
  std::uint32_t index = 0; ///< in the batch it came in
  trace_id trace;
  std::uint64_t parent = 0;
  time_point arrived{};
  std::vector<span_event> failures = {};
  bool left = false; ///< its span is made
};

struct traced_batch {
  std::vector<traced_record> records;
};

class run_traces {
 public:
  /// Records traced at once.
  static constexpr std::size_t most_traces = 4'096;
  /// Spans of one record: a flat map may make many of it.
  static constexpr std::size_t most_spans = 256;

  run_traces(const workflow& w, std::shared_ptr<const clock> time);

  /// A source hands on a batch: chooses records, each leaves the source's span.
  void emitted(const batch& b, time_point now);
  /// A batch has come to a node over this edge: its traced records; null = none.
  std::unique_ptr<traced_batch> arrived(const batch& b, std::uint32_t edge, time_point now);
  /// A task is done: the records in [begin, answer.next) that have not failed leave the node.
  void done(traced_batch& at, std::uint32_t node, const answer& a, std::uint32_t begin,
            std::uint32_t attempt);
  /// An attempt of the records [begin, end) of `b` has failed.
  void failed(traced_batch& at, const batch& b, std::uint32_t begin, std::uint32_t end, std::uint32_t attempt,
              failure_kind kind, const error& why, time_point now);
  /// This record becomes a dead letter.
  void dead(traced_batch& at, std::uint32_t node, record_id id, std::uint32_t attempts, std::uint32_t worker,
            time_point now);

 private:
  struct left_span {
    std::uint32_t node;
    std::uint64_t ordinal;
    std::uint64_t span;
  };
  struct trace_entry {
    trace_id trace;
    std::vector<left_span> spans;
  };
  using key = std::pair<std::uint32_t, std::uint64_t>; ///< source, position
  struct source_state {
    std::uint64_t next = 0; ///< position that the ratio chooses next
    bool begun = false;
  };

  void choose(const batch& b, std::uint32_t index, const std::optional<trace_parent>& parent, time_point now);
  std::uint64_t gap();
  bool may_begin(time_point now);
  void leave(traced_record& r, span s, std::uint32_t node);
  std::uint64_t new_id();
  std::chrono::system_clock::time_point wall(time_point at) const;

  trace_options options_;
  std::string workflow_;
  std::vector<std::string> nodes_;
  std::vector<std::uint32_t> edge_from_;
  time_point began_;
  std::chrono::system_clock::time_point began_wall_;

  std::mutex mutex_; ///< all below
  std::mt19937_64 random_;
  std::vector<source_state> sources_;
  std::map<key, trace_entry> traces_;
  std::deque<key> oldest_;
  time_point second_{};
  std::uint32_t begun_in_second_ = 0;
};

} // namespace weir::detail
