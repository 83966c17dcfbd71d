#include <weir/cluster/host_membership.hpp>

#include <algorithm>
#include <utility>

namespace weir::cluster {

host_membership::host_membership(cluster_identity cluster, host_identity own, std::size_t seeds,
                                 membership_options options, std::uint64_t seed)
    : cluster_(std::move(cluster)), own_(std::move(own)), seeds_(std::max<std::size_t>(1, seeds)),
      options_(options), random_(static_cast<std::minstd_rand::result_type>(seed | 1U)) {}

void host_membership::connect(time_point now) {
  state_ = state::connecting;
  next_ = later(now, options_.connect_deadline);
  connect_ = at_;
}

void host_membership::back_off(time_point now, bool next_seed) {
  if (state_ == state::ended)
    return;
  state_ = state::waiting;
  if (next_seed)
    at_ = (at_ + 1) % seeds_;
  // One round of the seeds is one attempt; the first of it comes without delay.
  const std::uint32_t round = attempts_++ / static_cast<std::uint32_t>(seeds_);
  const auto most = std::min<double>(static_cast<double>(options_.most_backoff.count()),
                                     static_cast<double>(options_.first_backoff.count()) *
                                         static_cast<double>(1ULL << std::min(round, 30U)));
  const double share = std::uniform_real_distribution<double>{0.5, 1.0}(random_);
  next_ = later(now, duration{static_cast<duration::rep>(most * share)});
}

void host_membership::drop_link() {
  if (link_ != 0)
    to_close_.push_back(link_);
  link_ = 0;
}

void host_membership::lose(error why) {
  if (!id_)
    return;
  events_.push_back({host_event::kind::lost, *id_, link_, std::move(why), {}});
  id_.reset();
  alive_.reset();
  resume_until_ = {};
  if (leaving_) // what it would have finished has been handed to others
    finish(std::nullopt, "the coordinator was lost while this host was leaving");
}

void host_membership::finish(std::optional<error> why, std::string text) {
  if (std::exchange(state_, state::ended) == state::ended)
    return;
  drop_link();
  connect_.reset();
  const auto was = id_.value_or(membership_id{});
  id_.reset();
  events_.push_back({host_event::kind::ended, was, 0, std::move(why), std::move(text)});
}

void host_membership::opened(link_id link, time_point now) {
  if (state_ != state::connecting) { // too late: nobody waits for it any more
    to_close_.push_back(link);
    return;
  }
  state_ = state::joining;
  link_ = link;
  next_ = later(now, options_.join_deadline);
  outgoing_.push_back({link, join{cluster_, own_, id_}, false});
}

void host_membership::unreachable(error why, time_point now) {
  if (state_ != state::connecting)
    return;
  refusals_ = 0;
  if (!id_)
    events_.push_back({host_event::kind::refused, {}, 0, std::move(why), {}});
  back_off(now, !id_);
}

void host_membership::closed(link_id link, time_point now) {
  if (link != link_ || state_ == state::ended)
    return;
  link_ = 0;
  if (state_ == state::joining)
    return back_off(now, !id_);
  if (!id_)
    return;
  events_.push_back({host_event::kind::unlinked, *id_, link, std::nullopt, {}});
  resume_until_ = later(now, options_.resume_within);
  attempts_ = 0;
  connect(now); // the coordinator may well be there: at once, where it was
}

void host_membership::receive(link_id link, control_message message, time_point now) {
  if (link != link_ || state_ == state::ended)
    return;
  if (const auto* const yes = std::get_if<welcome>(&message)) {
    if (state_ != state::joining)
      return;
    const bool goes_on = yes->resumed && id_ == yes->id;
    if (!goes_on)
      lose(transient("the coordinator has given this host up", "host '" + own_.name + "'"));
    if (state_ == state::ended)
      return;
    state_ = state::joined;
    id_ = yes->id;
    alive_.emplace(options_.silence, options_.heartbeat_every, now);
    resume_until_ = {};
    attempts_ = 0;
    refusals_ = 0;
    if (!goes_on)
      trip_ = {};
    events_.push_back({goes_on ? host_event::kind::resumed : host_event::kind::joined, *id_, link, {}, {}});
    beat(now);
    if (leaving_)
      outgoing_.push_back({link_, leave{*id_}, false});
    return;
  }
  if (auto* const no = std::get_if<refuse>(&message)) {
    if (state_ != state::joining)
      return;
    drop_link();
    lose(no->why);
    refusals_ = no->for_good ? refusals_ + 1 : 0;
    events_.push_back({host_event::kind::refused, {}, link, no->why, {}});
    if (refusals_ >= seeds_)
      return finish(no->why, {});
    return back_off(now, true);
  }
  if (!id_ || state_ != state::joined)
    return;
  if (const auto* const sign = std::get_if<heartbeat>(&message)) {
    if (sign->id != *id_)
      return;
    alive_->heard(now);
    trip_.heard(sign->sequence, now);
    trip_.echoed(sign->echo, duration{static_cast<duration::rep>(sign->echo_held)}, now);
    return;
  }
  if (auto* const end = std::get_if<left>(&message)) {
    if (end->id == *id_)
      finish(std::nullopt, std::move(end->why));
    return;
  }
  if (const auto* const over = std::get_if<fenced>(&message); over != nullptr && over->id == *id_) {
    drop_link();
    lose(transient("the coordinator has given this host up", "host '" + own_.name + "'"));
    back_off(now, false);
  }
}

void host_membership::heard(link_id link, time_point now) {
  if (link == link_ && alive_)
    alive_->heard(now);
}

void host_membership::beat(time_point now) {
  next_beat_ = later(now, options_.heartbeat_every);
  outgoing_.push_back({link_,
                       heartbeat{*id_, trip_.next(now), trip_.echo(),
                                 static_cast<std::uint64_t>(trip_.held(now).count()), busy_},
                       false});
}

void host_membership::look(time_point now) {
  if (state_ == state::ended)
    return;
  if (id_ && state_ != state::joined && now > resume_until_) {
    lose(transient("the connection to the coordinator broke and did not come back", "coordinator"));
    if (state_ == state::ended)
      return;
  }
  switch (state_) {
  case state::waiting:
    if (now >= next_)
      connect(now);
    break;
  case state::connecting:
    if (now >= next_)
      unreachable(transient("no connection within " + to_text(options_.connect_deadline), "coordinator",
                            "is it running, and reachable from here?"),
                  now);
    break;
  case state::joining:
    if (now >= next_) {
      drop_link();
      refusals_ = 0;
      events_.push_back({host_event::kind::refused,
                         {},
                         0,
                         transient("no answer within " + to_text(options_.join_deadline), "coordinator",
                                   "is that address the coordinator of a cluster?"),
                         {}});
      back_off(now, !id_);
    }
    break;
  case state::joined:
    if (now < next_beat_)
      break;
    if (alive_->silent(now)) {
      drop_link();
      lose(transient("nothing was heard of it for " + to_text(options_.silence), "coordinator"));
      back_off(now, false);
      break;
    }
    beat(now);
    break;
  case state::ended:
    break;
  }
}

time_point host_membership::due() const noexcept {
  if (state_ == state::ended)
    return time_point::max();
  time_point at = state_ == state::joined ? next_beat_ : next_;
  if (id_ && state_ != state::joined)
    at = std::min(at, later(resume_until_, duration{1}));
  return at;
}

void host_membership::leave_cluster(time_point now) {
  if (state_ == state::ended || std::exchange(leaving_, true))
    return;
  if (!id_) {
    finish(std::nullopt, "it was no member");
    return;
  }
  if (state_ == state::joined)
    outgoing_.push_back({link_, leave{*id_}, false});
  static_cast<void>(now);
}

} // namespace weir::cluster
