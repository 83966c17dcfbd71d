#pragma once

// The dispatcher of a node: cuts batches into tasks, hands them to workers, keeps each in its ledger until it
// is committed, retries what failed, and decides what becomes a dead letter. A plain state machine on virtual
// time: it sends nothing and knows no thread, so the same code runs behind an actor, in sequential mode and
// in tests.
//
// Invariants:
//  - every record of an offered batch is, at any time, in exactly one of: a queue, the ledger (one task), a
//  retry,
//    an ordered segment that holds its outputs, or decided (outputs in `ready`, or a dead letter, or dropped
//    on purpose); a batch's demand is granted back once.
//  - outputs of an answer are committed in one step with its acknowledgement; an answer whose incarnation is
//  not the
//    worker's present one is dropped whole.
//  - keyed: a worker's partition is one serial lane; a record that waits for its retry holds its lane.
//  Ordered:
//    segments are released from the front only. So what waits is bounded by what was offered.
//
// Single-threaded: owned by the node.

#include <weir/node/dead_letter.hpp>
#include <weir/node/definition.hpp>
#include <weir/runtime/worker_core.hpp>
#include <weir/supervision/figures.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <tuple>
#include <vector>

namespace weir::detail {

/// A record on its way to the dead letters.
struct failed_record {
  batch_ptr batch;
  std::uint32_t index;
  record_failure why;
  std::uint32_t attempts;
  time_point first_seen;
};

struct dispatcher_options {
  node_options node{};
  retry_policy retry{};
  bool keyed = false;
  bool ordered = false;
  bool whole_tasks = false;
  bool is_sink = false;
  bool metrics = true;
  std::uint64_t seed = 1;
};

class dispatcher {
 public:
  dispatcher(dispatcher_options options, node_figures& figures);

  // ---- input
  // ---------------------------------------------------------------------------------------------------
  /// A batch from `edge`, for partition `lane` (0 where the node is not keyed).
  void offer(batch_ptr batch, std::uint32_t edge, std::uint32_t lane, time_point now);
  /// No batch will be offered any more.
  void end_input() noexcept { input_ended_ = true; }
  bool input_ended() const noexcept { return input_ended_; }

  // ---- workers
  // -------------------------------------------------------------------------------------------------
  /// A worker's place. Its first task makes its node object.
  void add_worker(std::uint32_t worker, std::shared_ptr<current_index> current);
  std::size_t workers() const noexcept { return workers_.size(); }
  std::uint32_t incarnation(std::uint32_t worker) const { return workers_[worker].incarnation; }
  /// The next task for a worker that has room for one, if there is any. It is in the ledger from here on.
  std::optional<task> assign(std::uint32_t worker, time_point now);
  /// Work that is waiting while every worker is busy: a pool may grow.
  bool wants_worker(time_point now) const noexcept;
  /// Commits an answer. False when it was of an old incarnation and dropped.
  bool commit(answer a, time_point now);
  /// Looks at timeouts. Asks tasks to stop that ran out of time; answers the workers that must be abandoned:
  /// the caller replaces each and calls replace_worker.
  std::vector<std::uint32_t> overdue(time_point now);
  /// The old worker is given up: what it had goes back to the queue, its record of the moment has failed.
  void replace_worker(std::uint32_t worker, std::shared_ptr<current_index> current, time_point now);
  /// When assign or overdue should be called again without other cause, given that both were called at `now`;
  /// nothing = never.
  std::optional<time_point> due(time_point now) const noexcept;

  // ---- outcome: taken by the caller after each call above
  // -------------------------------------------------------
  struct output {
    std::uint32_t port;
    batch_ptr batch;
  };
  std::deque<output>& ready() noexcept { return ready_; }
  std::vector<failed_record>& dead() noexcept { return dead_; }
  std::vector<std::uint32_t>& granted() noexcept { return granted_; } ///< edges whose batch is finished
  struct settled_records {
    std::uint32_t edge;
    std::uint64_t records;
  };
  std::vector<settled_records>& settled() noexcept { return settled_; }
  /// A failure that no retry of ours mends: the run must end.
  std::optional<error>& fatal() noexcept { return fatal_; }

