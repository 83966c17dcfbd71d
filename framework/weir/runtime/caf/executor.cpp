#include <weir/runtime/caf/executor.hpp>

#include <caf/policy/work_stealing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <algorithm>
#include <thread>

namespace weir::detail {

namespace {

/// Work stealing without its unfairness: what is woken from inside goes to the workers in turn, like what is woken from
/// outside.
struct fair_stealing : caf::policy::work_stealing {
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    external_enqueue(self, job);
  }
};

} // namespace

executor::config::config(std::uint32_t threads) {
  load<caf::scheduler::coordinator<fair_stealing>>();
  if (threads == 0)
    threads = std::max(1U, std::thread::hardware_concurrency());
  set("scheduler.max-threads", static_cast<std::size_t>(threads));
  set("scheduler.max-throughput", std::size_t{16});
}

executor::executor(std::uint32_t threads) : config_(threads), system_(config_) {}

} // namespace weir::detail
