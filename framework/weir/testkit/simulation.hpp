#pragma once

// A workflow run by a seed: the real node actors, dispatchers and supervisor, in the calling thread, on
// virtual time. Which actor goes next, which message waits, how long a call takes and what fails is drawn
// from the seed, so a run that goes wrong goes wrong again with the same seed (after FoundationDB's
// simulation; Zhou et al., SIGMOD 2021).
//
//     weir::simulation s{wf, {.seed = 42, .faults = weir::fault_rates::all()}};
//     CHECK(s.run());                       // false: stuck
//     weir::run_result r = s.result();
//
// Workers of isolation `thread`, and of pools, become simulated ones, which can hang, be slow, die and answer
// late without a thread. User code itself must not block or sleep: it would block the simulation. Its own
// time must come from context::now(). Single-threaded: one simulation belongs to one thread.

#include <weir/base/clock.hpp>
#include <weir/runtime/replay_result.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/supervision/health.hpp>
#include <weir/testkit/faults.hpp>
#include <weir/workflow/workflow.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct simulation_options {
  std::uint64_t seed = 1;
  fault_rates faults{};
  /// Events (a message handled, a timer) after which run() gives up. Default 2 million.
  std::uint64_t max_events = 2'000'000;
  /// Virtual time after which run() gives up. Default 30 days.
  duration max_time = std::chrono::hours{24 * 30};
  /// Hosts beside this one, for the workers of pools without keys or state. Default: none.
  host_options hosts{};
  /// Told of every fault as it happens, with the time since the start. Default: nobody.
  std::function<void(duration, std::string_view)> trace{};
};

class simulation {
 public:
  /// The workflow must be valid: throws the first of its mistakes as weir::error.
  explicit simulation(const workflow& w, simulation_options options = {});
  ~simulation();
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  /// One event. False when nothing can happen any more.
  bool step();
  /// Goes on until the run has ended: true; or until nothing can happen, or a bound is reached: false.
  bool run();
  /// Does all that can be done without time passing.
  void settle();
  /// Lets this much virtual time pass.
  void advance(duration d);

  void drain(duration deadline);
  void stop();
  /// See running::replay.
  replay_result replay(std::span<const std::string> ids = {}, std::string_view node = {});

  bool ended() const;
  bool ready() const;
  std::vector<node_health> health() const;
  std::vector<node_result> figures() const;
  run_result result() const;
  time_point now() const noexcept;
  const std::shared_ptr<const clock>& time() const noexcept;
  std::uint64_t events() const noexcept;

  /// The node's next task meets this fault, before chance has its turn. `why` is what a throw says.
  void inject(std::string_view node, fault what, std::optional<error> why = {});
  /// A worker of the node dies, whatever it is at. It must be apart from its node: isolation `thread`, a
  /// timeout, or more workers than one.
  void crash(std::string_view node, std::uint32_t worker = 0);
  /// Hosts, by number; there must be some in simulation_options::hosts, or these throw std::logic_error. One
  /// is started.
  std::uint64_t host_joins();
  // Below: false when there is none of that number, or it does not run.
  /// One is killed, with all it had.
  bool host_vanishes(std::uint64_t host);
  /// One does nothing for so long, and then goes on, not knowing.
  bool host_pauses(std::uint64_t host, duration how_long);
  /// What one sends, or what is sent to it, comes only so much later.
  bool host_unheard(std::uint64_t host, duration how_long);
  bool host_deaf(std::uint64_t host, duration how_long);
  /// The connection breaks; it may connect again.
  bool host_cut(std::uint64_t host);
  /// One leaves when what it has is done: by itself, or because the coordinator says so.
  bool host_drains(std::uint64_t host, bool told = false);
  /// Those that the coordinator counts on now.
  std::vector<std::uint64_t> hosts() const;
  /// How many have left in good order.
  std::uint64_t hosts_left() const;
  /// How often a fault has happened so far.
  std::uint64_t happened(fault what) const noexcept;
  /// Whether user code of the node processed the record in a call of which nobody heard: then its side
  /// effects may come twice, as at-least-once allows.
  bool unheard(std::string_view node, const record_id& record) const;
  /// The first broken rule of the runtime itself (an edge that holds more than its window); empty: none.
  const std::string& broken_rule() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace weir
