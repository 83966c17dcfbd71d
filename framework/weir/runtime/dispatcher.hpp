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
//  - a batch lent to be changed in place is one whole slice, held here and by its worker only; when it comes
//    back it is output, and the records that failed are in a batch of their own.
//  - outage: while everything fails, no record becomes a dead letter for it (see suspicious()); one task at a
//    time probes whether the world outside is back.
//
// Single-threaded: owned by the node.

#include <weir/base/event_log.hpp>
#include <weir/node/dead_letter.hpp>
#include <weir/node/definition.hpp>
#include <weir/runtime/pool_size.hpp>
#include <weir/runtime/worker_core.hpp>
#include <weir/supervision/failure_accounts.hpp>
#include <weir/supervision/figures.hpp>
#include <weir/supervision/restart_intensity.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::detail {

class run_traces;
struct traced_batch;

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
  /// Whole batches that nobody else reads may be lent to be changed in place: its workers are never lost with
  /// a task in hand, but for want of memory.
  bool may_lend = false;
  bool metrics = true;
  std::uint64_t seed = 1;
  std::shared_ptr<run_traces> traces = {}; ///< null: tracing is off
  std::uint32_t index = 0;                 ///< of the node, for its spans
  dead_letter_limit max_dead_letters{.share = 1};
};

/// A worker is gone with so many records in its state.
error state_lost(std::uint64_t records);

class dispatcher {
 public:
  dispatcher(dispatcher_options options, node_figures& figures);

  // ---- input
  // ---------------------------------------------------------------------------------------------------
  /// A batch from `edge`, for partition `lane` (0 where the node is not keyed).
  void offer(batch_ptr batch, std::uint32_t edge, std::uint32_t lane, time_point now);
  /// A record that was given up is tried again, as if it were new; it was counted as received before.
  void offer_again(batch_ptr batch, std::uint32_t index, std::uint32_t lane, time_point now);
  /// Of these, not decided yet. They are in no edge's books.
  std::uint64_t replays_in_hand() const noexcept { return replays_in_hand_; }
  /// No batch will be offered any more.
  void end_input() noexcept { input_ended_ = true; }
  bool input_ended() const noexcept { return input_ended_; }

  // ---- workers
  // -------------------------------------------------------------------------------------------------
  /// A worker's place. Its first task makes its node object.
  void add_worker(std::uint32_t worker, std::shared_ptr<call_marks> marks);
  std::size_t workers() const noexcept { return workers_.size(); }
  /// The incarnation of the next worker that is added: none that a retired one had.
  std::uint32_t first_incarnation() const noexcept { return first_incarnation_; }
  std::uint32_t incarnation(std::uint32_t worker) const { return workers_[worker].incarnation; }
  /// The next task for a worker that has room for one, if there is any. It is in the ledger from here on.
  std::optional<task> assign(std::uint32_t worker, time_point now);
  /// Work that is waiting while every worker is busy: a pool may grow.
  bool wants_worker(time_point now) const noexcept;
  /// A pool that was little used retires its last worker: it takes no more tasks, and drains.
  void consider_size(time_point now);
  bool retires_last() const noexcept { return retiring_; }
  /// The last worker has retired: the caller lets go of it. Asked once.
  bool take_retired(time_point now);
  /// Whether it is about nothing but the records of its task: what another process says may be anything.
  bool fits(const answer& a) const noexcept;
  /// Commits an answer, which fits. False when it was of an old incarnation and dropped.
  bool commit(answer a, time_point now);
  /// What the worker's successor is told about its end.
  crash_report crash_of(std::uint32_t worker, failure_kind kind, error why, time_point now) const;
  /// The old worker is given up, as hung (timeout) or dead (crash): what it had goes back to the queue, its
  /// record of the moment has failed. The new one has the next incarnation.
  void replace_worker(std::uint32_t worker, std::shared_ptr<call_marks> marks, failure_kind kind, error why,
                      time_point now);
  /// Too many restarts: all workers must be made anew, each with rebuild_worker. Asked once.
  bool take_rebuild() noexcept { return std::exchange(rebuild_, false); }
  /// The worker is let go without fault; what it had goes back to the queue.
  void rebuild_worker(std::uint32_t worker, std::shared_ptr<call_marks> marks, time_point now);
  /// Waiting for the world outside.
  bool in_outage() const noexcept { return outage_.has_value(); }
  const error* outage_cause() const noexcept { return outage_ ? &outage_->why : nullptr; }
  /// The last attempt or worker that failed since this was last asked.
  std::optional<std::pair<failure_kind, error>> take_failure() {
    return std::exchange(last_failure_, std::nullopt);
  }
  // Workers on other hosts.
  /// How many tasks it may have in hand: on another host, enough to bridge the way. 0 = as workers here.
  void set_depth(std::uint32_t worker, std::uint32_t tasks) { workers_[worker].depth = tasks; }
  /// Its host is lost: what it had goes back to the queue, blamed on nobody. Its number stays vacant.
  void vacate_worker(std::uint32_t worker);
  /// It takes no more tasks, and drains. Once dismissed() its number is vacant.
  void dismiss_worker(std::uint32_t worker);
  bool dismissed(std::uint32_t worker) const {
    return workers_[worker].leaving && workers_[worker].state == worker_state::drained;
  }
  bool vacant(std::uint32_t worker) const { return workers_[worker].vacant; }
  /// A new worker under a vacant number.
  void occupy_worker(std::uint32_t worker, std::shared_ptr<call_marks> marks);
  /// When assign should be called again without other cause, given that it was called at `now`; nothing =
  /// never.
  std::optional<time_point> due(time_point now) const noexcept;

