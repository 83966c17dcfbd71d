#pragma once

// A node at work, without its mailbox: input from edges, a dispatcher with its workers (or a source that is
// polled), fused steps behind it, output to edges under demand. The actor that owns it (or the sequential
// runner) is its host: it brings events in and carries out what the core asks for.
//
// Invariants: while any output waits for demand, no new task is handed out and no source is polled; the end
// of the stream is sent once, after all output; user code of `shared` nodes runs here, everything else on
// worker threads. Single-threaded.

#include <weir/runtime/dispatcher.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/runtime/split_end.hpp>

#include <atomic>
#include <compare>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace weir::detail {

/// A worker outside the core: takes tasks, answers to the host. Its destruction asks it to end and does not
/// wait.
class worker_handle {
 public:
  virtual ~worker_handle() = default;
  virtual void submit(task t) = 0;
  virtual std::shared_ptr<watched_call> call() const = 0;
  /// It hangs. True: it is left behind, and what others lent it is taken back; false: it has been ended.
  virtual bool abandon() { return true; }
};

/// On another host: see remote_places.hpp.
struct remote_place {
  std::uint64_t host = 0; ///< its incarnation
  std::uint32_t slot = 0;
  friend auto operator<=>(const remote_place&, const remote_place&) = default;
};

class node_host {
 public:
  virtual ~node_host() = default;
  /// A batch for the receiver of `e`.
  virtual void deliver(edge& e, batch_ptr batch, std::uint32_t lane) = 0;
  /// No batch will follow on `e`.
  virtual void deliver_end(edge& e) = 0;
  /// The sender of `e` waits for demand, and there is some.
  virtual void wake_sender(edge& e) = 0;
  /// Call advance() at `when`.
  virtual void wake_at(time_point when) = 0;
  /// Call advance() again, after other actors had their turn.
  virtual void wake_soon() = 0;
  /// Call advance() when the descriptor is readable.
  virtual void wake_when_readable(int descriptor) = 0;
  /// A function that makes the host call advance(); from any thread, also after the end.
  virtual std::function<void()> make_waker() = 0;
  /// Tasks run in the core's own turn, on a single worker.
  virtual bool runs_inline() const = 0;
  /// Workers may be given up while they are at a task.
  virtual bool loses_workers() const { return false; }
  /// A place for a worker, elsewhere.
  virtual std::unique_ptr<worker_handle> make_worker(std::unique_ptr<worker_core> core) = 0;
  /// Workers are processes of their own: make_process_worker() is asked for, not make_worker().
  virtual bool in_processes() const { return false; }
  virtual std::unique_ptr<worker_handle>
  make_process_worker(std::uint32_t /*worker*/, std::uint32_t /*incarnation*/, std::optional<crash_report>) {
    return nullptr;
  }
  /// A worker at a place on another host; only asked for where run_state::remote says that there are such.
  virtual std::unique_ptr<worker_handle> make_remote_worker(remote_place, std::uint32_t /*worker*/,
                                                            std::uint32_t /*incarnation*/,
                                                            std::optional<crash_report>) {
    return nullptr;
  }
  /// Watches a worker's calls. One that hangs is reported by worker_lost(), where it can be left behind; else
  /// the run ends by force.
  virtual void watch(const std::shared_ptr<watched_call>& call, std::uint32_t worker,
                     std::uint32_t incarnation) = 0;
  /// The node cannot go on: the run must end with this status.
  virtual void failed(error why, run_status status) = 0;
};

class node_core {
 public:
  node_core(std::shared_ptr<run_state> run, std::uint32_t node, node_host& host);
  ~node_core();

  /// Makes workers or the source; the first call counts.
  void start();
  void receive(edge& e, batch_ptr batch, std::uint32_t lane);
  void receive_end(edge& e);
  void answered(answer a);
  /// The worker hangs (timeout) or is dead (crash): another takes its place. Old news is ignored.
  void worker_lost(std::uint32_t worker, std::uint32_t incarnation, failure_kind kind, error why);
  /// A turn of the host begins: see turn_spent().
  void begin_turn() noexcept {
    turn_records_ = 0;
    looked_at_clock_ = false;
  }
  /// The turn has moved a full batch's worth of records: others should have theirs. What is left is asked for
  /// by node_host::wake_soon.
  bool turn_spent() const noexcept { return turn_records_ >= run_->settings.limits.max_records; }
  /// Does what can be done now, until the turn is spent. To be called after every event.
  void advance();
  /// Takes in what waits in its queue of replays.
  void replay();
  /// Sources: no further polls; what was emitted flows on.
  void drain();
  /// Gives up: counts what is in hand as undelivered, lets workers go.
  void stop();
  /// All done, the end has been sent.
  bool done() const noexcept { return done_; }
  /// Something threw outside a task: the node does nothing more, the run will end.
  void give_up(error why);

