#include <tests/framework/weir/cluster/support/membership_world.hpp>

#include <algorithm>
#include <utility>

namespace weir_tests {

using namespace weir;
using namespace weir::cluster;
using namespace std::chrono_literals;

membership_world::membership_world(settings s, std::uint64_t seed) : settings_(s), random_(seed) {
  hosts_.resize(settings_.hosts);
  for (std::size_t n = 0; n < hosts_.size(); ++n) {
    hosts_[n].cluster = {"test", 7};
    hosts_[n].name = "host-" + std::to_string(n + 1);
  }
}

duration membership_world::delay() {
  duration d{std::uniform_int_distribution<duration::rep>{settings_.least_delay.count(),
                                                          settings_.most_delay.count()}(random_)};
  while (std::uniform_real_distribution<double>{}(random_) < settings_.loss)
    d += 200ms;
  return d;
}

void membership_world::at(time_point when, std::function<void()> what) {
  queue_.push({std::max(when, now_), number_++, std::move(what)});
}

void membership_world::run_for(duration time) {
  run_until([] { return false; }, time);
}

bool membership_world::run_until(const std::function<bool()>& holds, duration most) {
  const auto end = now_ + most;
  while (!holds()) {
    if (queue_.empty() || queue_.top().when > end) {
      now_ = end;
      return holds();
    }
    const auto next = queue_.top();
    queue_.pop();
    now_ = next.when;
    next.what();
  }
  return true;
}

void membership_world::in_process(process& p, std::uint64_t life, std::function<void()> what) {
  if (!p.runs || p.life != life)
    return;
  if (p.paused_until > now_) {
    at(p.paused_until, [this, &p, life, what = std::move(what)] { in_process(p, life, what); });
    return;
  }
  what();
}

void membership_world::carry(link_id link, bool to_coordinator, std::function<void()> what) {
  connection& c = connections_.at(link);
  auto& last = c.last_arrival[to_coordinator ? 0 : 1];
  last = std::max(last, now_ + delay());
  const auto arrive = [this, link, to_coordinator, what = std::move(what)](auto& self) -> void {
    connection& c = connections_.at(link);
    const auto cut_until = hosts_[c.host].cut_until[to_coordinator ? 0 : 1];
    if (cut_until > now_) { // behind it everything waits as well: same time, later number
      at(cut_until, [self] { self(self); });
      return;
    }
    if (to_coordinator)
      in_process(coordinator_, c.coordinator_life, [this, link, what] {
        if (connections_.at(link).open[0])
          what();
        settle_coordinator();
      });
    else
      in_process(hosts_[c.host], c.host_life, [this, link, what, n = c.host] {
        if (connections_.at(link).open[1])
          what();
        settle_host(n);
      });
  };
  at(last, [arrive] { arrive(arrive); });
}

void membership_world::close(link_id link, bool by_coordinator) {
  connection& c = connections_.at(link);
  if (!std::exchange(c.open[by_coordinator ? 0 : 1], false))
    return;
  carry(link, !by_coordinator, [this, link, by_coordinator] {
    connections_.at(link).open[by_coordinator ? 1 : 0] = false;
    if (by_coordinator)
      hosts_[connections_.at(link).host].at->closed(link, now_);
    else
      coordinator_.at->closed(link, now_);
  });
}

void membership_world::settle_coordinator() {
  auto& c = *coordinator_.at;
  while (!c.outgoing().empty()) {
    const auto out = std::move(c.outgoing().front());
    c.outgoing().pop_front();
    if (connections_.at(out.to).open[0])
      carry(out.to, false, [this, link = out.to, what = out.what] {
        hosts_[connections_.at(link).host].at->receive(link, what, now_);
      });
    if (out.then_close)
      close(out.to, true);
  }
  while (!c.events().empty()) {
    check(c.events().front());
    at_coordinator.push_back({now_, std::move(c.events().front())});
    c.events().pop_front();
  }
}

void membership_world::check(const member_event& e) {
  const auto wrong = [&](const std::string& what) { broken.push_back(e.host + ": " + what); };
  switch (e.what) {
  case member_event::kind::joined:
    if (present_.contains(e.host))
      wrong("joined while another life of it is a member");
    if (e.id.incarnation <= last_incarnation_)
      wrong("its incarnation did not rise");
    last_incarnation_ = e.id.incarnation;
    present_[e.host] = e.id.incarnation;
    welcomed_.emplace(e.id.coordinator, e.id.incarnation);
    break;
  case member_event::kind::left:
  case member_event::kind::lost:
    if (const auto found = present_.find(e.host);
        found == present_.end() || found->second != e.id.incarnation)
      wrong("gone without having been there, or twice");
    present_.erase(e.host);
    break;
  case member_event::kind::resumed:
  case member_event::kind::unlinked:
  case member_event::kind::leaving:
    if (!present_.contains(e.host) || present_[e.host] != e.id.incarnation)
      wrong("something was said of a life that is over");
    break;
  case member_event::kind::refused:
    break;
  }
}

void membership_world::settle_host(std::size_t n) {
  auto& h = hosts_[n];
  const auto life = h.life;
  while (!h.at->outgoing().empty()) {
    const auto out = std::move(h.at->outgoing().front());
    h.at->outgoing().pop_front();
    if (connections_.at(out.to).open[1])
      carry(out.to, true,
            [this, link = out.to, what = out.what] { coordinator_.at->receive(link, what, now_); });
  }
  while (!h.at->to_close().empty()) {
    close(h.at->to_close().front(), false);
    h.at->to_close().pop_front();
  }
  while (!h.at->events().empty()) {
    auto& e = h.at->events().front();
    if (e.what == host_event::kind::joined && !welcomed_.contains({e.id.coordinator, e.id.incarnation}))
      broken.push_back(h.name + ": believes in a life that it was never given");
    at_hosts.push_back({now_, n, std::move(e)});
    h.at->events().pop_front();
  }
  if (const auto seed = h.at->to_connect()) {
    const auto there = now_ + delay();
    const bool reachable = *seed + 1 == settings_.seeds && coordinator_.runs;
    const bool cut = h.cut_until[0] > there || h.cut_until[1] > there;
    if (cut)
      ; // nothing comes back: its own deadline tells it
    else if (!reachable)
      at(there + delay(), [this, n, life] {
        in_process(hosts_[n], life, [this, n] {
          hosts_[n].at->unreachable(transient("connection refused", "seed"), now_);
          settle_host(n);
        });
      });
    else {
      const link_id link = next_link_++;
      connections_[link] = {n, life, coordinator_.life, {true, true}, {}};
      carry(link, true, [this, link] { coordinator_.at->opened(link, now_); });
      connections_.at(link).last_arrival[1] = there;
      carry(link, false, [this, link, n] { hosts_[n].at->opened(link, now_); });
    }
  }
  plan_look_of_host(n);
}

void membership_world::plan_look_of_host(std::size_t n) {
  auto& h = hosts_[n];
  const auto due = h.at->due();
  if (due == time_point::max() || h.wake == due)
    return;
  h.wake = due;
  at(due, [this, n, life = h.life, due] {
    in_process(hosts_[n], life, [this, n, due] {
      if (hosts_[n].wake == due)
        hosts_[n].wake.reset();
      hosts_[n].at->look(now_);
      settle_host(n);
    });
  });
}

void membership_world::plan_look_of_coordinator() {
  at(now_ + settings_.options.heartbeat_every, [this, life = coordinator_.life] {
    in_process(coordinator_, life, [this] {
      coordinator_.at->look(now_);
      settle_coordinator();
      plan_look_of_coordinator();
    });
  });
}

void membership_world::start_coordinator() {
  coordinator_.life = ++lives_;
  coordinator_.runs = true;
  coordinator_.paused_until = {};
  present_.clear();
  last_incarnation_ = 0;
  coordinator_.at = std::make_unique<coordinator_membership>(cluster_identity{"test", 7}, settings_.options,
                                                             1000 + coordinator_.life);
  plan_look_of_coordinator();
}

void membership_world::kill_coordinator(bool quietly) {
  coordinator_.runs = false;
  coordinator_.at.reset();
  for (auto& [link, c] : connections_)
    if (c.coordinator_life == coordinator_.life && !quietly)
      close(link, true);
}

void membership_world::start_host(std::size_t n) {
  auto& h = hosts_[n];
  h.life = ++lives_;
  h.runs = true;
  h.paused_until = {};
  h.wake.reset();
  host_identity own;
  own.name = h.name;
  own.boot = h.life;
  h.at = std::make_unique<host_membership>(h.cluster, std::move(own), settings_.seeds, settings_.options,
                                           random_());
  settle_host(n);
}

void membership_world::kill_host(std::size_t n, bool quietly) {
  auto& h = hosts_[n];
  h.runs = false;
  for (auto& [link, c] : connections_)
    if (c.host == n && c.host_life == h.life && !quietly)
      close(link, false);
}

void membership_world::pause_host(std::size_t n, duration time) { hosts_[n].paused_until = now_ + time; }
void membership_world::pause_coordinator(duration time) { coordinator_.paused_until = now_ + time; }

void membership_world::cut(std::size_t n, bool to_coordinator, duration time) {
  hosts_[n].cut_until[to_coordinator ? 0 : 1] = now_ + time;
}

void membership_world::break_connections(std::size_t n) {
  for (auto& [link, c] : connections_) {
    if (c.host != n || (!c.open[0] && !c.open[1]))
      continue;
    // Each end hears of it on its own way; what was under way is lost with it.
    const auto l = link;
    const bool told[2] = {std::exchange(c.open[0], false), std::exchange(c.open[1], false)};
    if (told[0])
      at(now_ + delay(), [this, l, life = c.coordinator_life] {
        in_process(coordinator_, life, [this, l] {
          coordinator_.at->closed(l, now_);
          settle_coordinator();
        });
      });
    if (told[1])
      at(now_ + delay(), [this, l, n, life = c.host_life] {
        in_process(hosts_[n], life, [this, l, n] {
          hosts_[n].at->closed(l, now_);
          settle_host(n);
        });
      });
  }
}

void membership_world::leave(std::size_t n) {
  hosts_[n].at->leave_cluster(now_);
  settle_host(n);
}

bool membership_world::together(std::size_t n) {
  if (!coordinator_.runs || !hosts_[n].runs)
    return false;
  const auto* const m = coordinator_.at->find(hosts_[n].name);
  return m != nullptr && m->state == member_state::up && hosts_[n].at->id() == m->id &&
         hosts_[n].at->accept(m->link, m->id);
}

bool membership_world::all_together() {
  for (std::size_t n = 0; n < hosts_.size(); ++n)
    if (!together(n))
      return false;
  return true;
}

std::size_t membership_world::count(member_event::kind what) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(at_coordinator, [&](const heard_of& h) { return h.what.what == what; }));
}

std::size_t membership_world::count(std::size_t host, host_event::kind what) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      at_hosts, [&](const host_heard& h) { return h.host == host && h.what.what == what; }));
}

} // namespace weir_tests
