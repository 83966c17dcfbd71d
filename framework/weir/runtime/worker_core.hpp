#pragma once

// What a worker does, wherever it runs: makes its node object, runs one task at a time against it, answers.
// It catches everything user code throws. One thread at a time.

#include <weir/node/definition.hpp>
#include <weir/node/logic.hpp>
#include <weir/record/batch.hpp>
#include <weir/supervision/watchdog.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace weir::detail {

enum class task_kind : std::uint8_t { start, run, timer, drain };

/// A piece of work for one worker. The slice [begin, end) of a batch, with its attempt.
struct task {
  task_kind kind = task_kind::run;
  std::uint64_t id = 0;
  batch_ptr input;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t attempt = 1;
  bool careful = false;   ///< the record at work is always known, which costs time: a worker may die of one
  bool exclusive = false; ///< all of a batch that nobody else reads, lent to be changed in place
};

/// What a worker answers: outputs, failures and acknowledgement in one.
struct answer {
  std::uint32_t worker = 0;
  std::uint32_t incarnation = 0;
  std::uint64_t task = 0;
  task_kind kind = task_kind::run;
  std::vector<std::vector<batch_ptr>> outputs; ///< by port
  std::vector<record_failure> failures;
  std::optional<error> whole;
  bool whole_timed_out = false;
  bool threw = false;
  bool in_place = false;     ///< the batch it was lent, changed, is the output of port 0
  batch_ptr failed_input;    ///< in place: the records that failed, as they were; failures count in it
  std::optional<error> died; ///< the worker itself is gone, with everything it had; nothing above counts
  std::uint32_t next = 0;
  std::uint64_t filtered = 0;
  std::uint64_t aggregated = 0;
  std::optional<time_point> timer;
  duration took{0};
  time_point ended{};
};

/// What all workers of a node share.
struct worker_setup {
  operator_factory make;
  std::vector<port_info> outputs;
  batch_limits limits{};
  std::shared_ptr<byte_budget> budget;
  std::shared_ptr<const resource_set> resources;
  std::shared_ptr<const clock> time;
  std::uint32_t node = 0;             ///< gives its positions to records made at the end of a run
  bool stop_at_first_failure = false; ///< and records one by one, all steps of each
  bool timed = false;                 ///< each record has its own time
  bool rebuild_on_throw = false;
  bool stoppable = false; ///< calls carry a stop token: the node has a timeout or threads of its own
};

class worker_core {
 public:
  worker_core(std::shared_ptr<const worker_setup> setup, std::uint32_t worker, std::uint32_t incarnation,
              std::optional<crash_report> last_crash = {});
  answer run(const task& t) { return run(t, setup_->time->now()); }
  /// The same, by a caller that has just looked at the clock.
  answer run(const task& t, time_point began);
  /// The call into user code that is being made now; looked at by the watchdog.
  const std::shared_ptr<watched_call>& call() const noexcept { return call_; }
  /// Has it note what it is at there, which must outlive it. Before the first task.
  void mark(call_marks& where) noexcept { call_->mark(where); }
  std::uint32_t node() const noexcept { return setup_->node; }
  std::uint32_t worker() const noexcept { return worker_; }
  std::uint32_t incarnation() const noexcept { return incarnation_; }

 private:
  std::shared_ptr<const worker_setup> setup_;
  std::uint32_t worker_;
  std::uint32_t incarnation_;
  std::shared_ptr<watched_call> call_ = std::make_shared<watched_call>();
  std::optional<crash_report> last_crash_;
  std::vector<port_output> outputs_;
  std::unique_ptr<operator_logic> logic_;
};

/// Runs the task. What user code throws is in the answer; what is thrown beside it (no memory) costs the
/// worker: answer::died.
answer answer_of(worker_core& core, const task& t) noexcept;

} // namespace weir::detail
