#pragma once

// How an actor system schedules: Weir's own way, or one of CAF's two for comparison. The only place where
// CAF's scheduler is set up: machines and benchmarks that make their own actor system both come here.
//
//     caf::actor_system_config config;
//     configure(config, scheduler_policy::caf_stealing, 2);
//     caf::actor_system system{config};

#include <caf/actor_system_config.hpp>

#include <cstddef>
#include <cstdint>

namespace weir::detail {

enum class scheduler_policy : std::uint8_t {
  weir,         ///< see job_scheduler.hpp: fair, and what was just fed runs next
  caf_stealing, ///< CAF's default: a queue a worker; fast, but a busy pipeline starves all others
  caf_sharing,  ///< one queue with a lock: fair, slower
};

/// Messages an actor handles before others get their turn. More: fewer turns (30 ns each), longer waits for
/// the others. CAF's own default has no bound.
inline constexpr std::size_t messages_a_turn = 16;

/// To be called before the actor system is made, once for each configuration. `threads`: workers of the
/// scheduler; 0 = one a processor.
void configure(caf::actor_system_config& config, scheduler_policy policy, std::uint32_t threads,
               std::size_t throughput = messages_a_turn);

} // namespace weir::detail
