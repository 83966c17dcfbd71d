#pragma once

// Membership and links put together, as bytes: what a transport carries between a coordinator and its hosts.
//
// The owner brings in what the transport reports, writes what is in writes(), and takes events and messages.
// Messages that are not taken hold up their sender, end to end. A connection over which nonsense comes, or
// that breaks the rules of its link, is closed; what becomes of the member is up to membership.
// Plain state machines on virtual time, single-threaded.

#include <weir/cluster/coordinator_membership.hpp>
#include <weir/cluster/host_membership.hpp>
#include <weir/cluster/remote_link.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace weir::cluster {

/// Something for the transport: a frame to write (none if empty), a connection to close after it.
struct session_write {
  link_id to = 0;
  bytes frame;
  bool then_close = false;
};

class coordinator_session {
 public:
  coordinator_session(cluster_identity own, membership_options options, link_limits limits,
                      std::uint64_t life)
      : membership_(std::move(own), options, life), limits_(limits) {}

  void opened(link_id link, time_point now);
  void closed(link_id link, time_point now);
  void received(link_id link, std::shared_ptr<const bytes> frame, time_point now);
  void look(time_point now);

  /// To the host of that incarnation. An error when there is none (transient), or
  /// remote_link::send refuses: the message is as it was.
  result<> send(std::uint64_t incarnation, bytes&& message);
  struct message {
    std::uint64_t from; ///< incarnation
    bytes what;
  };
  std::optional<message> take();

  /// See coordinator_membership.
  bool drain(const std::string& host);
  void finished(const std::string& host);
  void end(const std::string& why);
  const coordinator_membership& membership() const noexcept { return membership_; }

  std::deque<session_write>& writes() noexcept { return writes_; }
  std::deque<member_event>& events() noexcept { return events_; }
  /// What went over the link of that incarnation; null when it is no member.
  const link_figures* figures(std::uint64_t incarnation) const;

 private:
  struct peer {
    remote_link link;
    link_id on = 0;
  };
  void settle();
  void pump(peer& p);

  coordinator_membership membership_;
  link_limits limits_;
  std::map<std::uint64_t, peer> peers_; ///< by incarnation
  std::uint64_t taken_last_ = 0;
  std::deque<session_write> writes_;
  std::deque<member_event> events_;
};

class host_session {
 public:
  host_session(cluster_identity cluster, host_identity own, std::size_t seeds, membership_options options,
               link_limits limits, std::uint64_t seed)
      : membership_(std::move(cluster), std::move(own), seeds, options, seed), limits_(limits) {}

  void opened(link_id link, time_point now);
  void unreachable(error why, time_point now);
  void closed(link_id link, time_point now);
  void received(link_id link, std::shared_ptr<const bytes> frame, time_point now);
  void look(time_point now);
  time_point due() const noexcept { return membership_.due(); }

  /// To the coordinator. An error when this host is no member (transient), or
  /// remote_link::send refuses: the message is as it was.
  result<> send(bytes&& message);
  std::optional<bytes> take();

  void leave_cluster(time_point now);
  void busy_workers(std::uint32_t n) noexcept { membership_.busy_workers(n); }
  std::optional<std::size_t> to_connect() noexcept { return membership_.to_connect(); }
  const host_membership& membership() const noexcept { return membership_; }

  std::deque<session_write>& writes() noexcept { return writes_; }
  std::deque<host_event>& events() noexcept { return events_; }

 private:
  void settle();
  void pump();

  host_membership membership_;
  link_limits limits_;
  std::optional<remote_link> link_;
  link_id on_ = 0;
  std::deque<session_write> writes_;
  std::deque<host_event> events_;
};

} // namespace weir::cluster
