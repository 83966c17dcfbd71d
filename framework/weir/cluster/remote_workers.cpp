#include <weir/cluster/remote_workers.hpp>

#include <weir/cluster/member_words.hpp>
#include <weir/cluster/work_wire.hpp>
#include <weir/runtime/task_bytes.hpp>

#include <algorithm>

namespace weir::cluster {

using detail::decode_answer;
using detail::encode_order;
using detail::encode_task;

/// One worker on one host, as it is known here. Immutable but for what the call's marks say.
struct remote_workers::worker {
  std::uint64_t number;
  std::uint64_t host; ///< incarnation
  std::uint32_t node;
  std::uint32_t index;
  std::uint32_t incarnation;
  std::shared_ptr<detail::answer_gate> answers;
  lost_call lost;
  std::shared_ptr<detail::watched_call> call = std::make_shared<detail::watched_call>();
};

class remote_workers::handle final : public detail::worker_handle {
 public:
  handle(remote_workers& of, std::shared_ptr<worker> w) : of_(of), worker_(std::move(w)) {}
  ~handle() override { of_.release(worker_); }
  handle(const handle&) = delete;
  handle& operator=(const handle&) = delete;
  void submit(detail::task t) override { of_.submit(worker_, t); }
  std::shared_ptr<detail::watched_call> call() const override { return worker_->call; }