  // ---- outcome: taken by the caller after each call above
  // -------------------------------------------------------
  struct output {
    std::uint32_t port;
    batch_ptr batch;
  };
  std::deque<output>& ready() noexcept { return ready_; }
  std::vector<failed_record>& dead() noexcept { return dead_; }
  /// A batch that is finished, as far as its edge is concerned.
  struct grant {
    std::uint32_t edge;
    std::uint32_t lane; ///< as offered
  };
  std::vector<grant>& granted() noexcept { return granted_; }
  struct settled_records {
    std::uint32_t edge;
    std::uint64_t records;
  };
  std::vector<settled_records>& settled() noexcept { return settled_; }
  /// Restarts, escalations, outages; who takes them adds the node's name.
  std::vector<event>& news() noexcept { return news_; }
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
    std::uint64_t first = 0;   ///< number of its first record among all that were offered
    std::uint32_t waiting = 0; ///< of these, waiting for a retry
    std::uint32_t lane = 0;    ///< as offered
    bool granted = false;
    bool replayed = false;                     ///< one record of the batch, given up before
    std::shared_ptr<traced_batch> traced = {}; ///< null: nobody in it is traced
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
    bool careful = false; ///< a worker died of it, nobody knows at which record: see task::careful
    time_point first_seen{};
    std::optional<time_point> first_failure;
    std::uint64_t successes = 0; ///< of the node before it first failed
    bool suspected = false;      ///< held back: what it fails of may be an outage
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
    bool lent; ///< its batch may be changed by now
  };
  struct worker {
    worker_state state = worker_state::made;
    std::uint32_t incarnation = 0;
    std::deque<handed> ledger;
    std::shared_ptr<call_marks> marks;
    time_point not_before{};      ///< it may start
    std::uint32_t restarts = 0;   ///< in all
    std::uint32_t in_a_row = 0;   ///< without a task that went well between
    std::uint64_t aggregated = 0; ///< records in its state
    bool started = false;         ///< some object of it has started
    std::uint64_t own_task = 0;   ///< its start, timer or drain
    std::optional<time_point> timer;
    std::uint32_t depth = 0; ///< see set_depth
    bool leaving = false;
    bool vacant = false;
  };
  struct outage {
    error why;
    time_point until; ///< the next probe
  };

  void enqueue(slice s, std::uint32_t offered_lane, time_point now);
  bool serial() const noexcept { return options_.keyed || options_.ordered; }
  std::size_t room(const worker& w) const noexcept;
  std::uint32_t task_size(const lane& l) const noexcept;
  std::optional<slice> next_slice(std::uint32_t worker, time_point now);
  void settle(const slice& s, std::uint32_t records);
  void release_ordered();
  void put_outputs(slice& s, answer& a, time_point now);
  void commit_own(worker& w, answer& a, time_point now);
  void commit_run(slice s, answer& a, time_point now);
  void fail_record(slice s, std::uint32_t index, record_failure why, time_point now, std::uint32_t worker);
  void count_failure(failure_kind kind, std::uint64_t attempts, const error& why);
  void fail_whole(slice s, error why, failure_kind kind, time_point now, std::uint32_t worker);
  void halve(slice s, std::uint32_t worker);
  /// When the slice is to be tried again, if ever; counts the failure.
  std::optional<time_point> next_attempt(slice& s, const error& why, time_point now);
  bool suspicious(slice& s, const error& why, time_point now);
  void begin_outage(const error& why, time_point until);
  void succeeded(std::uint64_t records, time_point now);
  void restarted(worker& w, restart_reason reason, const error& why, time_point now);
  slice take_back(std::uint32_t worker, std::shared_ptr<call_marks> marks);
  void start_failed(worker& w, error why, time_point now);
  double random() { return std::uniform_real_distribution<double>{}(random_); }
  void wait_for_retry(slice s, time_point when, std::uint32_t worker);
  void requeue_front(slice s, std::uint32_t worker);
  /// What the worker is served from: its own lane, or the one they all share.
  lane& lane_of(std::uint32_t worker) { return lanes_[first_lane_ + worker * lane_step_]; }
  bool nothing_left() const noexcept;
  void show_queue() noexcept;
  void note_progress(time_point now) noexcept;
  bool elastic() const noexcept;
  bool retires(std::uint32_t worker) const noexcept {
    return (retiring_ && worker + 1 == workers_.size()) || workers_[worker].leaving;
  }
  void show_workers() noexcept;
  void now_busy(time_point now) noexcept;
  void show(std::uint32_t worker, time_point now) noexcept;

  // dispatcher_policies.cpp: pools whose tasks are dealt to workers. Lane 0 is then what was not dealt yet,
  // lane 1 + w what worker w is to do next.
  void deal(std::uint32_t asking);
  void deal_out();
  void gather();
  void take_from_busy(std::uint32_t idle);
  std::uint32_t lane_offered(std::uint32_t lane) const noexcept;
  static bool dealt_to(const worker& w) noexcept;
  std::uint64_t load(std::uint32_t worker) const noexcept;
  std::optional<std::uint32_t> choose(const std::vector<std::uint64_t>& loads);
  slice cut_front(lane& l, std::uint32_t most);

  dispatcher_options options_;
  node_figures& figures_;
  std::vector<lane> lanes_;
  bool deals_ = false;           ///< the policy is not pull
  bool deal_again_ = false;      ///< the workers to choose from have changed
  std::uint32_t first_lane_ = 0; ///< see lane_of
  std::uint32_t lane_step_ = 0;
  std::uint32_t turn_ = 0;     ///< who was dealt to last
  std::vector<retry> retries_; // a heap, earliest first
  segments segments_;
  std::vector<worker> workers_;
  std::minstd_rand random_;
  std::uint64_t next_id_ = 1;
  std::uint64_t in_hand_ = 0;
  std::uint64_t queued_ = 0;
  std::uint64_t offered_ = 0;
  std::uint64_t replays_in_hand_ = 0;
  std::uint32_t busy_ = 0;
  pool_size size_;
  bool retiring_ = false; ///< the last worker
  std::uint32_t leaving_ = 0;
  std::uint32_t vacant_ = 0;
  std::uint32_t first_incarnation_ = 0;
  bool input_ended_ = false;
  double ns_per_record_ = 0;
  std::uint64_t bytes_per_record_ = 0; ///< of the last batch
  retry_tokens tokens_;
  dead_letter_share share_;
  restart_intensity worker_restarts_;
  restart_intensity node_restarts_;
  bool rebuild_ = false;
  std::optional<outage> outage_;
  std::optional<std::pair<failure_kind, error>> last_failure_;
  std::uint64_t successes_ = 0;        ///< records processed well
  std::uint64_t successes_before_ = 0; ///< the same before the answer in hand
  std::uint32_t suspects_ = 0;         ///< records held back since the last success
  std::string suspect_cause_;
  std::deque<output> ready_;
  std::vector<failed_record> dead_;
  std::vector<grant> granted_;
  std::vector<settled_records> settled_;
  std::vector<event> news_;
  std::optional<error> fatal_;
};

} // namespace weir::detail
