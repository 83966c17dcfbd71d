#include <weir/runtime/caf/scheduler_policy.hpp>

#include <weir/runtime/caf/coordinator.hpp>

#include <caf/atom.hpp>

#include <algorithm>
#include <thread>

namespace weir::detail {

void configure(caf::actor_system_config& config, scheduler_policy policy, std::uint32_t threads,
               std::size_t throughput) {
  if (threads == 0)
    threads = std::max(1U, std::thread::hardware_concurrency());
  config.set("scheduler.max-threads", static_cast<std::size_t>(threads));
  config.set("scheduler.max-throughput", throughput);
  switch (policy) {
  case scheduler_policy::weir:
    config.load<coordinator>();
    break;
  case scheduler_policy::caf_sharing:
    config.set("scheduler.policy", caf::atom("sharing"));
    break;
  case scheduler_policy::caf_stealing:
    config.set("scheduler.policy", caf::atom("stealing"));
    break;
  }
}

} // namespace weir::detail