 private:
  remote_workers& of_; // the run that owns this handle keeps it
  std::shared_ptr<worker> worker_;
};

remote_workers::remote_workers(const workflow& w, placement where, remote_workers_options options)
    : where_(std::move(where)),
      session_(std::move(options.identity), options.membership, options.limits, options.life),
      min_hosts_(options.min_hosts), compress_(options.compress), most_message_(options.limits.max_message),
      enough_(options.min_hosts == 0) {
  const auto movable = movable_nodes(w);
  for (std::uint32_t n = 0; n < w.nodes().size(); ++n) {
    const node_definition& d = w.nodes()[n].definition;
    node made;
    made.id = w.nodes()[n].id;
    made.spreads = detail::may_spread(d);
    if (made.spreads) {
      if (const auto found = where_.nodes.find(made.id); found != where_.nodes.end())
        made.where = found->second;
      made.most = d.options.workers.most();
      made.here = made.where.what == place::kind::spread ? made.most : 0;
      made.movable = static_cast<std::uint32_t>(std::ranges::find(movable, n) - movable.begin());
      made.input = d.input;
      for (const auto& port : d.made_ports())
        made.outputs.push_back(port.type);
      made.timeout = d.options.timeout;
      made.grace = d.options.grace;
      made.ordered = d.options.order == ordering::ordered;
      made.rebuild_on_throw = d.options.restart.on_throw == after_throw::rebuild;
    }
    nodes_.push_back(std::move(made));
  }
}

remote_workers::~remote_workers() = default;

// ---- the run

void remote_workers::attach(const std::shared_ptr<detail::run_state>& run) {
  const std::lock_guard lock{mutex_};
  run_ = run;
  budget_ = run->budget;
}

/// Among the run's own events.
void remote_workers::tell(const member_event& e) const {
  if (const auto run = run_.lock())
    run->events.add(event_of(e));
}

std::uint32_t remote_workers::slots(const node& n, const host_identity& on) const {
  if (!n.spreads || !takes(n.where, on))
    return 0;
  return where_.per_host > 0 ? where_.per_host : std::max(on.capacity, n.most);
}

std::vector<remote_workers::offer> remote_workers::places(std::uint32_t node) const {
  const std::lock_guard lock{mutex_};
  std::vector<offer> all;
  for (const auto& [incarnation, h] : hosts_)
    for (std::uint32_t slot = 0; slot < slots(nodes_[node], h.who); ++slot)
      if (!h.closed.contains({node, slot}))
        all.push_back({{incarnation, slot}, h.closing});
  return all;
}

void remote_workers::when_changed(std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  wakes_.push_back(std::move(wake));
}

std::unique_ptr<detail::worker_handle> remote_workers::start(detail::remote_place at, worker_order what,
                                                             std::shared_ptr<detail::answer_gate> answers,
                                                             lost_call lost) {
  const node& n = nodes_[what.node];
  auto made = std::make_shared<worker>(
      worker{0, at.host, what.node, what.worker, what.incarnation, std::move(answers), std::move(lost)});
  const bytes order = encode_order(what);
  {
    const std::lock_guard lock{mutex_};
    made->number = next_number_++;
    if (const auto found = hosts_.find(at.host); found != hosts_.end()) { // else it is lost: nobody answers
      found->second.workers.emplace(made->number, made);
      say(found->second, at.host,
          encode(begin_worker{made->number, n.movable, n.timeout, n.grace, n.ordered, n.rebuild_on_throw,
                              compress_, order}));
    }
  }
  told_to_write();
  return std::make_unique<handle>(*this, std::move(made));
}

void remote_workers::submit(const std::shared_ptr<worker>& to, const detail::task& t) {
  const auto task = encode_task(t);
  bool said = false;
  if (task) {
    bytes storage;
    bytes message =
        encode(give_task{to->number, compress_ ? pack(*task, storage) : packed_body{.bytes = *task}});
    const std::lock_guard lock{mutex_};
    const auto found = hosts_.find(to->host);
    if (found == hosts_.end() || !found->second.workers.contains(to->number))
      return; // lost: the run hears of it, or has heard
    said = say(found->second, to->host, std::move(message));
  }
  if (said)
    return told_to_write();
  // Its first record is blamed, as for a worker that died there: tried again alone, a record too large is
  // found out.
  to->call->current.store(t.begin, std::memory_order_relaxed);
  to->lost(failure_kind::error,
           task ? permanent("the task is too large to be sent to another host",
                            "node '" + nodes_[to->node].id + "'", "make batch_size or the records smaller")
                : task.error());
}

void remote_workers::release(const std::shared_ptr<worker>& of) {
  {
    const std::lock_guard lock{mutex_};
    const auto found = hosts_.find(of->host);
    if (found == hosts_.end() || found->second.workers.erase(of->number) == 0)
      return;
    say(found->second, of->host, encode(end_worker{of->number}));
    let_go_of_leavers();
  }
  told_to_write();
}

void remote_workers::closed(std::uint32_t node, detail::remote_place at) {
  const std::lock_guard lock{mutex_};
  if (const auto found = hosts_.find(at.host); found != hosts_.end() && found->second.closing)
    found->second.closed.emplace(node, at.slot);
}

/// False when it can never be sent.
bool remote_workers::say(host& to, std::uint64_t incarnation, bytes message) {
  // What waits already goes first.
  if (to.waiting.empty()) {
    const auto sent = session_.send(incarnation, std::move(message)); // which keeps it when it is refused
    if (sent)
      return true;
    if (sent.error().kind == error_kind::permanent)
      return false;
  }
  to.waiting.push_back(std::move(message)); // NOLINT(bugprone-use-after-move): see above
  return true;
}

std::vector<waiting_for> remote_workers::lacks() const {
  const std::lock_guard lock{mutex_};
  std::vector<waiting_for> all;
  if (!enough_)
    all.push_back({"", "it begins when " + std::to_string(min_hosts_) + " hosts have joined: there " +
                           (hosts_.size() == 1 ? "is 1" : "are " + std::to_string(hosts_.size()))});
  for (const node& n : nodes_) {
    if (!n.spreads || n.here > 0 || std::ranges::any_of(hosts_, [&](const auto& h) {
          return !h.second.closing && takes(n.where, h.second.who);
        }))
      continue;
    all.push_back(
        {n.id, "it waits for a host " + (n.where.what == place::kind::host
                                             ? "of the name " + n.where.value
                                             : "with the label " + n.where.key + "=" + n.where.value)});
  }
  return all;
}

// ---- the driver

void remote_workers::forget(std::uint64_t incarnation) {
  const auto found = hosts_.find(incarnation);
  if (found == hosts_.end())
    return;
  gone_sent_ += found->second.last.bytes_sent;
  gone_received_ += found->second.last.bytes_received;
  hosts_.erase(found); // with its workers: their numbers are not known any more
  std::erase_if(on_, [&](const auto& l) { return l.second == incarnation; });
  changed();
}

/// Those that leave and have nothing more: of a place that the run has not used there is nothing to wait for.
void remote_workers::let_go_of_leavers() {
  std::vector<std::string> done;
  for (const auto& [incarnation, h] : hosts_)
    if (h.closing && h.workers.empty())
      done.push_back(h.who.name);
  for (const auto& name : done)
    session_.finished(name);
}

void remote_workers::note_traffic() {
  for (auto& [incarnation, h] : hosts_)
    if (const auto* const f = session_.figures(incarnation))
      h.last = *f;
}

void remote_workers::settle(time_point now, std::vector<delivery>& out) {
  for (bool again = true; again;) {
    again = false;
    for (; !session_.events().empty(); session_.events().pop_front()) {
      again = true;
      member_event& e = session_.events().front();
      switch (e.what) {
      case member_event::kind::joined: {
        host h;
        if (const member* const m = session_.membership().find(e.host))
          h.who = m->host;
        h.heard = now;
        hosts_.emplace(e.id.incarnation, std::move(h));
        on_[e.link] = e.id.incarnation;
        enough_ |= hosts_.size() >= min_hosts_;
        changed();
        break;
      }
      case member_event::kind::resumed:
        on_[e.link] = e.id.incarnation;
        break;
      case member_event::kind::leaving:
        if (const auto found = hosts_.find(e.id.incarnation); found != hosts_.end()) {
          found->second.closing = true;
          changed();
        }
        break;
      case member_event::kind::left:
      case member_event::kind::lost:
        forget(e.id.incarnation);
        break;
      case member_event::kind::unlinked:
      case member_event::kind::refused:
        break;
      }
      tell(e);
      events_.push_back(std::move(e));
    }
    while (auto m = session_.take())
      if (const auto h = hosts_.find(m->from); h != hosts_.end())
        if (const auto read = decode_work(m->what)) {
          const auto number = std::visit([](const auto& w) { return w.number; }, *read);
          if (const auto to = h->second.workers.find(number); to != h->second.workers.end())
            out.push_back({to->second, std::move(m->what)});
        }
    for (auto& [incarnation, h] : hosts_)
      while (!h.waiting.empty() && session_.send(incarnation, std::move(h.waiting.front())))
        h.waiting.pop_front();
    let_go_of_leavers();
    again |= !session_.events().empty();
  }
  note_traffic();
}

void remote_workers::deliver(std::vector<delivery>& what, time_point now) {
  for (auto& d : what) {
    const worker& w = *d.to;
    auto read = decode_work(d.what);
    if (auto* const said = read ? std::get_if<worker_said>(&*read) : nullptr) {
      bytes storage;
      const auto body = unpack(said->answer, most_message_, storage);
      auto answer = body ? decode_answer(*body, nodes_[w.node].outputs, budget_, now)
                         : result<detail::answer>{body.error()};
      if (!answer) {
        w.lost(failure_kind::crash, answer.error());
        continue;
      }
      answer->worker = w.index;
      answer->incarnation = w.incarnation;
      w.answers->put(*std::move(answer));
    } else if (auto* const gone = read ? std::get_if<worker_gone>(&*read) : nullptr) {
      w.call->current.store(gone->current, std::memory_order_relaxed);
      w.lost(gone->kind, std::move(gone->why));
    }
  }
}

void remote_workers::tell_of_changes() {
  std::vector<std::function<void()>> wakes;
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(told_, version()) == version())
      return;
    wakes = wakes_;
  }
  for (const auto& wake : wakes)
    wake();
}