  /// Records neither decided nor committed: what is lost if the node is stopped now.
  std::uint64_t in_hand() const noexcept { return in_hand_; }
  /// Records that no worker has yet.
  std::uint64_t queued() const noexcept { return queued_; }
  /// There may be something for a worker to do.
  bool has_work() const noexcept;
  /// Some worker has a task.
  bool busy() const noexcept { return busy_ > 0; }
  /// Everything offered is decided.
  bool idle() const noexcept { return in_hand_ == 0 && busy_ == 0; }
  /// The input has ended, all is decided and every worker has drained.
  bool finished() const noexcept;

 private:
  struct input {
    batch_ptr batch;
    std::uint32_t edge;
    std::uint32_t undecided;
    std::uint32_t waiting = 0; ///< of these, waiting for a retry
    bool granted = false;
  };
  /// Ordered: what a slice came to, until all before it has been released.
  struct segment {
    std::vector<std::vector<batch_ptr>> outputs;
    std::shared_ptr<input> from;
    std::uint32_t records = 0;
    bool done = false;
  };
  using segments = std::list<segment>;
  struct slice {
    std::shared_ptr<input> from;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t attempt = 1;
    time_point first_seen{};
    segments::iterator place{};
    std::uint32_t size() const noexcept { return end - begin; }
  };
  struct lane {
    std::deque<slice> queue;
    time_point blocked_until{};
    bool serving = false; ///< keyed: its worker has a task
  };
  struct retry {
    time_point when;
    std::uint64_t number; ///< first come, first served among equals
    slice what;
    friend bool operator>(const retry& a, const retry& b) noexcept {
      return std::tie(a.when, a.number) > std::tie(b.when, b.number);
    }
  };
  enum class worker_state : std::uint8_t { made, starting, ready, in_timer, draining, drained };
  /// Busy with a call of its own instead of a task.
  static bool is_own(worker_state s) noexcept {
    return s == worker_state::starting || s == worker_state::in_timer || s == worker_state::draining;
  }
  struct handed {
    std::uint64_t id;
    slice what;
    std::stop_source stop{std::nostopstate};
  };
  struct worker {
    worker_state state = worker_state::made;
    std::uint32_t incarnation = 0;
    std::deque<handed> ledger;
    std::shared_ptr<current_index> current;
    std::uint32_t seen_index = no_index;
    time_point since{};
    time_point stop_asked{};
    std::uint64_t own_task = 0; ///< its start, timer or drain
    std::optional<time_point> timer;
  };

  bool serial() const noexcept { return options_.keyed || options_.ordered; }
  std::size_t room(const worker& w) const noexcept;
  std::uint32_t task_size(const lane& l) const noexcept;
  std::optional<slice> next_slice(std::uint32_t worker, time_point now);
  void settle(const slice& s, std::uint32_t records);
  void release_ordered();
  void put_outputs(slice& s, answer& a, time_point now);
  void fail_record(slice s, std::uint32_t index, record_failure why, time_point now, std::uint32_t worker);
  void fail_whole(slice s, error why, bool timed_out, time_point now, std::uint32_t worker);
  void wait_for_retry(slice s, time_point when, std::uint32_t worker);
  void requeue_front(slice s, std::uint32_t worker);
  lane& lane_of(std::uint32_t worker) { return lanes_[options_.keyed ? worker : 0]; }
  bool nothing_left() const noexcept;

  dispatcher_options options_;
  node_figures& figures_;
  std::vector<lane> lanes_;
  std::vector<retry> retries_; // a heap, earliest first
  segments segments_;
  std::vector<worker> workers_;
  std::minstd_rand random_;
  std::uint64_t next_id_ = 1;
  std::uint64_t in_hand_ = 0;
  std::uint64_t queued_ = 0;
  std::uint32_t busy_ = 0;
  bool input_ended_ = false;
  double ns_per_record_ = 0;
  std::deque<output> ready_;
  std::vector<failed_record> dead_;
  std::vector<std::uint32_t> granted_;
  std::vector<settled_records> settled_;
  std::optional<error> fatal_;
};

} // namespace weir::detail
