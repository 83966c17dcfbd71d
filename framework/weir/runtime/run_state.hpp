#pragma once

// What all parts of one run share: the plan, edges, figures, budget, and how it ends. Made before the first
// actor, kept by shared pointers until the last of them (an abandoned worker thread included) is gone.
// Thread-safe where it is written after the start: figures, edges, the ending.

#include <weir/base/byte_budget.hpp>
#include <weir/base/clock.hpp>
#include <weir/base/event_log.hpp>
#include <weir/runtime/concurrency_limit.hpp>
#include <weir/runtime/edge.hpp>
#include <weir/runtime/node_tap.hpp>
#include <weir/runtime/observation.hpp>
#include <weir/runtime/replay.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/supervision/figures.hpp>
#include <weir/supervision/health.hpp>
#include <weir/workflow/workflow.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::detail {

class run_traces;

/// Counts detached threads. Apart from the run's state, so that a thread can let go of that before it counts
/// itself out. Thread-safe.
class thread_count {
 public:
  void began();
  void ended();
  /// True when all but `hung` had ended within `most`.
  bool wait_for_all_but(std::uint32_t hung, duration most);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t threads_ = 0;
};

class process_nursery;
class remote_places;

class run_state {
 public:
  run_state(const workflow& w, std::shared_ptr<const clock> time);

  // The plan, read-only.
  std::string name;
  workflow_settings settings;
  std::vector<named_node> nodes;
  std::vector<std::unique_ptr<edge>> edges;
  std::vector<std::unique_ptr<node_figures>> figures;
  std::shared_ptr<const resource_set> resources;
  std::shared_ptr<const clock> time;
  std::shared_ptr<byte_budget> budget;
  std::shared_ptr<dead_letter_sink> dead_letters;
  letter_shelf shelf;                                 ///< the last ones, for the result and for replay
  std::vector<std::unique_ptr<replay_queue>> replays; ///< by node
  std::vector<std::shared_ptr<node_tap>> taps;        ///< by node
  std::shared_ptr<run_traces> traces;                 ///< null: tracing is off
  concurrency_limit concurrency;
  time_point started;
  event_log events;
  std::atomic<bool> paused{false};          ///< sources are not polled
  std::shared_ptr<process_nursery> nursery; ///< null: no node has workers in processes. Set before the start
  std::shared_ptr<remote_places> remote;    ///< null: every worker is here. Set before the start

  /// Keeps dead letters: in the workflow's sink and, with their records, on the shelf. When it fails they
  /// stay with the caller.
  result<> bury(std::vector<shelved_letter>& letters);
  /// See running::replay; the nodes must be told.
  replay_result replay(std::span<const std::string> ids, std::string_view node);
  /// Why the node is in outage, or was last.
  void note_cause(std::uint32_t node, const error& why);
  /// What of the node failed last, just now.
  void note_failure(std::uint32_t node, failure_kind kind, const error& why);
  std::vector<node_health> health() const;
  /// Every node has started and none is in an outage.
  bool ready() const;
  observation observe() const;

  // The ending.
  void fail(error why, run_status status);
  void ask(run_status status); ///< how the run will have ended if nothing fails: drained, stopped…
  void complete();
  /// The run ends although user code still hangs on the scheduler: its threads are lost to the process.
  void end_by_force(error why);
  bool ended_by_force() const;
  bool wait_until(std::chrono::steady_clock::time_point deadline);
  bool completed() const;
  run_result take_result();
  std::vector<node_result> snapshot() const;
  std::vector<undelivered_records> undelivered() const;

  /// Hung workers left behind.
  std::atomic<std::uint32_t> abandoned{0};
  /// Worker threads that have not returned yet, these included.
  std::shared_ptr<thread_count> threads = std::make_shared<thread_count>();

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool completed_ = false;
  std::optional<run_status> status_;
  std::vector<error> errors_;
  std::vector<error> causes_; ///< by node
  struct failure {
    failure_kind kind;
    std::string why;
    time_point at;
  };
  std::vector<std::optional<failure>> last_failures_; ///< by node
  bool forced_ = false;
  time_point ended_{};
};

struct worker_setup;
/// What the workers of a node share. `serial`: they try nothing behind a record that failed.
std::shared_ptr<worker_setup> make_worker_setup(const run_state& run, std::uint32_t node,
                                                operator_factory make, std::vector<port_info> outputs,
                                                bool serial);
/// The same for workers that are driven from another process: on threads, of a node without keys.
std::shared_ptr<worker_setup> make_worker_setup_elsewhere(const run_state& run, std::uint32_t node);

} // namespace weir::detail
