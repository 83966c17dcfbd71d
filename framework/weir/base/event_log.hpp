#pragma once

// The last things that happened in a run: a ring of 1,000 events, each with a number that only grows, so that
// a reader can ask for those after the last one it saw. Thread-safe.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class event_kind : std::uint8_t {
  started,     ///< the workflow
  restart,     ///< of a worker or node object; `reason` says why
  timeout,     ///< a worker hung and was left behind
  escalation,  ///< all workers of a node are made anew
  outage,      ///< a node waits for the world outside
  recovered,   ///< and goes on
  scale_up,    ///< a pool has a worker more
  scale_down,  ///< and one less
  dead_letter, ///< the first of a node, then at most one event a second with how many
  paused,
  resumed,
  drain, ///< asked to end
  failed,
  ended,
  replay,       ///< dead letters are tried again
  host_joined,  ///< the cluster; or its connection is back
  host_left,    ///< in good order
  host_lost,    ///< what it had is handed out again; or its connection broke
  host_refused, ///< the reason is what it was told
};
/// "started", "restart", …
std::string_view to_string(event_kind kind) noexcept;

struct event {
  std::uint64_t number = 0; ///< from 1
  std::chrono::system_clock::time_point time{};
  event_kind kind = event_kind::started;
  std::string node;         ///< empty: of the whole workflow
  std::int64_t worker = -1; ///< -1: of none
  std::string cause;        ///< in words; no payload
};

class event_log {
 public:
  static constexpr std::size_t capacity = 1'000;
  /// Number and time are set here. Returns the number.
  std::uint64_t add(event e);
  /// Those with a number above `after`, oldest first, at most `most`.
  std::vector<event> since(std::uint64_t after, std::size_t most = capacity) const;
  /// The number of the newest; 0 = none yet.
  std::uint64_t newest() const;

 private:
  mutable std::mutex mutex_;
  std::deque<event> events_;
  std::uint64_t last_ = 0;
};

} // namespace weir
