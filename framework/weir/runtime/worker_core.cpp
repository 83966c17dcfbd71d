#include <weir/runtime/worker_core.hpp>

#include <utility>

namespace weir::detail {

worker_core::worker_core(std::shared_ptr<const worker_setup> setup, std::uint32_t worker,
                         std::uint32_t incarnation)
    : setup_(std::move(setup)), worker_(worker), incarnation_(incarnation) {
  outputs_.reserve(setup_->outputs.size());
  for (const auto& port : setup_->outputs)
    outputs_.emplace_back(*port.type, setup_->limits, setup_->budget);
}

answer worker_core::run(const task& t) {
  const auto began = setup_->time->now();
  task_scope scope{t.input.get(), t.begin, t.end, outputs_};
  scope.attempt = t.attempt;
  scope.worker = worker_;
  scope.stop_at_first_failure = setup_->stop_at_first_failure;
  scope.stop = t.stop;
  scope.resources = setup_->resources.get();
  scope.time = setup_->time.get();
  scope.current = current_.get();
  for (auto& out : outputs_) {
    if (t.input)
      out.begin(t.input->source(), t.input->first_position(), t.input->origin(), t.end - t.begin);
    else
      out.begin(setup_->node, 0, began, UINT32_MAX);
  }
  try {
    switch (t.kind) {
    case task_kind::start:
      logic_ = setup_->make();
      logic_->start(scope);
      break;
    case task_kind::run:
      logic_->run(scope);
      break;
    case task_kind::timer:
      logic_->timer(scope);
      break;
    case task_kind::drain:
      if (logic_)
        logic_->drain(scope);
      break;
    }
  } catch (...) { // run() does not throw; start and drain are the author's
    scope.whole = error_from(std::current_exception());
    for (auto& out : outputs_)
      out.roll_back({});
  }
  answer a;
  a.worker = worker_;
  a.incarnation = incarnation_;
  a.task = t.id;
  a.kind = t.kind;
  a.outputs.reserve(outputs_.size());
  for (auto& out : outputs_)
    a.outputs.push_back(out.finish());
  a.failures = std::move(scope.failures);
  a.whole = std::move(scope.whole);
  a.whole_timed_out = scope.whole_timed_out;
  a.next = scope.next;
  a.timer = scope.timer;
  a.filtered = scope.filtered;
  a.aggregated = scope.aggregated;
  a.took = setup_->time->now() - began;
  return a;
}

} // namespace weir::detail
