#include <weir/runtime/caf/machine.hpp>

#include <weir/runtime/caf/coordinator.hpp>
#include <weir/runtime/caf/scheduler_policy.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace weir::detail {

namespace {
constexpr duration patience = std::chrono::seconds{5}; // with user code after the order to stop
}

machine::config::config(std::uint32_t threads) { configure(*this, scheduler_policy::weir, threads); }

machine::machine(std::uint32_t threads) : config_(threads), system_(config_) {}

caf::execution_unit* machine::home(std::size_t number) noexcept {
  return &static_cast<coordinator&>(system_.scheduler()).home(number);
}

void machine::end_anyway(std::shared_ptr<run_state> run) {
  at(later(time_->now(), patience), [run = std::move(run)] {
    if (run->completed())
      return;
    std::string nodes;
    for (const node_result& n : run->snapshot())
      if (n.busy_workers > 0)
        nodes += (nodes.empty() ? "node '" : ", '") + n.id + "'";
    run->end_by_force(
        permanent("user code did not return within " + to_text(patience) + " of the order to stop", nodes,
                  "give the node isolation 'thread' and a timeout"));
  });
}

} // namespace weir::detail
