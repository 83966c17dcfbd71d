#pragma once

// The hosts of a simulated cluster and the network between them and the coordinator: real remote_workers,
// hosted_workers and sessions, with every frame that they write carried by a simulated connection. Frames of
// one direction come in order, late by a drawn delay, later when a packet is lost; a connection breaks, a
// direction goes silent, a host is paused, killed, started again, or leaves. Single-threaded, like the
// machine it runs on.

#include <weir/cluster/hosted_workers.hpp>
#include <weir/cluster/remote_workers.hpp>
#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/testkit/faults.hpp>
#include <weir/testkit/simulated_machine.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::detail {

class simulated_hosts final : public remote_places, public std::enable_shared_from_this<simulated_hosts> {
 public:
  /// Record types of pools must have a codec: throws the first that has none as weir::error.
  static std::shared_ptr<simulated_hosts> make(simulated_machine& on, const workflow& w,
                                               const std::shared_ptr<run_state>& run, host_options options);

  bool spreads(std::uint32_t node) const override { return coordinator_->spreads(node); }
  std::uint32_t workers_here(std::uint32_t node) const override { return coordinator_->workers_here(node); }
  std::vector<offer> places(std::uint32_t node) const override { return coordinator_->places(node); }
  void when_changed(std::function<void()> wake) override { wakes_.push_back(std::move(wake)); }
  std::unique_ptr<worker_handle> start(remote_place at, worker_order what,
                                       std::shared_ptr<answer_gate> answers, lost_call lost) override;
  void closed(std::uint32_t node, remote_place at) override { coordinator_->closed(node, at); }
  std::vector<waiting_for> lacks() const override { return coordinator_->lacks(); }

  /// A host is started. Answers with its number.
  std::uint64_t join();
  // All: false when there is no such host, or it does not run.
  bool kill(std::uint64_t host);
  bool pause(std::uint64_t host, duration how_long);
  bool silence(std::uint64_t host, bool from_host, duration how_long);
  bool cut(std::uint64_t host);
  /// By the host itself, or (`told`) by the coordinator.
  bool drain(std::uint64_t host, bool told);
  /// Numbers of those that the coordinator gives work.
  std::vector<std::uint64_t> hosts() const;
  /// Hosts that have left in good order.
  std::uint64_t left() const noexcept { return left_; }

 private:
  struct connection;
  struct host;
  simulated_hosts(simulated_machine& on, workflow w, const std::shared_ptr<run_state>& run,
                  host_options options, cluster::placement where);

  host* running(std::uint64_t number);
  void start_process(host& h);
  void end_process(host& h);
  void pump_soon(std::uint64_t number);
  void pump(host& h);
  void pump_here_soon();
  void pump_here();
  void look_here();
  void connect(host& h);
  void carry(std::deque<cluster::session_write> writes, bool to_host);
  void send(connection& c, bool to_host, std::shared_ptr<const cluster::bytes> frame);
  void arrive(cluster::link_id link, bool at_host);
  void take(connection& c, bool at_host, const std::shared_ptr<const cluster::bytes>& frame);
  void break_off(cluster::link_id link, bool tell_host);
  void trouble();
  void start_again();
  void say(std::uint64_t host, const std::string& what) const;
  duration delay();
  bool over() const;
  time_point now() const { return on_.time()->now(); }
  /// While the run goes on.
  void at(time_point when, std::function<void(simulated_hosts&)> call);

  simulated_machine& on_;
  workflow flow_;
  std::weak_ptr<run_state> run_;
  host_options options_;
  cluster::membership_options membership_{};
  cluster::link_limits limits_{};
  cluster::cluster_identity identity_;
  std::shared_ptr<cluster::remote_workers> coordinator_;
  std::map<std::uint64_t, std::unique_ptr<host>> hosts_; ///< by number, those that do not run, too
  std::map<cluster::link_id, std::unique_ptr<connection>> connections_;
  std::uint64_t next_host_ = 1;
  std::uint64_t boots_ = 0;
  cluster::link_id next_link_ = 1;
  bool pumping_ = false;
  std::uint64_t left_ = 0;
  std::uint32_t troubles_ = 0;
  std::vector<std::function<void()>> wakes_;
};

} // namespace weir::detail