 private:
  struct stage;
  void make_stage(stage& s, std::uint32_t workers);
  void add_worker(stage& s);
  void resize(stage& s);
  std::shared_ptr<call_marks> place_worker(stage& s, std::uint32_t worker, std::uint32_t incarnation,
                                           std::optional<crash_report> last_crash);
  bool spreads() const;
  void follow_places(stage& s);
  std::unique_ptr<worker_core> make_core(stage& s, std::uint32_t worker, std::uint32_t incarnation,
                                         std::optional<crash_report> last_crash);
  std::unique_ptr<worker_handle> make_handle(stage& s, std::uint32_t worker, std::uint32_t incarnation,
                                             std::optional<crash_report> last_crash);
  void rebuild(stage& s);
  void note_time(time_point now);
  /// The time of this turn: read once, and again after user code.
  time_point now() {
    if (!std::exchange(looked_at_clock_, true))
      now_ = run_->time->now();
    return now_;
  }
  void now_is(time_point t) noexcept {
    now_ = t;
    looked_at_clock_ = true;
  }
  bool keep_waiting_letters();
  bool in_outage() const;
  bool work(stage& s, time_point until);
  bool run_inline(stage& s, time_point until);
  bool poll(time_point until);
  void open_source();
  bool emit_from_blocks(bool flush_now, time_point began, time_point now);
  void take_outcome(stage& s, std::optional<std::uint32_t> fused_port);
  void route(std::uint32_t port, batch_ptr batch);
  void put(std::uint32_t port, batch_ptr batch);
  void source_failed(const error& why, time_point now);
  void bury_keyless(edge& e, const batch_ptr& batch, std::vector<key_failure>& keyless, std::uint64_t first);
  error too_many_dead_letters(const std::string& cause, std::uint32_t node) const;
  void keep(std::vector<shelved_letter> letters, node_figures& of);
  void tell_of_dead_letters(const std::vector<shelved_letter>& letters);
  void replay_one(shelved_letter l);
  std::uint32_t lane_of(const batch& alone, std::vector<key_failure>& keyless);
  bool flush();
  /// False, and the batch stays, when some receiver has no demand.
  bool send(std::uint32_t port, batch_ptr& batch);
  void deliver(edge& e, batch_ptr batch, std::uint32_t lane);
  void bury(std::vector<failed_record>& dead, std::optional<std::uint32_t> fused_port);
  void bury_rejected();
  void finish_if_done();
  void fail(error why, run_status status);
  dead_letter letter_of(const failed_record& f) const;

  std::shared_ptr<run_state> run_;
  std::uint32_t index_;
  node_host& host_;
  const node_definition& definition_;
  node_figures& figures_;
  std::vector<std::vector<edge*>> out_;        ///< by port
  std::vector<edge*> split_;                   ///< those by key
  std::vector<std::deque<batch_ptr>> pending_; ///< by port: output that waits for demand
  std::unique_ptr<source_logic> source_;
  source_output_base* emitted_ = nullptr;
  std::optional<split_end> split_end_; ///< sources whose blocks end in the lanes of their only edge
  bool lanes_may_go_ = true;           ///< what waits in lanes is enough, or has waited for long enough
  std::unique_ptr<stage> main_;
  std::vector<std::unique_ptr<stage>> fused_; ///< by port; null where there is none
  std::vector<std::uint16_t> groups_;
  std::uint32_t open_inputs_ = 0;
  std::uint32_t source_failures_ = 0;
  std::optional<dead_letter_share> rejected_;          ///< sources
  std::map<std::uint32_t, dead_letter_share> keyless_; ///< by edge: records without a key
  struct waiting_letters {
    node_figures* of;
    std::vector<shelved_letter> letters;
  };
  std::deque<waiting_letters> letters_; ///< not kept yet: the dead-letter sink is away
  time_point letters_at_{};             ///< it is asked again
  std::uint32_t letter_failures_ = 0;
  time_point dead_letters_told_{}; ///< in an event
  std::size_t dead_letters_untold_ = 0;
  node_figures::counter node_figures::* spends_ = &node_figures::idle_time; ///< what time is being spent on
  time_point noted_{};
  bool holds_place_ = false;
  bool yields_place_ = false;
  time_point place_since_{};
  bool waits_for_place_ = false;
  bool waits_for_budget_ = false;
  // Shared with wake-up calls that may come after the core is gone.
  std::shared_ptr<std::atomic<bool>> place_offered_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::atomic<bool>> budget_offered_ = std::make_shared<std::atomic<bool>>(false);
  std::uint64_t turn_records_ = 0;
  bool looked_at_clock_ = false;
  time_point now_{};
  bool source_ended_ = false;
  time_point source_back_at_{};   ///< after a failed poll
  std::uint64_t places_seen_ = 0; ///< version of the places elsewhere
  bool started_ = false;
  bool stopped_ = false;
  bool failed_ = false;
  bool done_ = false;
};

} // namespace weir::detail
