#pragma once

// The graph: nodes added by id, connected by id. Any acyclic graph; what config files and code that does not
// know its shape in advance use. Types are checked by build(), which reports every mistake at once.
//
//     weir::workflow_builder builder{"scalable-review-processor"};
//     builder.execution_mode(weir::execution_mode::parallel).max_concurrent_nodes(10);
//     builder.add_node("batch-input", weir::input_node(reviews).with_batching(50));
//     builder.add_node("analyze", weir::parallel_node(analyze).with_workers(10).with_timeout(30s));
//     builder.add_node("totals", weir::output_node(print).with_aggregation(totals{}));
//     builder.connect("batch-input", "analyze").connect("analyze", "totals");
//     auto built = builder.build();
//     if (!built) for (const auto& e : built.errors()) std::cerr << e.message() << '\n';

#include <weir/workflow/nodes.hpp>
#include <weir/workflow/validate.hpp>
#include <weir/workflow/workflow.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir {

/// The id of a node in its workflow.
class node_id {
 public:
  node_id(std::string name) : name_(std::move(name)) {}
  node_id(const char* name) : name_(name) {}
  const std::string& str() const noexcept { return name_; }

 private:
  std::string name_;
};

/// A workflow that passed every check, or all that is wrong.
class build_result {
 public:
  build_result(workflow w) : workflow_(std::move(w)) {}
  build_result(std::vector<error> errors) : errors_(std::move(errors)) {}

  explicit operator bool() const noexcept { return workflow_.has_value(); }
  workflow& operator*() { return *workflow_; }
  workflow* operator->() { return &*workflow_; }
  const std::vector<error>& errors() const noexcept { return errors_; }

 private:
  std::optional<workflow> workflow_;
  std::vector<error> errors_;
};

class workflow_builder {
 public:
  explicit workflow_builder(std::string name) : workflow_(std::move(name)) {}

  // ---- settings (see workflow_settings for what each means)
  // ----------------------------------------------------
  workflow_builder& execution_mode(weir::execution_mode mode);
  workflow_builder& max_concurrent_nodes(std::uint32_t most);
  workflow_builder& enable_metrics(bool on = true);
  workflow_builder& connection_pool_size(std::uint32_t size);
  workflow_builder& memory_budget(std::uint64_t bytes);
  workflow_builder& dead_letters(std::shared_ptr<dead_letter_sink> to);

  /// A resource that nodes take from their context by name. `make(size)` gets connection_pool_size when the
  /// workflow is built, so the order of calls does not matter.
  template <class Make>
    requires std::is_invocable_v<Make&, std::uint32_t>
  workflow_builder& add_connection_pool(std::string name, Make make) {
    pools_.push_back([name = std::move(name), make = std::move(make)](workflow& w) mutable {
      w.add_resource(name, make(w.settings().connection_pool_size));
    });
    return *this;
  }
  template <class T>
  workflow_builder& add_resource(std::string name, std::shared_ptr<T> value) {
    workflow_.add_resource(std::move(name), std::move(value));
    return *this;
  }

  // ---- nodes and edges
  // -----------------------------------------------------------------------------------------
  /// One of the ready nodes of nodes.hpp, or a node_definition.
  template <class Node>
  workflow_builder& add_node(const node_id& id, Node node) {
    if constexpr (std::is_same_v<Node, node_definition>)
      workflow_.add(id.str(), std::move(node));
    else
      workflow_.add(id.str(), std::move(node).definition());
    return *this;
  }
  /// From the first (or only) output of `from`, or from its output named `port`.
  workflow_builder& connect(const node_id& from, const node_id& to);
  workflow_builder& connect(const node_id& from, const std::string& port, const node_id& to);

  /// Checks everything and gives the workflow, or every error. The builder is empty afterwards.
  build_result build();

 private:
  struct named_edge {
    std::string from;
    std::optional<std::string> port;
    std::string to;
  };
  workflow workflow_;
  std::vector<named_edge> edges_;
  std::vector<std::function<void(workflow&)>> pools_;
};

} // namespace weir
