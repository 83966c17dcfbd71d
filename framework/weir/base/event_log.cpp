#include <weir/base/event_log.hpp>

#include <algorithm>
#include <utility>

namespace weir {

std::string_view to_string(event_kind kind) noexcept {
  constexpr std::string_view names[] = {"started",     "restart",   "timeout",    "escalation",  "outage",
                                        "recovered",   "scale_up",  "scale_down", "dead_letter", "paused",
                                        "resumed",     "drain",     "failed",     "ended",       "replay",
                                        "host_joined", "host_left", "host_lost",  "host_refused"};
  return names[static_cast<std::size_t>(kind)];
}

std::uint64_t event_log::add(event e) {
  e.time = std::chrono::system_clock::now();
  const std::lock_guard lock{mutex_};
  e.number = ++last_;
  if (events_.size() == capacity)
    events_.pop_front();
  events_.push_back(std::move(e));
  return last_;
}

std::vector<event> event_log::since(std::uint64_t after, std::size_t most) const {
  const std::lock_guard lock{mutex_};
  const std::uint64_t before_first = last_ - events_.size(); // their numbers have no gap
  const auto skip = static_cast<std::size_t>(
      std::min<std::uint64_t>(events_.size(), after > before_first ? after - before_first : 0));
  const std::size_t n = std::min(most, events_.size() - skip);
  const auto first = events_.begin() + static_cast<std::ptrdiff_t>(skip);
  return {first, first + static_cast<std::ptrdiff_t>(n)};
}

std::uint64_t event_log::newest() const {
  const std::lock_guard lock{mutex_};
  return last_;
}

} // namespace weir
