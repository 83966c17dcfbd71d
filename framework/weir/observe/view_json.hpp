#pragma once

// The JSON documents of the admin API, as text. Pure; bytes that are not UTF-8 in causes and payloads are
// replaced, so every document is valid. Times are ISO 8601 in UTC, durations in the unit of their name.

#include <weir/base/event_log.hpp>
#include <weir/node/dead_letter.hpp>
#include <weir/observe/monitor.hpp>
#include <weir/runtime/record_tap.hpp>
#include <weir/runtime/replay_result.hpp>

#include <span>
#include <string>
#include <string_view>

namespace weir {

/// GET /api/v1/workflow. `version`: of the program.
std::string workflow_json(const monitor_view& view, std::string_view version);

/// GET /api/v1/history.
std::string history_json(std::span<const history_point> history);

/// One event: the data of a server-sent event. No newline in it.
std::string event_json(const event& e);
/// GET /api/v1/events, for those who do not ask for a stream: {"events":[…]}.
std::string events_json(std::span<const event> events);

/// GET /api/v1/dead-letters.
std::string dead_letters_json(std::span<const dead_letter> letters);

/// POST /api/v1/dead-letters/replay: {"replayed":["id"],"refused":[{"id","node","why"}]}.
std::string replay_json(const replay_result& said);
/// One record of a tap: the data of a server-sent event.
std::string tapped_json(const tapped_record& r);

/// {"state":"draining"}.
std::string state_json(std::string_view state);
/// {"error":"what (where): how to fix"}.
std::string error_json(std::string_view message);

} // namespace weir
