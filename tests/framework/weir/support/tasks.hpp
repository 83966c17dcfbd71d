#pragma once

// Runs the code of a node definition on one batch, as a worker would.

#include <tests/framework/weir/support/batches.hpp>
#include <weir/node/definition.hpp>

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace weir_tests {

/// One task after another on one node object; what each made is kept by port.
class one_worker {
 public:
  explicit one_worker(const weir::node_definition& d, weir::batch_limits limits = {})
      : logic_(d.make_operator()) {
    for (const auto& port : d.outputs)
      outputs_.emplace_back(*port.type, limits, nullptr);
    run_own([&](auto& scope) { logic_->start(scope); });
  }

  /// Runs records [begin, end) of the batch; `change` may set up the scope.
  template <class Change>
  weir::detail::task_scope& run(const weir::batch_ptr& in, std::uint32_t begin, std::uint32_t end,
                                Change&& change) {
    scope_.emplace(in.get(), begin, end, outputs_);
    fill(*scope_);
    change(*scope_);
    for (auto& out : outputs_)
      out.begin(in->source(), in->first_position(), in->origin(), end - begin);
    logic_->run(*scope_);
    finish();
    return *scope_;
  }
  weir::detail::task_scope& run(const weir::batch_ptr& in) {
    return run(in, 0, in->size(), [](auto&) {});
  }
  void drain() {
    run_own([&](auto& scope) { logic_->drain(scope); });
  }
  template <class T>
  std::vector<T> made(std::size_t port = 0) const {
    return values<T>(made_[port]);
  }
  std::vector<weir::record_id> made_ids(std::size_t port = 0) const { return ids(made_[port]); }

  weir::resource_set resources;

 private:
  void fill(weir::detail::task_scope& scope) {
    scope.marks = &marks_;
    scope.time = &time_;
    scope.resources = &resources;
  }
  template <class F>
  void run_own(F&& f) {
    scope_.emplace(nullptr, 0U, 0U, outputs_);
    fill(*scope_);
    for (auto& out : outputs_)
      out.begin(0, 0, {}, UINT32_MAX);
    f(*scope_);
    finish();
  }
  void finish() {
    made_.resize(outputs_.size());
    for (std::size_t p = 0; p < outputs_.size(); ++p)
      made_[p] = outputs_[p].finish();
  }

  std::unique_ptr<weir::detail::operator_logic> logic_;
  std::vector<weir::detail::port_output> outputs_;
  std::vector<std::vector<weir::batch_ptr>> made_;
  weir::detail::call_marks marks_;
  weir::manual_clock time_;
  std::optional<weir::detail::task_scope> scope_;
};

} // namespace weir_tests
