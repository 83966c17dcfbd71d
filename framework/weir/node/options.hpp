#pragma once

// What can be set on a node. Every field has a default, so any may be left out:
//
//     stream.map("analyze", analyze, {.workers = {.min = 2, .max = 10}, .timeout = 30s});

#include <weir/base/clock.hpp>
#include <weir/node/retry_policy.hpp>

#include <cstdint>
#include <optional>

namespace weir {

/// How many workers a node has. It starts with `min` and grows by one whenever work waits and all are busy,
/// up to `max`. `{4}` means exactly four.
struct worker_range {
  std::uint32_t min = 1;
  /// 0 = the same as min.
  std::uint32_t max = 0;
  constexpr std::uint32_t most() const noexcept { return max == 0 ? min : max; }
};

/// Where user code runs.
enum class isolation : std::uint8_t {
  automatic, ///< `thread` where a timeout is set, else `shared`
  shared, ///< on the scheduler's threads: short CPU work that never blocks; cannot be abandoned when it hangs
  thread, ///< on a thread of its own a worker: may block; a hung one is abandoned and replaced
  process, ///< in a process of its own a worker: may also crash, exit, or eat memory, which costs that
           ///< process alone; a hung one is killed. Records go there and back as bytes: their types need a
           ///< codec (weir/record/codec.hpp). See process_options.
};

/// Whether a pool's outputs keep the order of its inputs. Ordered holds back what overtook (bounded, counts
/// against demand); per-key order on keyed edges always holds.
enum class ordering : std::uint8_t { unordered, ordered };

/// Which worker of a pool gets the next task. Nodes with one worker do not mind.
enum class dispatch : std::uint8_t {
  /// The one that asks: whoever is free takes the oldest task, so nothing waits behind a slow one while a
  /// worker is idle. The default, and right unless you have measured otherwise.
  pull,
  /// Dealt in turn, a queue a worker, whatever each is doing. For records that all cost the same, and where
  /// each worker must get its share of them (a connection each to one of several equal servers). One slow
  /// record holds up those that were dealt to its worker.
  round_robin,
  /// Dealt to the worker with the fewest records queued and in hand. For workers of their own speed that are
  /// to have something in hand always. Counts records and not their cost: those behind a slow one still wait.
  least_loaded,
  /// Behind key_by: records of equal key prefer the same worker (by key group), whose caches are warm for
  /// them; a worker with nothing to do takes from the queue of one that is busy. Only a preference: without
  /// it, key_by keeps each key to one worker and in order; with it neither, but no key waits for its worker
  /// while others idle, records are retried as in any pool, and workers may be a range. Not for nodes that
  /// keep state by key. Batches are split by key, which copies each record.
  key_affinity,
};

/// What a throw of on_record, on_batch or write does to the node object.
enum class after_throw : std::uint8_t {
  keep,    ///< it goes on: user code must leave its state as it was before the call
  rebuild, ///< it is destroyed and made anew, on_start included; what it held in memory is gone. Not for
           ///< nodes that take records into their state: without checkpoints that fails the workflow
};

/// How a node is started again after a worker hung, died, did not start, or asked to be rebuilt.
struct restart_options {
  /// Restarts within `within` that are borne. One more, and the whole node is rebuilt, every worker of it;
  /// when that has happened `max` times within `within` too, the workflow fails. Default 5 in 30 s.
  std::uint32_t max = 5;
  duration within = std::chrono::seconds{30};
  /// Wait before the n-th restart in a row. Default: from 50 ms, doubled up to 5 s, full jitter.
  exponential_backoff backoff{.max = std::chrono::seconds{5}, .max_attempts = 0};
  after_throw on_throw = after_throw::keep;
};

/// Limits of a worker process (isolation `process`). 0 = none.
struct process_options {
  /// Bytes that the worker may take beyond what the program had when the run started. One that wants more is
  /// ended; "ran out of memory" is then the cause. By RLIMIT_DATA: private memory, touched or not.
  std::uint64_t memory = 0;
  /// How much it gives way to others, 1 to 19; below 0 needs privileges. See nice(2).
  std::int32_t nice = 0;
  /// File descriptors open at once, its three standard ones and its socket included.
  std::uint32_t open_files = 0;
};

struct node_options {
  worker_range workers{};
  weir::isolation isolation = isolation::automatic;
  ordering order = ordering::unordered;
  /// Which worker gets the next task. All but `pull` deal again what waits when a worker starts, hangs or
  /// dies; a retry goes to whoever is free, and in an outage whoever is free probes. Default pull.
  weir::dispatch dispatch = dispatch::pull;
  /// Of one attempt of a record (of a call, for nodes that take whole tasks). 0 = none. Default none.
  duration timeout{0};
  /// After a timeout the code is asked to stop (stop token); a `thread` worker that has not returned this
  /// much later is abandoned, for a `shared` one (which cannot be) the workflow fails. Default 1 s.
  duration grace = std::chrono::seconds{1};
  /// Default: one attempt for operators, exponential backoff without limit for sinks.
  std::optional<retry_policy> retry{};
  retry_budget retries{};
  restart_options restart{};
  /// Nodes that retry: how long records may be held back because everything fails, which looks like an outage
  /// and not like bad records, before they become dead letters after all. 0 = for ever. Default 1 hour.
  /// Sinks wait as long as their retry policy says, by default for ever.
  duration outage_patience = std::chrono::hours{1};
  /// With isolation `process`.
  process_options process{};
  /// Records in a task at most. 0 = as many as take about 10 ms, all in a batch at most. Default 0.
  std::uint32_t batch_size = 0;
  /// Sources: a batch that is not full waits at most this long. Default 100 ms.
  duration max_delay = std::chrono::milliseconds{100};
  /// Batches in flight on each edge into this node. 0 = four, or four a worker for a pool. More costs memory.
  std::uint32_t window = 0;
};

} // namespace weir
