#pragma once

// A host's side of membership: finds the coordinator among its seeds, joins, stays, comes back.
//
//     waiting --> connecting --> joining --> joined --> (leaving) --> ended
//        ^            |             |           |
//        +------------+-------------+-----------+   with backoff; its work stops when the id is lost
//
// Invariants: it has at most one connection; while it is no member it does no work of the cluster; it never
// gives up trying but when every seed refused it for good, or it was told to end.
// A plain state machine on virtual time, like coordinator_membership. Single-threaded.

#include <weir/cluster/liveness.hpp>
#include <weir/cluster/membership.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <random>
#include <string>

namespace weir::cluster {

struct host_event {
  enum class kind : std::uint8_t {
    joined,   ///< a new life: work may come
    resumed,  ///< the connection is back, on another link: what is under way goes on
    unlinked, ///< the connection broke: what is under way goes on for a moment
    lost,     ///< the coordinator is lost, or has given this host up: its work is to be dropped
    refused,  ///< `why`; it tries again, or the next seed
    ended     ///< it will do no more: `why` when that was not in good order
  };
  kind what;
  membership_id id;
  link_id link = 0;
  std::optional<error> why;
  std::string text; ///< ended in good order: what the coordinator said
};

class host_membership {
 public:
  /// `seeds`: how many addresses there are to try; the owner knows them. `seed`: of the jitter.
  host_membership(cluster_identity cluster, host_identity own, std::size_t seeds, membership_options options,
                  std::uint64_t seed);

  // ---- the transport reports
  /// The connection asked for by to_connect() is there.
  void opened(link_id link, time_point now);
  /// It was not made.
  void unreachable(error why, time_point now);
  void closed(link_id link, time_point now);
  void receive(link_id link, control_message message, time_point now);
  void heard(link_id link, time_point now);
  /// To be called at due(), or later.
  void look(time_point now);
  time_point due() const noexcept;

  // ---- the owner asks
  /// Finishes what it has and leaves; ends at once where it is no member.
  void leave_cluster(time_point now);
  void busy_workers(std::uint32_t n) noexcept { busy_ = n; }

  bool joined() const noexcept { return id_.has_value(); }
  bool ended() const noexcept { return state_ == state::ended; }
  /// The present life, while joined.
  const std::optional<membership_id>& id() const noexcept { return id_; }
  /// What arrives on this link under this id is of the present life.
  bool accept(link_id link, const membership_id& id) const noexcept {
    return id_ && *id_ == id && link == link_ && link != 0;
  }
  duration round_trip_time() const noexcept { return trip_.took(); }

  // ---- outcome, taken by the owner after each call
  /// Which seed to connect to now, if any. Asked once.
  std::optional<std::size_t> to_connect() noexcept { return std::exchange(connect_, std::nullopt); }
  std::deque<outgoing_control>& outgoing() noexcept { return outgoing_; }
  /// Connections to close.
  std::deque<link_id>& to_close() noexcept { return to_close_; }
  std::deque<host_event>& events() noexcept { return events_; }

 private:
  enum class state : std::uint8_t { waiting, connecting, joining, joined, ended };

  void connect(time_point now);
  void back_off(time_point now, bool next_seed);
  void drop_link();
  void lose(error why);
  void finish(std::optional<error> why, std::string text);
  void beat(time_point now);

  cluster_identity cluster_;
  host_identity own_;
  std::size_t seeds_;
  membership_options options_;
  std::minstd_rand random_;
  state state_ = state::waiting;
  std::size_t at_ = 0;         ///< the seed of the moment
  std::size_t refusals_ = 0;   ///< for good, in a row: by each seed once is enough
  std::uint32_t attempts_ = 0; ///< since it was last a member
  time_point next_{};          ///< of the next attempt, or the deadline of this one
  time_point next_beat_{};
  link_id link_ = 0;
  std::optional<membership_id> id_;
  time_point resume_until_{}; ///< while the link is broken
  std::optional<liveness> alive_;
  round_trip trip_;
  bool leaving_ = false;
  std::uint32_t busy_ = 0;
  std::optional<std::size_t> connect_;
  std::deque<outgoing_control> outgoing_;
  std::deque<link_id> to_close_;
  std::deque<host_event> events_;
};

} // namespace weir::cluster
