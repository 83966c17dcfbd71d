#pragma once

// Plain CAF actors in Weir's set-up of CAF (its scheduler) and under CAF's own two: what one pays, or gains,
// for actors of one's own beside a workflow.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

/// Two actors that answer each other: a record is a round trip.
std::vector<variant> ping_pong_variants(const sizes& of);
/// Actors that are spawned, get one message and end.
std::vector<variant> spawn_variants(const sizes& of);
/// Many actors send to one.
std::vector<variant> mailbox_variants(const sizes& of);

} // namespace weir::bench
