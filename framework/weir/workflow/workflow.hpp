#pragma once

// A workflow: named nodes, edges between their ports, settings. Made by the typed stream (stream.hpp) or by
// workflow_builder; run by weir::engine. A value that can be moved; a run takes what it needs, so a workflow
// may be destroyed while it runs, and run again.

#include <weir/node/dead_letter.hpp>
#include <weir/node/definition.hpp>
#include <weir/node/resources.hpp>
#include <weir/workflow/tracing.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir {

enum class execution_mode : std::uint8_t {
  parallel,   ///< every node an actor, pools run at once
  sequential, ///< one thread, records in source order: for tests, debugging, and comparison
};

/// Too many dead letters are a fault of the whole, not of single records: the workflow fails.
struct dead_letter_limit {
  /// Of the last `window` records of a node. 1 = no limit. Default 0.1.
  double share = 0.1;
  /// Default 1,000. The limit is reached with more than share * window dead letters, not before.
  std::uint32_t window = 1'000;
};

struct workflow_settings {
  weir::execution_mode mode = execution_mode::parallel;
  /// Nodes with a task running at once. 0 = without limit. Default 0.
  std::uint32_t max_concurrent_nodes = 0;
  /// Keep histograms of task duration and record latency (counters are always kept). Default true.
  bool metrics = true;
  /// Size of connection pools added without one. Default 20.
  std::uint32_t connection_pool_size = 20;
  /// Bytes of records held by a run at most: batches in flight, ledgers, retries. Default 256 MiB.
  std::uint64_t memory_budget = std::uint64_t{256} << 20U;
  batch_limits limits{};
  dead_letter_limit max_dead_letters{};
  /// Hung worker threads that are left behind at most; with one more the workflow fails. Default 64.
  std::uint32_t max_abandoned_workers = 64;
  /// Feeds everything random in a run (jitter of retries). Default 1.
  std::uint64_t seed = 1;
  /// Spans of sampled records. Default: off. See tracing.hpp.
  trace_options tracing{};
};

struct edge_definition {
  std::uint32_t from = 0;
  std::uint32_t port = 0;
  std::uint32_t to = 0;
  friend bool operator==(const edge_definition&, const edge_definition&) = default;
};

struct named_node {
  std::string id;
  node_definition definition;
};

class workflow_builder;
template <class Chain, class Key>
class stream;

class workflow {
 public:
  explicit workflow(std::string name) : name_(std::move(name)) {}

  const std::string& name() const noexcept { return name_; }
  const std::vector<named_node>& nodes() const noexcept { return nodes_; }
  const std::vector<edge_definition>& edges() const noexcept { return edges_; }
  const workflow_settings& settings() const noexcept { return settings_; }
  workflow_settings& settings() noexcept { return settings_; }
  const resource_set& resources() const noexcept { return *resources_; }
  std::shared_ptr<const resource_set> share_resources() const noexcept { return resources_; }

  /// A resource that nodes take from their context by name.
  template <class T>
  workflow& add_resource(std::string name, std::shared_ptr<T> value) {
    resources_->add(std::move(name), std::move(value));
    return *this;
  }
  /// Where failed records go. Default: the last 10,000 in memory, in run_result.
  workflow& dead_letters(std::shared_ptr<dead_letter_sink> to) {
    dead_letters_ = std::move(to);
    return *this;
  }
  const std::shared_ptr<dead_letter_sink>& dead_letters() const noexcept { return dead_letters_; }

  /// Starts a stream at a source: see stream.hpp, which must be included to call it.
  template <class S>
  auto from(std::string id, S source, node_options options = {});

  // For the stream and the builder.
  std::uint32_t add(std::string id, node_definition definition) {
    nodes_.push_back({std::move(id), std::move(definition)});
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  void connect(edge_definition edge) { edges_.push_back(edge); }
  named_node& node(std::uint32_t index) { return nodes_[index]; }
  /// A mistake in how the workflow was written, reported by validation.
  void mistake(error why) { mistakes_.push_back(std::move(why)); }
  const std::vector<error>& mistakes() const noexcept { return mistakes_; }

 private:
  std::string name_;
  std::vector<named_node> nodes_;
  std::vector<edge_definition> edges_;
  workflow_settings settings_;
  std::shared_ptr<resource_set> resources_ = std::make_shared<resource_set>();
  std::shared_ptr<dead_letter_sink> dead_letters_;
  std::vector<error> mistakes_;
};

} // namespace weir
