#pragma once

// CAF actors without Weir, scheduled as whoever calls sets it up. Each answers the seconds without the start
// and the end of the actor system, and throws when a message is lost.

#include <bench/outcome.hpp>

#include <cstdint>

namespace caf {
class actor_system_config;
}

namespace weir::bench {

using scheduler_setup = void (*)(caf::actor_system_config&);

/// Two actors answer each other.
outcome ping_pong(scheduler_setup with, std::uint64_t trips);
/// Actors are spawned, get one message, tell their parent and end; a hundred live at a time.
outcome spawn_and_stop(scheduler_setup with, std::uint64_t actors);
/// Twenty actors send to one.
outcome fan_in(scheduler_setup with, std::uint64_t messages);

} // namespace weir::bench
