#pragma once

// A host's workers for its coordinator: takes orders and tasks from a host_session, runs worker cores, sends
// what they answer. Its counterpart is remote_workers.
//
// When the membership ends, whichever way, its workers are let go of and what they still answer is dropped:
// a number belongs to one membership. Messages are taken as long as the tasks in hand are bounded; those that
// are not hold up the coordinator.
//
// It knows no socket, thread or clock: threads are `worker_floor`'s. One driver calls it, one call at a time;
// workers answer from any thread. Thread-safe.

#include <weir/cluster/placement.hpp>
#include <weir/cluster/session.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/runtime/worker_thread.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace weir::cluster {

/// Where workers run.
struct worker_floor {
  /// Starts one; its answers go into the gate, from any thread.
  std::function<std::unique_ptr<detail::worker_handle>(std::unique_ptr<detail::worker_core>,
                                                       std::shared_ptr<detail::answer_gate>)>
      start;
  /// See watchdog::watch.
  std::function<void(const std::shared_ptr<detail::watched_call>&, duration timeout, duration grace,
                     std::function<void()> hung)>
      watch;
};

struct hosted_workers_options {
  cluster_identity identity{};
  host_identity host{};
  std::size_t seeds = 1;
  membership_options membership{};
  link_limits limits{};
  std::uint64_t seed = 1; ///< of jitter
  /// Bytes of tasks taken and not answered, above which no more are taken. Default 256 MiB.
  std::size_t most_in_hand = std::size_t{256} << 20U;
};

class hosted_workers {
 public:
  /// `run`: of the same workflow as the coordinator's, as fingerprint_of tells; nothing of it is started.
  hosted_workers(std::shared_ptr<detail::run_state> run, const workflow& w, worker_floor floor,
                 hosted_workers_options options);
  /// Lets go of all workers.
  ~hosted_workers();
  hosted_workers(const hosted_workers&) = delete;
  hosted_workers& operator=(const hosted_workers&) = delete;

  /// Called, from any thread, when a worker has answered: the driver is to go_on(). Before anything else.
  void when_writing(std::function<void()> call);

  // ---- the driver; see host_session
  void link_opened(link_id link, time_point now);
  void unreachable(error why, time_point now);
  void link_closed(link_id link, time_point now);
  void received(link_id link, std::shared_ptr<const bytes> frame, time_point now);
  /// At due(), or later.
  void look(time_point now);
  time_point due() const;
  void go_on(time_point now);
  std::optional<std::size_t> to_connect();
  std::deque<session_write> take_writes();
  std::deque<host_event> take_events();

  /// Finishes what it has and leaves: host_event::ended tells when.
  void leave(time_point now);
  bool joined() const;
  bool ended() const;
  /// Workers there are, and of these in a task.
  struct load {
    std::uint32_t workers = 0;
    std::uint32_t busy = 0;
  };
  load workers() const;
  /// More workers hang than the workflow allows to leave behind: this process is worn out and should end.
  std::optional<error> worn_out() const;

 private:
  struct state;
  template <class Event>
  void bring(Event event);
  std::shared_ptr<state> state_; ///< workers that are left behind refer to it weakly
};

} // namespace weir::cluster
