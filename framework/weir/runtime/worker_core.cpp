#include <weir/runtime/worker_core.hpp>

#include <utility>

namespace weir::detail {

worker_core::worker_core(std::shared_ptr<const worker_setup> setup, std::uint32_t worker,
                         std::uint32_t incarnation, std::optional<crash_report> last_crash)
    : setup_(std::move(setup)), worker_(worker), incarnation_(incarnation),
      last_crash_(std::move(last_crash)) {
  outputs_.reserve(setup_->outputs.size());
  for (const auto& port : setup_->outputs)
    outputs_.emplace_back(*port.type, setup_->limits, setup_->budget);
}

answer worker_core::run(const task& t, time_point began) {
  task_scope scope{t.input.get(), t.begin, t.end, outputs_};
  scope.attempt = t.attempt;
  scope.worker = worker_;
  scope.stop_at_first_failure = setup_->stop_at_first_failure;
  scope.timed = setup_->timed || t.careful;
  scope.exclusive = t.exclusive;
  scope.last_crash = last_crash_ ? &*last_crash_ : nullptr;
  scope.resources = setup_->resources.get();
  scope.time = setup_->time.get();
  scope.marks = call_->marks();
  if (setup_->stoppable) {
    std::stop_source stop;
    scope.stop = stop.get_token();
    call_->began(std::move(stop), t.kind == task_kind::run);
  }
  for (auto& out : outputs_) {
    if (t.input)
      out.begin(t.input->source(), t.input->first_position(), t.input->origin(), t.end - t.begin);
    else
      out.begin(setup_->node, 0, began, UINT32_MAX);
  }
  try {
    switch (t.kind) {
    case task_kind::start:
      logic_.reset(); // before its successor is made: they may want the same file
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
  } catch (...) { // run() does not throw but for want of memory; start and drain are the author's
    if (scope.in_place || scope.spent)
      throw; // half of the batch is changed: no other attempt can be made
    scope.whole = error_from(std::current_exception());
    for (auto& out : outputs_)
      out.roll_back({});
  }
  if (setup_->stoppable)
    call_->ended();
  if (scope.threw && setup_->rebuild_on_throw && t.kind == task_kind::run) {
    last_crash_ = crash_report{failure_kind::error,
                               scope.whole ? *scope.whole : transient("it threw"),
                               {},
                               began,
                               (last_crash_ ? last_crash_->restarts : 0) + 1};
    if (!scope.failures.empty()) {
      last_crash_->why = scope.failures.back().why;
      last_crash_->record = t.input->id(scope.failures.back().index);
    }
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
  a.threw = scope.threw;
  a.in_place = scope.in_place;
  if (scope.failed_input)
    a.failed_input = scope.failed_input.seal();
  a.next = scope.next;
  a.timer = scope.timer;
  a.filtered = scope.filtered;
  a.aggregated = scope.aggregated;
  a.ended = setup_->time->now();
  a.took = a.ended - began;
  return a;
}

answer answer_of(worker_core& core, const task& t) noexcept {
  try {
    return core.run(t);
  } catch (...) {
    answer a;
    a.worker = core.worker();
    a.incarnation = core.incarnation();
    a.task = t.id;
    a.died = error_from(std::current_exception());
    return a;
  }
}

} // namespace weir::detail
