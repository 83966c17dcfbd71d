#include <weir/cluster/session.hpp>

#include <weir/cluster/wire.hpp>

#include <utility>

namespace weir::cluster {

// ---- coordinator

void coordinator_session::pump(peer& p) {
  while (auto frame = p.link.next())
    writes_.push_back({p.on, encode(*frame), false});
}

void coordinator_session::settle() {
  auto& said = membership_.outgoing();
  for (; !said.empty(); said.pop_front()) // a welcome goes before what follows it
    writes_.push_back({said.front().to, encode(said.front().what), said.front().then_close});
  auto& news = membership_.events();
  for (; !news.empty(); news.pop_front()) {
    const member_event& e = news.front();
    const auto found = peers_.find(e.id.incarnation);
    switch (e.what) {
    case member_event::kind::joined: {
      peer& p = peers_.emplace(e.id.incarnation, peer{remote_link{e.id, limits_}, e.link}).first->second;
      p.link.attach(false);
      break;
    }
    case member_event::kind::resumed:
      found->second.on = e.link;
      found->second.link.attach(true);
      break;
    case member_event::kind::unlinked:
      found->second.link.detach();
      break;
    case member_event::kind::left:
    case member_event::kind::lost:
      peers_.erase(found);
      break;
    case member_event::kind::leaving:
    case member_event::kind::refused:
      break;
    }
    events_.push_back(std::move(news.front()));
  }
  for (auto& [incarnation, p] : peers_)
    pump(p);
}

void coordinator_session::opened(link_id link, time_point now) {
  membership_.opened(link, now);
  settle();
}

void coordinator_session::closed(link_id link, time_point now) {
  membership_.closed(link, now);
  settle();
}

void coordinator_session::received(link_id link, std::shared_ptr<const bytes> frame, time_point now) {
  auto what = decode(std::move(frame));
  bool good = what.has_value();
  if (good) {
    if (auto* const control = std::get_if<control_message>(&*what)) {
      membership_.receive(link, std::move(*control), now);
    } else if (const auto& data = std::get<link_frame>(*what); membership_.accept(link, data.id) != nullptr) {
      membership_.heard(link, now);
      good = peers_.at(data.id.incarnation).link.receive(data).has_value();
    } // else of another life: fenced
  }
  if (!good) {
    writes_.push_back({link, {}, true});
    membership_.closed(link, now);
  }
  settle();
}

void coordinator_session::look(time_point now) {
  membership_.look(now);
  for (auto& [incarnation, p] : peers_)
    p.link.look();
  settle();
}

result<> coordinator_session::send(std::uint64_t incarnation, bytes&& message) {
  const auto found = peers_.find(incarnation);
  if (found == peers_.end())
    return transient("the host is no member any more", "cluster");
  auto sent = found->second.link.send(std::move(message));
  pump(found->second);
  return sent;
}

std::optional<coordinator_session::message> coordinator_session::take() {
  // Each host in turn, so that one that says much does not keep the others waiting.
  auto at = peers_.upper_bound(taken_last_);
  for (std::size_t n = 0; n < peers_.size(); ++n, ++at) {
    if (at == peers_.end())
      at = peers_.begin();
    if (auto what = at->second.link.take()) {
      taken_last_ = at->first;
      pump(at->second); // there is room again
      return message{at->first, *std::move(what)};
    }
  }
  return std::nullopt;
}

bool coordinator_session::drain(const std::string& host) {
  const bool there = membership_.drain(host);
  settle();
  return there;
}

void coordinator_session::finished(const std::string& host) {
  membership_.finished(host);
  settle();
}

void coordinator_session::end(const std::string& why) {
  membership_.end(why);
  settle();
}

const link_figures* coordinator_session::figures(std::uint64_t incarnation) const {
  const auto found = peers_.find(incarnation);
  return found != peers_.end() ? &found->second.link.figures() : nullptr;
}

// ---- host

void host_session::pump() {
  while (auto frame = link_ ? link_->next() : std::nullopt)
    writes_.push_back({on_, encode(*frame), false});
}

void host_session::settle() {
  auto& said = membership_.outgoing();
  for (; !said.empty(); said.pop_front())
    writes_.push_back({said.front().to, encode(said.front().what), said.front().then_close});
  auto& news = membership_.events();
  for (; !news.empty(); news.pop_front()) {
    const host_event& e = news.front();
    switch (e.what) {
    case host_event::kind::joined:
      on_ = e.link;
      link_.emplace(e.id, limits_);
      link_->attach(false);
      break;
    case host_event::kind::resumed:
      on_ = e.link;
      link_->attach(true);
      break;
    case host_event::kind::unlinked:
      link_->detach();
      break;
    case host_event::kind::lost:
    case host_event::kind::ended:
      link_.reset();
      break;
    case host_event::kind::refused:
      break;
    }
    events_.push_back(std::move(news.front()));
  }
  pump();
  auto& over = membership_.to_close();
  for (; !over.empty(); over.pop_front())
    writes_.push_back({over.front(), {}, true});
}

void host_session::opened(link_id link, time_point now) {
  membership_.opened(link, now);
  settle();
}

void host_session::unreachable(error why, time_point now) {
  membership_.unreachable(std::move(why), now);
  settle();
}

void host_session::closed(link_id link, time_point now) {
  membership_.closed(link, now);
  settle();
}

void host_session::received(link_id link, std::shared_ptr<const bytes> frame, time_point now) {
  auto what = decode(std::move(frame));
  bool good = what.has_value();
  if (good) {
    if (auto* const control = std::get_if<control_message>(&*what)) {
      membership_.receive(link, std::move(*control), now);
    } else if (const auto& data = std::get<link_frame>(*what); membership_.accept(link, data.id) && link_) {
      membership_.heard(link, now);
      good = link_->receive(data).has_value();
    }
  }
  if (!good) {
    writes_.push_back({link, {}, true});
    membership_.closed(link, now);
  }
  settle();
}

void host_session::look(time_point now) {
  membership_.look(now);
  if (link_)
    link_->look();
  settle();
}

result<> host_session::send(bytes&& message) {
  if (!link_)
    return transient("this host is no member of the cluster", "cluster");
  auto sent = link_->send(std::move(message));
  pump();
  return sent;
}

std::optional<bytes> host_session::take() {
  auto what = link_ ? link_->take() : std::nullopt;
  pump();
  return what;
}

void host_session::leave_cluster(time_point now) {
  membership_.leave_cluster(now);
  settle();
}

} // namespace weir::cluster