void remote_workers::link_opened(link_id link, time_point now) {
  const std::lock_guard lock{mutex_};
  session_.opened(link, now);
}

void remote_workers::link_closed(link_id link, time_point now) {
  std::vector<delivery> out;
  {
    const std::lock_guard lock{mutex_};
    on_.erase(link);
    session_.closed(link, now);
    settle(now, out);
  }
  deliver(out, now);
  tell_of_changes();
}

void remote_workers::received(link_id link, std::shared_ptr<const bytes> frame, time_point now) {
  std::vector<delivery> out;
  {
    const std::lock_guard lock{mutex_};
    session_.received(link, std::move(frame), now);
    settle(now, out);
    if (const auto on = on_.find(link); on != on_.end())
      if (const auto h = hosts_.find(on->second); h != hosts_.end())
        h->second.heard = now;
  }
  deliver(out, now);
  tell_of_changes();
}

void remote_workers::look(time_point now) {
  {
    const std::lock_guard lock{mutex_};
    session_.look(now);
  }
  go_on(now);
}

void remote_workers::go_on(time_point now) {
  std::vector<delivery> out;
  {
    const std::lock_guard lock{mutex_};
    settle(now, out);
  }
  deliver(out, now);
  tell_of_changes();
}

std::deque<session_write> remote_workers::take_writes() {
  const std::lock_guard lock{mutex_};
  return std::exchange(session_.writes(), {});
}

std::deque<member_event> remote_workers::take_events() {
  const std::lock_guard lock{mutex_};
  return std::exchange(events_, {});
}

// ---- anybody

bool remote_workers::drain(const std::string& host) {
  const std::lock_guard lock{mutex_};
  return session_.drain(host);
}

void remote_workers::end(const std::string& why) {
  {
    const std::lock_guard lock{mutex_};
    session_.end(why);
  }
  told_to_write();
}

std::vector<member_figures> remote_workers::members() const {
  const std::lock_guard lock{mutex_};
  std::vector<member_figures> all;
  for (auto& m : session_.membership().members()) {
    const auto found = hosts_.find(m.id.incarnation);
    member_figures f;
    f.who = std::move(m);
    if (found != hosts_.end()) {
      f.traffic = found->second.last;
      f.workers = static_cast<std::uint32_t>(found->second.workers.size());
      f.heard = found->second.heard;
    }
    all.push_back(std::move(f));
  }
  return all;
}

std::size_t remote_workers::up() const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::size_t>(
      std::ranges::count_if(hosts_, [](const auto& h) { return !h.second.closing; }));
}

bool remote_workers::enough() const {
  const std::lock_guard lock{mutex_};
  return enough_;
}

std::pair<std::uint64_t, std::uint64_t> remote_workers::bytes_sent_received() const {
  const std::lock_guard lock{mutex_};
  std::pair<std::uint64_t, std::uint64_t> all{gone_sent_, gone_received_};
  for (const auto& [incarnation, h] : hosts_) {
    all.first += h.last.bytes_sent;
    all.second += h.last.bytes_received;
  }
  return all;
}

} // namespace weir::cluster
