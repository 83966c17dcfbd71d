#pragma once

// A coordinator, hosts and the network between them, on virtual time. Connections behave as TCP does: what
// is sent arrives in order or not at all; a lost packet is a delay, a cut direction holds everything back
// until it is healed, a process that dies closes its connections (or, when its machine dies, says nothing).

#include <weir/cluster/coordinator_membership.hpp>
#include <weir/cluster/host_membership.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace weir_tests {

class membership_world {
 public:
  struct settings {
    std::size_t hosts = 3;
    std::size_t seeds = 1; ///< addresses; the coordinator is at the last one
    weir::cluster::membership_options options{};
    weir::duration least_delay = std::chrono::microseconds{100};
    weir::duration most_delay = std::chrono::milliseconds{5};
    double loss = 0; ///< share of packets that need another sending, 200 ms later
  };
  membership_world(settings s, std::uint64_t seed);
  membership_world(const membership_world&) = delete;
  membership_world& operator=(const membership_world&) = delete;

  // ---- what happens to it
  void run_for(weir::duration time);
  /// Until it holds; false when it does not within `most`.
  bool run_until(const std::function<bool()>& holds, weir::duration most);
  void start_coordinator();
  /// `quietly`: nobody closes its connections.
  void kill_coordinator(bool quietly = false);
  void start_host(std::size_t host);
  void kill_host(std::size_t host, bool quietly = false);
  void pause_host(std::size_t host, weir::duration time);
  void pause_coordinator(weir::duration time);
  void cut(std::size_t host, bool to_coordinator, weir::duration time);
  void break_connections(std::size_t host);
  void leave(std::size_t host);

  weir::cluster::cluster_identity& identity_of(std::size_t host) { return hosts_[host].cluster; }
  void name_host(std::size_t host, std::string name) { hosts_[host].name = std::move(name); }

  // ---- what can be seen
  weir::time_point now() const noexcept { return now_; }
  weir::cluster::coordinator_membership& coordinator() { return *coordinator_.at; }
  bool coordinator_runs() const noexcept { return coordinator_.at != nullptr; }
  weir::cluster::host_membership* host(std::size_t n) { return hosts_[n].at.get(); }
  std::string name(std::size_t n) const { return hosts_[n].name; }
  /// The host is a member, and both sides say so.
  bool together(std::size_t n);
  bool all_together();
  struct heard_of {
    weir::time_point at;
    weir::cluster::member_event what;
  };
  struct host_heard {
    weir::time_point at;
    std::size_t host;
    weir::cluster::host_event what;
  };
  std::vector<heard_of> at_coordinator;
  std::vector<host_heard> at_hosts;
  std::size_t count(weir::cluster::member_event::kind what) const;
  std::size_t count(std::size_t host, weir::cluster::host_event::kind what) const;
  /// What broke a rule; empty when nothing did.
  std::vector<std::string> broken;

 private:
  struct process {
    std::uint64_t life = 0; ///< number of the process; 0 = none has run
    bool runs = false;
    weir::time_point paused_until{};
    std::optional<weir::time_point> wake; ///< the look that is planned
  };
  struct coordinator_process : process {
    std::unique_ptr<weir::cluster::coordinator_membership> at;
  };
  struct host_process : process {
    std::unique_ptr<weir::cluster::host_membership> at;
    weir::cluster::cluster_identity cluster;
    std::string name;
    weir::time_point cut_until[2] = {}; ///< to the coordinator, from it
  };
  struct connection {
    std::size_t host;
    std::uint64_t host_life;
    std::uint64_t coordinator_life;
    bool open[2] = {true, true};           ///< at the coordinator's end, at the host's
    weir::time_point last_arrival[2] = {}; ///< nothing overtakes
  };
  struct happening {
    weir::time_point when;
    std::uint64_t number;
    std::function<void()> what;
    bool operator>(const happening& other) const {
      return std::tie(when, number) > std::tie(other.when, other.number);
    }
  };
  void at(weir::time_point when, std::function<void()> what);
  /// Runs in the process as soon as it can: not while it is paused, and not at all in another life.
  void in_process(process& p, std::uint64_t life, std::function<void()> what);
  void carry(weir::cluster::link_id link, bool to_coordinator, std::function<void()> what);
  void close(weir::cluster::link_id link, bool by_coordinator);
  void settle_coordinator();
  void settle_host(std::size_t n);
  void plan_look_of_coordinator();
  void plan_look_of_host(std::size_t n);
  weir::duration delay();
  void check(const weir::cluster::member_event& e);

  settings settings_;
  std::mt19937_64 random_;
  weir::time_point now_{};
  std::uint64_t number_ = 0;
  std::uint64_t lives_ = 0;
  std::priority_queue<happening, std::vector<happening>, std::greater<>> queue_;
  coordinator_process coordinator_;
  std::vector<host_process> hosts_;
  std::map<weir::cluster::link_id, connection> connections_;
  weir::cluster::link_id next_link_ = 1;
  std::map<std::string, std::uint64_t> present_; ///< the life of each member, by the coordinator's own events
  std::uint64_t last_incarnation_ = 0;
  std::set<std::pair<std::uint64_t, std::uint64_t>> welcomed_;
};

} // namespace weir_tests
