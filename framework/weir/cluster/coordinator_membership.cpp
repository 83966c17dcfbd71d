#include <weir/cluster/coordinator_membership.hpp>

#include <utility>

namespace weir::cluster {

std::string_view to_string(member_state state) noexcept {
  switch (state) {
  case member_state::up:
    return "up";
  case member_state::unlinked:
    return "unlinked";
  case member_state::leaving:
    return "leaving";
  }
  return "up";
}

coordinator_membership::coordinator_membership(cluster_identity own, membership_options options,
                                               std::uint64_t life)
    : own_(std::move(own)), options_(options), life_(life) {}

void coordinator_membership::send(link_id to, control_message what, bool then_close) {
  outgoing_.push_back({to, std::move(what), then_close});
}

void coordinator_membership::tell(member_event::kind what, const entry& e, std::optional<error> why) {
  events_.push_back({what, e.seen.host.name, e.seen.id, e.seen.link, std::move(why)});
}

void coordinator_membership::refuse_link(link_id link, const std::string& host, error why, bool for_good) {
  strangers_.erase(link);
  send(link, refuse{why, for_good}, true);
  events_.push_back({member_event::kind::refused, host, {}, link, std::move(why)});
}

void coordinator_membership::opened(link_id link, time_point now) {
  if (strangers_.size() >= options_.max_strangers) {
    refuse_link(link, "?",
                transient("there are " + std::to_string(strangers_.size()) +
                              " connections already that have not said who they are",
                          "coordinator", "try again later"),
                false);
    return;
  }
  strangers_.emplace(link, now);
}

void coordinator_membership::closed(link_id link, time_point now) {
  strangers_.erase(link);
  const auto at = linked_.find(link);
  if (at == linked_.end())
    return;
  const auto found = members_.find(at->second);
  linked_.erase(at);
  entry& e = found->second;
  tell(member_event::kind::unlinked, e);
  e.seen.link = 0;
  e.unlinked_at = now;
  if (e.seen.state == member_state::up)
    e.seen.state = member_state::unlinked;
}

void coordinator_membership::attach(entry& e, link_id link) {
  strangers_.erase(link);
  linked_[link] = e.seen.host.name;
  e.seen.link = link;
}

void coordinator_membership::detach(entry& e) {
  if (e.seen.link != 0)
    linked_.erase(e.seen.link);
  e.seen.link = 0;
}

coordinator_membership::entries::iterator coordinator_membership::lose(entries::iterator at, error why) {
  entry& e = at->second;
  tell(member_event::kind::lost, e, std::move(why));
  if (e.seen.link != 0) // it may hear us although we do not hear it
    send(e.seen.link, fenced{e.seen.id}, true);
  detach(e);
  return members_.erase(at);
}

void coordinator_membership::joins(link_id link, join&& from, time_point now) {
  const std::string name = from.host.name;
  if (const auto why = mismatch(own_, from))
    return refuse_link(link, name, *why, true);
  if (ended_)
    return refuse_link(link, name, transient(*ended_, "coordinator"), false); // another run may follow
  if (const auto found = members_.find(name); found != members_.end()) {
    entry& e = found->second;
    if (e.seen.host.boot == from.host.boot && from.resume == e.seen.id) {
      if (e.seen.link != 0) { // the host knows before us that the old connection is dead
        send(e.seen.link, fenced{}, true);
        detach(e);
      }
      if (e.seen.state == member_state::unlinked)
        e.seen.state = member_state::up;
      attach(e, link);
      e.alive.heard(now);
      send(link, welcome{e.seen.id, true});
      return tell(member_event::kind::resumed, e);
    }
    if (e.seen.host.boot != from.host.boot && e.seen.link != 0)
      // A second host by mistake, or the first restarted without a word: silence will tell.
      return refuse_link(link, name,
                         transient("a host of that name is a member already", "host '" + name + "'",
                                   "give each host another --host-name; after a crash it is given up in " +
                                       to_text(options_.silence)),
                         false);
    lose(found, transient("it came back without what it had", "host '" + name + "'"));
  }
  if (members_.size() >= options_.max_hosts)
    return refuse_link(link, name,
                       transient("the cluster has " + std::to_string(members_.size()) + " hosts already",
                                 "coordinator", "raise the limit, or let another host leave"),
                       false);
  member m{std::move(from.host), {life_, next_incarnation_++}, member_state::up, 0, now};
  entry& e =
      members_.emplace(name, entry{std::move(m), {options_.silence, options_.heartbeat_every, now}, {}, {}})
          .first->second;
  attach(e, link);
  send(link, welcome{e.seen.id, false});
  tell(member_event::kind::joined, e);
}

coordinator_membership::entry* coordinator_membership::of(link_id link, const membership_id& id) {
  const auto at = linked_.find(link);
  if (at == linked_.end())
    return nullptr;
  entry& e = members_.find(at->second)->second;
  return e.seen.id == id ? &e : nullptr;
}

const member* coordinator_membership::accept(link_id link, const membership_id& id) const {
  const entry* const e = const_cast<coordinator_membership*>(this)->of(link, id);
  return e != nullptr ? &e->seen : nullptr;
}

void coordinator_membership::receive(link_id link, control_message message, time_point now) {
  if (auto* const from = std::get_if<join>(&message)) {
    if (strangers_.contains(link)) // a member does not join twice on one connection
      joins(link, std::move(*from), now);
    return;
  }
  if (const auto* const beat = std::get_if<heartbeat>(&message)) {
    entry* const e = of(link, beat->id);
    if (e == nullptr)
      return;
    e->alive.heard(now);
    e->trip.heard(beat->sequence, now);
    e->trip.echoed(beat->echo, duration{static_cast<duration::rep>(beat->echo_held)}, now);
    e->seen.round_trip = e->trip.took();
    e->seen.busy = beat->busy;
    return;
  }
  if (const auto* const wish = std::get_if<leave>(&message)) {
    if (entry* const e = of(link, wish->id); e != nullptr) {
      e->alive.heard(now);
      drain(e->seen.host.name);
    }
  }
}

void coordinator_membership::heard(link_id link, time_point now) {
  if (const auto at = linked_.find(link); at != linked_.end())
    members_.find(at->second)->second.alive.heard(now);
}

void coordinator_membership::look(time_point now) {
  for (auto at = strangers_.begin(); at != strangers_.end();) {
    const auto [link, since] = *at++;
    if (now - since > options_.join_deadline)
      refuse_link(link, "?",
                  transient("the connection did not say who it is within " + to_text(options_.join_deadline),
                            "coordinator", "is it a host of this cluster?"),
                  false);
  }
  for (auto at = members_.begin(); at != members_.end();) {
    entry& e = at->second;
    const std::string where = "host '" + e.seen.host.name + "'";
    const bool silent = e.alive.silent(now);
    if (e.seen.link == 0 && now - e.unlinked_at > options_.resume_within) {
      at = lose(at, transient("its connection broke and it did not come back within " +
                                  to_text(options_.resume_within),
                              where));
      continue;
    }
    if (silent) {
      at = lose(at, transient("nothing was heard of it for " + to_text(options_.silence), where));
      continue;
    }
    if (e.seen.link != 0)
      send(e.seen.link, heartbeat{e.seen.id, e.trip.next(now), e.trip.echo(),
                                  static_cast<std::uint64_t>(e.trip.held(now).count()), 0});
    ++at;
  }
}

bool coordinator_membership::drain(const std::string& host) {
  const auto found = members_.find(host);
  if (found == members_.end())
    return false;
  if (std::exchange(found->second.seen.state, member_state::leaving) != member_state::leaving)
    tell(member_event::kind::leaving, found->second);
  return true;
}

void coordinator_membership::finished(const std::string& host) {
  const auto found = members_.find(host);
  if (found == members_.end() || found->second.seen.state != member_state::leaving)
    return;
  entry& e = found->second;
  tell(member_event::kind::left, e);
  if (e.seen.link != 0)
    send(e.seen.link, left{e.seen.id, "all it had is done"}, true);
  detach(e);
  members_.erase(found);
}

void coordinator_membership::end(const std::string& why) {
  if (ended_)
    return;
  ended_ = why;
  for (auto& [name, e] : members_) {
    tell(member_event::kind::left, e);
    if (e.seen.link != 0)
      send(e.seen.link, left{e.seen.id, why}, true);
  }
  members_.clear();
  linked_.clear();
}

const member* coordinator_membership::find(const std::string& host) const {
  const auto found = members_.find(host);
  return found != members_.end() ? &found->second.seen : nullptr;
}

std::vector<member> coordinator_membership::members() const {
  std::vector<member> all;
  for (const auto& [name, e] : members_)
    all.push_back(e.seen);
  return all;
}

} // namespace weir::cluster
