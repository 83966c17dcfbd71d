#pragma once

// Watches a run: takes an observation a second, and answers for it on an admin listener.
//
//     running job = host.start(flow);
//     run_observer seen{job, {.version = "1.0"}};
//     admin listener{{…}, seen.target()};
//     listener.start();
//     …
//     listener.stop();   // before `seen` goes
//
// Reading a run costs some microseconds a node and second, and nothing that its records wait for. Thread-safe
// but for construction and destruction.

#include <weir/observe/admin.hpp>
#include <weir/observe/monitor.hpp>
#include <weir/runtime/engine.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace weir {

struct observer_options {
  std::string version; ///< of the program
  /// What POST /api/v1/drain allows for it. 0 = without limit. Default 30 s.
  duration drain_timeout = std::chrono::seconds{30};
  /// Further figures for /metrics, as Prometheus text (see exporter_metrics). Empty = none.
  std::function<std::string()> more_metrics = {};
  /// GET /api/v1/cluster (see cluster::coordinator::json). Empty = no cluster: it answers
  /// without a name or members.
  std::function<std::string()> cluster_json = {};
};

class run_observer {
 public:
  explicit run_observer(running job, observer_options options = {});
  ~run_observer();
  run_observer(const run_observer&) = delete;
  run_observer& operator=(const run_observer&) = delete;

  const monitor& figures() const noexcept { return monitor_; }
  /// What an admin listener asks; refers to this object.
  admin_target target();
  /// True once when a drain was asked for over the listener.
  bool drain_was_asked();

 private:
  void watch();
  std::pair<std::string, std::uint64_t> stream(std::uint64_t after);

  running job_;
  observer_options options_;
  monitor monitor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  bool drain_asked_ = false;
  std::thread thread_;
};

} // namespace weir
