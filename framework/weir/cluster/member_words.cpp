#include <weir/cluster/member_words.hpp>

#include <string>
#include <utility>

namespace weir::cluster {

event event_of(const member_event& e) {
  const std::string host = "host '" + e.host + "'";
  const std::string why = e.why ? ": " + e.why->what : std::string{};
  const auto made = [](event_kind kind, std::string words) {
    return event{.kind = kind, .node = {}, .cause = std::move(words)};
  };
  using enum member_event::kind;
  switch (e.what) {
  case joined:
    return made(event_kind::host_joined, host + " has joined");
  case resumed:
    return made(event_kind::host_joined, host + " is connected again");
  case unlinked:
    return made(event_kind::host_lost, "the connection to " + host + " broke");
  case lost:
    return made(event_kind::host_lost, host + " is lost" + why + "; what it had is handed out again");
  case leaving:
    return made(event_kind::host_left, host + " finishes what it has, to leave");
  case left:
    return made(event_kind::host_left, host + " has left");
  case refused:
    break;
  }
  return made(event_kind::host_refused, host + " was refused" + why);
}

} // namespace weir::cluster
