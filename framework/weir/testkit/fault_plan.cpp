#include <weir/testkit/fault_plan.hpp>

#include <string>
#include <utility>

namespace weir {

std::string_view to_string(fault f) noexcept {
  switch (f) {
  case fault::none:
    return "none";
  case fault::throws:
    return "throws";
  case fault::throws_after:
    return "throws after";
  case fault::hangs:
    return "hangs";
  case fault::ignores_stop:
    return "ignores stop";
  case fault::late:
    return "late";
  case fault::slow:
    return "slow";
  case fault::dies_before:
    return "dies before";
  case fault::dies_after:
    return "dies after";
  }
  return "none";
}

namespace detail {

task_fault fault_plan::draw(std::uint32_t node, std::uint32_t begin, std::uint32_t end, bool own_time,
                            bool can_hang) {
  task_fault f;
  if (!scripted_[node].empty()) {
    f = std::move(scripted_[node].front());
    scripted_[node].pop_front();
  } else {
    const auto meets = [&](double rate, fault what) {
      if (f.what == fault::none && chance(rate))
        f.what = what;
    };
    meets(rates_.throws, fault::throws);
    meets(rates_.throws_after, fault::throws_after);
    if (own_time) {
      meets(rates_.slow, fault::slow);
      meets(rates_.dies_before, fault::dies_before);
      meets(rates_.dies_after, fault::dies_after);
    }
    if (own_time && can_hang) {
      meets(rates_.hangs, fault::hangs);
      meets(rates_.ignores_stop, fault::ignores_stop);
      meets(rates_.late, fault::late);
    }
  }
  f.index = begin + static_cast<std::uint32_t>(below(end - begin));
  if (trace && f.what != fault::none)
    trace("node " + std::to_string(node) + ", records " + std::to_string(begin) + " to " +
          std::to_string(end) + " of a batch: " + std::string{to_string(f.what)} + " at " +
          std::to_string(f.index));
  ++drawn[static_cast<std::size_t>(f.what)];
  return f;
}

namespace {

class faulty_logic final : public operator_logic {
 public:
  faulty_logic(std::unique_ptr<operator_logic> inner, std::shared_ptr<fault_plan> plan, std::uint32_t node,
               bool whole_tasks, bool apart)
      : inner_(std::move(inner)), plan_(std::move(plan)), node_(node), whole_tasks_(whole_tasks),
        apart_(apart) {}

  void start(task_scope& scope) override { inner_->start(scope); }
  void timer(task_scope& scope) override { inner_->timer(scope); }
  void drain(task_scope& scope) override { inner_->drain(scope); }

  void run(task_scope& scope) override {
    const task_fault f = apart_ ? std::exchange(plan_->pending, std::nullopt).value_or(task_fault{})
                                : plan_->draw(node_, scope.begin, scope.end, false, false);
    switch (f.what) {
    case fault::throws:
    case fault::hangs:
      fail_at(scope, f);
      return;
    case fault::throws_after:
      inner_->run(scope);
      if (whole_tasks_ && !scope.whole) {
        plan_->note_unheard(node_, *scope.input, scope.begin, scope.end);
        fail_whole(scope, f);
      }
      return;
    default:
      inner_->run(scope);
    }
  }

 private:
  static error cause(const task_fault& f) {
    return f.why.value_or(transient(f.what == fault::hangs ? "simulated: it hung" : "simulated: it threw"));
  }
  void fail_whole(task_scope& scope, const task_fault& f) {
    for (auto& out : *scope.outputs)
      out.roll_back({});
    scope.filtered = scope.aggregated = 0;
    scope.threw = f.what != fault::hangs;
    scope.whole_timed_out = f.what == fault::hangs;
    scope.whole = cause(f);
  }
  /// What comes before the record is done, the record fails, the rest is not attempted.
  void fail_at(task_scope& scope, const task_fault& f) {
    if (whole_tasks_) {
      fail_whole(scope, f);
      return;
    }
    scope.end = f.index;
    scope.next = f.index;
    scope.exclusive = false; // it is not the whole batch any more
    if (f.index > scope.begin)
      inner_->run(scope);
    if (scope.next < f.index || (scope.stop_at_first_failure && !scope.failures.empty()))
      return;
    scope.failures.push_back(
        {f.index, f.what == fault::hangs ? failure_kind::timeout : failure_kind::error, cause(f)});
    scope.threw = f.what == fault::throws;
    scope.next = f.index + 1;
  }

  std::unique_ptr<operator_logic> inner_;
  std::shared_ptr<fault_plan> plan_;
  std::uint32_t node_;
  bool whole_tasks_;
  bool apart_;
};

} // namespace

operator_factory with_faults(operator_factory make, std::shared_ptr<fault_plan> plan, std::uint32_t node,
                             bool whole_tasks, bool apart) {
  return [make = std::move(make), plan = std::move(plan), node, whole_tasks, apart] {
    return std::make_unique<faulty_logic>(make(), plan, node, whole_tasks, apart);
  };
}

} // namespace detail
} // namespace weir
