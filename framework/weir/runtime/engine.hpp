#pragma once

// Running workflows.
//
//     weir::run_result r = weir::run(wf);                  // to its end
//
//     weir::engine engine;                                 // or with a hand on it
//     weir::running job = engine.start(wf);
//     job.drain(30s);                                      // stop the sources, deliver what is in flight
//     weir::run_result r = job.wait();
//
// The library installs no signal handler and never ends the process. All calls are thread-safe.

#include <weir/base/clock.hpp>
#include <weir/base/event_log.hpp>
#include <weir/base/result.hpp>
#include <weir/runtime/observation.hpp>
#include <weir/runtime/record_tap.hpp>
#include <weir/runtime/replay_result.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/supervision/health.hpp>
#include <weir/workflow/workflow.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct engine_options {
  /// Threads of the scheduler that `shared` nodes run on. 0 = one a processor. Default 0.
  std::uint32_t threads = 0;
};

namespace detail {
class engine_state;
class remote_places;
class run_state;
class running_state;
} // namespace detail

struct start_options {
  /// Workers on other hosts: see weir/cluster/coordinator.hpp, which gives it. Null: all are here.
  std::shared_ptr<detail::remote_places> elsewhere = {};
  /// It begins with running::resume(): sources are not asked before.
  bool paused = false;
};

/// A run in progress, or ended. A handle: copies mean the same run. The last handle gone does not stop the
/// run.
class running {
 public:
  explicit running(std::shared_ptr<detail::running_state> state) : state_(std::move(state)) {}

  /// Waits for the end.
  run_result wait();
  /// Waits at most this long; true when the run has ended.
  bool wait_for(duration most);
  /// Stops the sources and delivers what is in flight; after `deadline` what is left is given up and listed
  /// in run_result::undelivered. 0 = no deadline. Returns at once.
  void drain(duration deadline);
  /// Stops everything at once.
  void stop();
  /// Every node has started and none is in an outage.
  bool ready() const;
  /// How every node is doing, now.
  std::vector<node_health> health() const;
  /// The figures of every node, now.
  std::vector<node_result> figures() const;
  /// All that can be seen from outside, now.
  observation observe() const;
  /// Its last 1,000 events that came after number `after`; see event_log.
  std::vector<event> events(std::uint64_t after = 0) const;
  /// The last dead letters, 10,000 at most.
  std::vector<dead_letter> dead_letters() const;
  /// Gives dead letters back to the nodes that gave them up, to be tried as if they were new: those with
  /// these ids (none: all that are kept), of this node (empty: any). They go the way of any record, by key
  /// and through retries, and are no dead letters unless they fail again; they neither count towards
  /// max_dead_letters then nor begin an outage. Refused, with the reason: letters without a record (input
  /// that a source rejected; the oldest, where the records of all take more than 16 MiB or an eighth of the
  /// memory budget), and those of nodes that have had all their input. What a dead-letter sink has written
  /// stays written.
  replay_result replay(std::span<const std::string> ids = {}, std::string_view node = {});
  /// A sample of the records that the node hands on from now on (a sink: takes). Fails where there is no such
  /// node, the run has ended, or `most_taps` look already.
  result<std::shared_ptr<record_tap>> tap(std::string_view node, tap_options options = {});
  /// Sources are not asked for more until resume(); what is in flight goes on. Draining ends a pause.
  void pause();
  void resume();
  bool ended() const;

 private:
  std::shared_ptr<detail::running_state> state_;
};

class engine {
 public:
  explicit engine(engine_options options = {});
  /// Stops what still runs.
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Starts a workflow. One with mistakes does not start: its run has ended already, with status `invalid`
  /// and every mistake in run_result::errors.
  running start(const workflow& w, start_options options = {});

 private:
  std::unique_ptr<detail::engine_state> state_;
};

/// Starts a workflow on an engine of its own and waits for its end.
run_result run(const workflow& w, engine_options options = {});

} // namespace weir
