#include <weir/runtime/caf/machine.hpp>

#include <caf/atom.hpp>

#include <algorithm>
#include <thread>

namespace weir::detail {

machine::config::config(std::uint32_t threads) {
  if (threads == 0)
    threads = std::max(1U, std::thread::hardware_concurrency());
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", static_cast<std::size_t>(threads));
  set("scheduler.max-throughput", std::size_t{16});
}

machine::machine(std::uint32_t threads) : config_(threads), system_(config_) {}

} // namespace weir::detail
