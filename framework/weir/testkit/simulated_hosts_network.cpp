// The network between simulated hosts: connections, and frames on their way, with delay and loss.

#include <weir/testkit/private/simulated_hosts_parts.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::detail {

using namespace std::chrono_literals;

namespace {

/// A lost packet is sent again after so long, as TCP does.
constexpr duration resent_after = 200ms;

} // namespace

duration simulated_hosts::delay() {
  duration d = on_.plan().up_to(options_.most_delay);
  for (duration again = resent_after; on_.plan().chance(options_.loss); again *= 2)
    d += again;
  return d;
}

void simulated_hosts::connect(host& h) {
  break_off(h.on, false);
  const link_id id = next_link_++;
  h.on = id;
  auto made = std::make_unique<connection>();
  made->id = id;
  made->host = h.number;
  connections_.emplace(id, std::move(made));
  const time_point reachable = std::max({now(), h.unheard_until, h.deaf_until});
  at(later(reachable, delay() + delay()), [id, number = h.number, life = h.life](simulated_hosts& self) {
    const auto c = self.connections_.find(id);
    host* const there = self.running(number);
    if (c == self.connections_.end())
      return;
    if (there == nullptr || there->life != life || there->on != id) {
      self.connections_.erase(c);
      return;
    }
    c->second->open = true;
    self.coordinator_->link_opened(id, self.now());
    there->workers->link_opened(id, self.now());
    self.pump_soon(number);
    self.pump_here_soon();
  });
}

void simulated_hosts::carry(std::deque<cluster::session_write> writes, bool to_host) {
  for (auto& w : writes) {
    const auto c = connections_.find(w.to);
    if (c == connections_.end())
      continue;
    if (!w.frame.empty())
      send(*c->second, to_host, std::make_shared<const cluster::bytes>(std::move(w.frame)));
    if (w.then_close)
      send(*c->second, to_host, nullptr);
  }
}

void simulated_hosts::send(connection& c, bool to_host, bytes_ptr frame) {
  if (!c.open)
    return;
  auto& way = c.way(to_host);
  way.last = std::max(way.last, later(now(), delay()));
  way.frames.push_back(std::move(frame));
  at(way.last, [id = c.id, to_host](simulated_hosts& self) { self.arrive(id, to_host); });
}

/// The oldest: timers may come late, and must not reorder.
void simulated_hosts::arrive(link_id link, bool at_host) {
  const auto found = connections_.find(link);
  if (found == connections_.end() || found->second->way(at_host).frames.empty())
    return;
  connection& c = *found->second;
  auto& way = c.way(at_host);
  const host& h = *hosts_.at(c.host);
  const auto not_before = at_host ? std::max(h.deaf_until, h.paused_until) : h.unheard_until;
  if (now() < not_before) {
    at(not_before, [link, at_host](simulated_hosts& self) { self.arrive(link, at_host); });
    return;
  }
  const auto frame = std::move(way.frames.front());
  way.frames.pop_front();
  take(c, at_host, frame);
}

void simulated_hosts::take(connection& c, bool at_host, const bytes_ptr& frame) {
  const auto id = c.id;
  host* const h = running(c.host);
  if (!frame)
    connections_.erase(id);
  if (!at_host) {
    frame ? coordinator_->received(id, frame, now()) : coordinator_->link_closed(id, now());
    pump_here();
  } else if (h != nullptr && h->on == id) {
    frame ? h->workers->received(id, frame, now()) : h->workers->link_closed(id, now());
    pump(*h);
  }
}

/// What is under way is gone. The coordinator hears of it, unless nothing of this host comes through.
void simulated_hosts::break_off(link_id link, bool tell_host) {
  const auto found = connections_.find(link);
  if (found == connections_.end())
    return;
  const auto number = found->second->host;
  const host& of = *hosts_.at(number);
  const auto heard = std::max(later(now(), delay()), of.unheard_until);
  const auto hears = std::max(later(now(), delay()), of.deaf_until);
  const bool was_open = found->second->open;
  connections_.erase(found);
  if (!was_open)
    return;
  at(heard, [link](simulated_hosts& self) {
    self.coordinator_->link_closed(link, self.now());
    self.pump_here();
  });
  if (tell_host)
    at(hears, [link, number](simulated_hosts& self) {
      if (host* const h = self.running(number)) {
        h->workers->link_closed(link, self.now());
        self.pump_soon(number);
      }
    });
}

} // namespace weir::detail
