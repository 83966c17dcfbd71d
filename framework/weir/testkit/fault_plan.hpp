#pragma once

// Who decides which fault a task meets: scripted ones first, then chance. One a simulation or probe;
// single-threaded.

#include <weir/node/definition.hpp>
#include <weir/record/record_id.hpp>
#include <weir/testkit/faults.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

/// A fault for the run of one task, as its logic meets it.
struct task_fault {
  fault what = fault::none;
  std::uint32_t index = 0; ///< the record at fault
  std::optional<error> why;
};

class fault_plan {
 public:
  fault_plan(std::uint64_t seed, fault_rates rates, std::size_t nodes)
      : random_(seed), rates_(rates), scripted_(nodes) {}

  /// The node's next tasks meet these, one each, before chance has its turn.
  void script(std::uint32_t node, fault what, std::optional<error> why = {}) {
    scripted_[node].push_back({what, 0, std::move(why)});
  }
  /// `own_time`: the worker is apart from its node, so it may hang, be slow, or die; `can_hang`: it has a
  /// timeout.
  task_fault draw(std::uint32_t node, std::uint32_t begin, std::uint32_t end, bool own_time, bool can_hang);

  bool chance(double p) { return p > 0 && std::uniform_real_distribution<double>{}(random_) < p; }
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
  duration up_to(duration most) { return duration{static_cast<duration::rep>(below(most.count() + 1))}; }
  const fault_rates& rates() const noexcept { return rates_; }

  /// The fault that a simulated worker wants its logic to meet in the run that it makes now.
  std::optional<task_fault> pending;
  /// Records that were processed although nobody heard of it: side effects of theirs may come again.
  std::set<std::pair<std::uint32_t, record_id>> unheard;
  std::function<void(std::string_view)> trace; ///< told of every fault
  std::vector<std::uint64_t> drawn = std::vector<std::uint64_t>(fault_kinds);

  void note_unheard(std::uint32_t node, const batch& b, std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t i = begin; i < end; ++i)
      unheard.emplace(node, b.id(i));
  }

 private:
  std::mt19937_64 random_;
  fault_rates rates_;
  std::vector<std::deque<task_fault>> scripted_;
};

/// The node's code, with the plan's faults in it. `apart`: a simulated worker draws for it.
operator_factory with_faults(operator_factory make, std::shared_ptr<fault_plan> plan, std::uint32_t node,
                             bool whole_tasks, bool apart);

} // namespace weir::detail
