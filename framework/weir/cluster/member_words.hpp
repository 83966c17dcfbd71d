#pragma once

// What happens to members, in the words of a run's event log. Pure.

#include <weir/base/event_log.hpp>
#include <weir/cluster/coordinator_membership.hpp>

namespace weir::cluster {

/// "host 'b' is lost: …; what it had is handed out again"
event event_of(const member_event& e);

} // namespace weir::cluster
