#pragma once

// The coordinator's side of membership: who belongs to the cluster, who is about to leave, who is lost.
//
// Invariants:
//  - at most one life of a host's name is a member; incarnations rise and are never given twice.
//  - a member is lost once: an event says so, and from then on nothing that carries its id is accepted.
//  - what is kept is bounded: max_hosts members, max_strangers connections that have not joined.
// A plain state machine on virtual time: the owner brings connections, messages and the time in, sends what
// is in outgoing() and tells others of events() after each call. Single-threaded.

#include <weir/cluster/liveness.hpp>
#include <weir/cluster/membership.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::cluster {

enum class member_state : std::uint8_t {
  up,       ///< takes work
  unlinked, ///< its connection broke; it may come back for a moment
  leaving   ///< finishes what it has
};
std::string_view to_string(member_state state) noexcept;

struct member {
  host_identity host;
  membership_id id;
  member_state state = member_state::up;
  link_id link = 0; ///< 0 while unlinked
  time_point since{};
  std::uint32_t busy = 0;
  duration round_trip{0}; ///< 0 = not measured yet
};

struct member_event {
  enum class kind : std::uint8_t {
    joined,   ///< a new life: it has nothing yet
    resumed,  ///< its connection is back: what is under way goes on
    unlinked, ///< its connection broke: nothing is lost yet
    leaving,  ///< it takes no more work; the owner calls finished() when what it has is done
    left,     ///< it is gone in good order
    lost,     ///< it is gone: its work is to be handed out again
    refused   ///< it did not become a member
  };
  kind what;
  std::string host;
  membership_id id;
  link_id link = 0;
  std::optional<error> why; ///< lost, refused
};

class coordinator_membership {
 public:
  /// `life`: random, another one in each process.
  coordinator_membership(cluster_identity own, membership_options options, std::uint64_t life);

  // ---- the transport reports
  void opened(link_id link, time_point now);
  void closed(link_id link, time_point now);
  void receive(link_id link, control_message message, time_point now);
  /// Any other sign of life on the connection: data counts as a heartbeat.
  void heard(link_id link, time_point now);
  /// To be called every heartbeat_every, and when it was later, then: sends heartbeats, finds the lost.
  void look(time_point now);

  // ---- the owner asks
  /// The host is to leave: it gets no more work. False when there is none of that name.
  bool drain(const std::string& host);
  /// A leaving host has nothing more to do: it is told so.
  void finished(const std::string& host);
  /// The work is over: every member is told so, and nobody may join any more.
  void end(const std::string& why);

  /// The member whose present life and connection these are; null: to be dropped.
  const member* accept(link_id link, const membership_id& id) const;
  const member* find(const std::string& host) const;
  std::vector<member> members() const;
  std::size_t size() const noexcept { return members_.size(); }

  // ---- outcome, taken by the owner after each call
  std::deque<outgoing_control>& outgoing() noexcept { return outgoing_; }
  std::deque<member_event>& events() noexcept { return events_; }

 private:
  struct entry {
    member seen;
    liveness alive;
    round_trip trip;
    time_point unlinked_at{};
  };
  using entries = std::map<std::string, entry>;

  void joins(link_id link, join&& from, time_point now);
  void send(link_id to, control_message what, bool then_close = false);
  void refuse_link(link_id link, const std::string& host, error why, bool for_good);
  void attach(entry& e, link_id link);
  void detach(entry& e);
  entries::iterator lose(entries::iterator at, error why);
  void tell(member_event::kind what, const entry& e, std::optional<error> why = {});
  entry* of(link_id link, const membership_id& id);

  cluster_identity own_;
  membership_options options_;
  std::uint64_t life_;
  std::uint64_t next_incarnation_ = 1;
  std::map<link_id, time_point> strangers_; ///< connections that have not joined: since when
  entries members_;                         ///< by name
  std::map<link_id, std::string> linked_;   ///< who is at the other end
  std::optional<std::string> ended_;
  std::deque<outgoing_control> outgoing_;
  std::deque<member_event> events_;
};

} // namespace weir::cluster
