#pragma once

// The coordinator's workers on its hosts: what the runtime calls remote_places, over a coordinator_session.
//
// A host that joins offers places to the nodes that are placed on it; a worker that the run starts there
// becomes messages to it; what it answers comes back; a host that is lost takes its places with it, one that
// leaves finishes what it has first. Nothing of an old life is delivered: the session drops what carries
// another membership, and a worker's number is never used twice.
//
// It knows no socket, thread or clock. Two sides call it:
//  - the run, from any of its threads (remote_places, and the handles that start() gives);
//  - one driver, which brings in what the transport reports and the time, and writes what take_writes()
//    gives. What is to be delivered to the run is delivered within the driver's calls.
// Thread-safe; the driver's calls are one at a time.

#include <weir/cluster/placement.hpp>
#include <weir/cluster/session.hpp>
#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/workflow/workflow.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::cluster {

struct remote_workers_options {
  cluster_identity identity{}; ///< with fingerprint_of the workflow
  membership_options membership{};
  link_limits limits{};
  std::uint64_t life = 1;      ///< random, another one in each process
  std::uint32_t min_hosts = 0; ///< the run is to begin when so many have joined
  bool compress = false;       ///< tasks and answers; see packing.hpp
};

/// A member as people and the API see it.
struct member_figures {
  member who;
  link_figures traffic{};
  std::uint32_t workers = 0; ///< that the run has there now
  time_point heard{};        ///< the last time anything came of it
};

class remote_workers final : public detail::remote_places {
 public:
  /// The placement must have no mistakes_in the workflow.
  remote_workers(const workflow& w, placement where, remote_workers_options options);
  ~remote_workers() override;
  remote_workers(const remote_workers&) = delete;
  remote_workers& operator=(const remote_workers&) = delete;

  // ---- before the start
  /// Called, from any thread, when the run has made something to write: the driver is to go_on().
  void when_writing(std::function<void()> call) { writing_ = std::move(call); }

  // ---- the run
  bool spreads(std::uint32_t node) const override { return nodes_[node].spreads; }
  std::uint32_t workers_here(std::uint32_t node) const override { return nodes_[node].here; }
  std::vector<offer> places(std::uint32_t node) const override;
  void when_changed(std::function<void()> wake) override;
  std::unique_ptr<detail::worker_handle> start(detail::remote_place at, worker_order what,
                                               std::shared_ptr<detail::answer_gate> answers,
                                               lost_call lost) override;
  void closed(std::uint32_t node, detail::remote_place at) override;
  void attach(const std::shared_ptr<detail::run_state>& run) override;
  std::vector<waiting_for> lacks() const override;

  // ---- the driver
  void link_opened(link_id link, time_point now);
  void link_closed(link_id link, time_point now);
  void received(link_id link, std::shared_ptr<const bytes> frame, time_point now);
  /// Every membership_options::heartbeat_every.
  void look(time_point now);
  /// After when_writing() has called, before take_writes().
  void go_on(time_point now);
  std::deque<session_write> take_writes();
  std::deque<member_event> take_events();

  // ---- anybody
  /// The host finishes what it has and leaves. False when there is none of that name.
  bool drain(const std::string& host);
  /// The run is over: every host is told so.
  void end(const std::string& why);
  std::vector<member_figures> members() const;
  /// Hosts that take work.
  std::size_t up() const;
  /// At some moment there were min_hosts.
  bool enough() const;
  /// Bytes to and from all hosts there ever were.
  std::pair<std::uint64_t, std::uint64_t> bytes_sent_received() const;

 private:
  struct worker;
  class handle;
  struct node {
    std::string id;
    bool spreads = false;
    std::uint32_t here = 0;
    std::uint32_t most = 0;
    std::uint32_t movable = 0;
    place where{};
    const record_type* input = nullptr;
    std::vector<const record_type*> outputs;
    duration timeout{0};
    duration grace{0};
    bool ordered = false;
    bool rebuild_on_throw = false;
  };
  struct host {
    host_identity who;
    bool closing = false;
    std::set<std::pair<std::uint32_t, std::uint32_t>> closed; ///< node, slot
    std::map<std::uint64_t, std::shared_ptr<worker>> workers; ///< by number
    std::deque<bytes> waiting; ///< the link has no room for it; bounded by what workers may have in hand
    time_point heard{};
    link_figures last{};
  };
  struct delivery {
    std::shared_ptr<worker> to;
    bytes what; ///< an answer or a loss, as it came
  };
  void submit(const std::shared_ptr<worker>& to, const detail::task& t);
  void release(const std::shared_ptr<worker>& of);
  bool say(host& to, std::uint64_t incarnation, bytes message);
  void settle(time_point now, std::vector<delivery>& out);
  void let_go_of_leavers();
  void forget(std::uint64_t incarnation);
  void note_traffic();
  void deliver(std::vector<delivery>& what, time_point now);
  void tell_of_changes();
  void tell(const member_event& e) const;
  std::uint32_t slots(const node& n, const host_identity& on) const;
  void told_to_write() const {
    if (writing_)
      writing_();
  }

  std::vector<node> nodes_;
  placement where_;
  std::weak_ptr<detail::run_state> run_;
  std::shared_ptr<byte_budget> budget_;
  std::function<void()> writing_;
  mutable std::mutex mutex_;
  coordinator_session session_;
  std::map<std::uint64_t, host> hosts_; ///< by incarnation
  std::map<link_id, std::uint64_t> on_; ///< whose link it is
  std::uint64_t next_number_ = 1;
  std::uint64_t told_ = 1; ///< version that the run was woken for
  std::uint32_t min_hosts_;
  bool compress_;
  std::size_t most_message_;
  bool enough_ = false;
  std::uint64_t gone_sent_ = 0;
  std::uint64_t gone_received_ = 0;
  std::vector<std::function<void()>> wakes_;
  std::deque<member_event> events_;
};

} // namespace weir::cluster
