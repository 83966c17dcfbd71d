#include <weir/testkit/simulated_hosts.hpp>

#include <weir/cluster/member_words.hpp>
#include <weir/testkit/private/simulated_hosts_parts.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir::detail {

using namespace std::chrono_literals;

namespace {

cluster::link_limits narrow_limits() {
  cluster::link_limits l;
  l.chunk = 128;
  l.window_frames = 4;
  l.window_bytes = 512;
  return l;
}

} // namespace

namespace {

/// The run's handle of a worker elsewhere: knows what was given to it and not answered, as far as the run
/// heard. When the run lets go of it, that may have been processed all the same.
class noted_handle final : public worker_handle {
 public:
  struct in_hand {
    std::vector<task> tasks;
  };
  noted_handle(std::unique_ptr<worker_handle> to, std::shared_ptr<in_hand> tasks, fault_plan& plan,
               std::uint32_t node)
      : to_(std::move(to)), tasks_(std::move(tasks)), plan_(plan), node_(node) {}
  noted_handle(const noted_handle&) = delete;
  noted_handle& operator=(const noted_handle&) = delete;
  ~noted_handle() override {
    for (const task& t : tasks_->tasks)
      if (t.kind == task_kind::run && t.input)
        plan_.note_unheard(node_, *t.input, t.begin, t.end);
  }
  void submit(task t) override {
    tasks_->tasks.push_back(t);
    to_->submit(std::move(t));
  }
  std::shared_ptr<watched_call> call() const override { return to_->call(); }

 private:
  std::unique_ptr<worker_handle> to_;
  std::shared_ptr<in_hand> tasks_;
  fault_plan& plan_;
  std::uint32_t node_;
};

} // namespace

std::shared_ptr<simulated_hosts> simulated_hosts::make(simulated_machine& on, const workflow& w,
                                                       const std::shared_ptr<run_state>& run,
                                                       host_options options) {
  cluster::placement where;
  where.per_host = options.per_host;
  if (!options.workers_here)
    for (const auto index : cluster::movable_nodes(w))
      where.nodes[w.nodes()[index].id] = {cluster::place::kind::label, "simulated", "yes"};
  if (auto mistakes = mistakes_in(where, w); !mistakes.empty())
    throw mistakes.front();
  std::shared_ptr<simulated_hosts> made{new simulated_hosts{on, w, run, options, std::move(where)}};
  made->coordinator_->when_writing([h = made.get()] { h->pump_here_soon(); });
  made->coordinator_->when_changed([h = made.get()] {
    h->changed();
    for (const auto& wake : h->wakes_)
      wake();
  });
  for (std::uint32_t n = 0; n < options.hosts; ++n)
    made->join();
  made->look_here();
  if (options.trouble_every.count() > 0) {
    made->at(later(made->now(), on.plan().up_to(2 * options.trouble_every)),
             [](simulated_hosts& h) { h.trouble(); });
    made->at(later(made->now(), options.trouble_every), [](simulated_hosts& h) { h.start_again(); });
  }
  return made;
}

simulated_hosts::simulated_hosts(simulated_machine& on, workflow w, const std::shared_ptr<run_state>& run,
                                 host_options options, cluster::placement where)
    : on_(on), flow_(std::move(w)), run_(run), options_(options),
      limits_(options.narrow ? narrow_limits() : cluster::link_limits{}),
      identity_{"simulated", cluster::fingerprint_of(flow_)},
      coordinator_(std::make_shared<cluster::remote_workers>(
          flow_, std::move(where),
          cluster::remote_workers_options{identity_, membership_, limits_, on.plan().below(~0ULL), 0,
                                          options_.narrow})) {
  coordinator_->attach(run);
}

void simulated_hosts::at(time_point when, std::function<void(simulated_hosts&)> call) {
  on_.at(when, [weak = weak_from_this(), call = std::move(call)] {
    if (const auto self = weak.lock(); self && !self->over())
      call(*self);
  });
}

bool simulated_hosts::over() const {
  const auto run = run_.lock();
  return !run || run->completed();
}

void simulated_hosts::say(std::uint64_t host, const std::string& what) const {
  if (on_.plan().trace)
    on_.plan().trace("host " + std::to_string(host) + ' ' + what);
}

std::unique_ptr<worker_handle> simulated_hosts::start(remote_place at, worker_order what,
                                                      std::shared_ptr<answer_gate> answers, lost_call lost) {
  auto tasks = std::make_shared<noted_handle::in_hand>();
  const auto node = what.node;
  auto gate = std::make_shared<answer_gate>([tasks, to = std::move(answers)](answer a) {
    std::erase_if(tasks->tasks, [&](const task& t) { return t.id == a.task; });
    to->put(std::move(a));
  });
  return std::make_unique<noted_handle>(
      coordinator_->start(at, std::move(what), std::move(gate), std::move(lost)), tasks, on_.plan(), node);
}

// ---- processes

std::uint64_t simulated_hosts::join() {
  auto made = std::make_unique<host>();
  made->number = next_host_++;
  made->name = "host-" + std::to_string(made->number);
  start_process(*made);
  const auto number = made->number;
  hosts_.emplace(number, std::move(made));
  pump_soon(number);
  return number;
}

void simulated_hosts::start_process(host& h) {
  h.run = std::make_shared<run_state>(flow_, on_.time());
  ++h.life;
  h.look_at = {};
  h.paused_until = {};
  cluster::hosted_workers_options o;
  o.identity = identity_;
  o.host = {.name = h.name, .boot = ++boots_, .labels = {{"simulated", "yes"}}, .version = {}};
  o.membership = membership_;
  o.limits = limits_;
  o.seed = on_.plan().below(~0ULL);
  if (options_.narrow)
    o.most_in_hand = 2048;
  cluster::worker_floor floor;
  floor.start = [this, run = h.run](std::unique_ptr<worker_core> core, std::shared_ptr<answer_gate> to) {
    return on_.start_worker(run, std::move(core), std::move(to));
  };
  floor.watch = [this](const std::shared_ptr<watched_call>& call, duration timeout, duration grace,
                       std::function<void()> hung) { on_.watch(call, timeout, grace, std::move(hung)); };
  h.workers = std::make_unique<cluster::hosted_workers>(h.run, flow_, std::move(floor), std::move(o));
  h.workers->when_writing([weak = weak_from_this(), number = h.number] {
    if (const auto self = weak.lock())
      self->pump_soon(number);
  });
}

void simulated_hosts::end_process(host& h) {
  ++h.life;
  h.workers.reset();
  h.run.reset();
}

simulated_hosts::host* simulated_hosts::running(std::uint64_t number) {
  const auto found = hosts_.find(number);
  return found == hosts_.end() || !found->second->workers ? nullptr : found->second.get();
}

void simulated_hosts::pump_soon(std::uint64_t number) {
  const auto found = hosts_.find(number);
  if (found == hosts_.end() || std::exchange(found->second->pumping, true))
    return;
  at(std::max(now(), found->second->paused_until), [number](simulated_hosts& self) {
    const auto there = self.hosts_.find(number);
    if (there == self.hosts_.end())
      return;
    there->second->pumping = false;
    if (there->second->workers)
      self.pump(*there->second);
  });
}

void simulated_hosts::pump(host& h) {
  if (now() < h.paused_until)
    return pump_soon(h.number);
  if (now() >= h.workers->due())
    h.workers->look(now());
  else
    h.workers->go_on(now());
  if (h.workers->to_connect())
    connect(h);
  carry(h.workers->take_writes(), false);
  bool ended = false;
  for (const auto& e : h.workers->take_events())
    ended |= e.what == cluster::host_event::kind::ended;
  if (ended) {
    say(h.number, "has ended");
    end_process(h);
    return;
  }
  if (const auto due = h.workers->due(); due != h.look_at && due != time_point::max()) {
    h.look_at = due;
    at(std::max(due, now()), [number = h.number, life = h.life, due](simulated_hosts& self) {
      if (host* const there = self.running(number); there && there->life == life && there->look_at == due) {
        there->look_at = {};
        self.pump(*there);
      }
    });
  }
}

void simulated_hosts::pump_here_soon() {
  if (!std::exchange(pumping_, true))
    at(now(), [](simulated_hosts& self) {
      self.pumping_ = false;
      self.pump_here();
    });
}

void simulated_hosts::pump_here() {
  coordinator_->go_on(now());
  carry(coordinator_->take_writes(), true);
  for (const auto& e : coordinator_->take_events()) {
    left_ += e.what == cluster::member_event::kind::left ? 1 : 0;
    if (on_.plan().trace)
      on_.plan().trace("coordinator: " + event_of(e).cause);
  }
}

void simulated_hosts::look_here() {
  coordinator_->look(now());
  pump_here();
  at(later(now(), membership_.heartbeat_every), [](simulated_hosts& self) { self.look_here(); });
}

// ---- what happens to them

bool simulated_hosts::kill(std::uint64_t number) {
  host* const h = running(number);
  if (h == nullptr)
    return false;
  say(number, "is killed");
  break_off(h->on, false);
  end_process(*h);
  return true;
}

bool simulated_hosts::pause(std::uint64_t number, duration how_long) {
  host* const h = running(number);
  if (h == nullptr)
    return false;
  say(number, "is paused for " + to_text(how_long));
  h->paused_until = std::max(h->paused_until, later(now(), how_long));
  return true;
}

bool simulated_hosts::silence(std::uint64_t number, bool from_host, duration how_long) {
  host* const h = running(number);
  if (h == nullptr)
    return false;
  say(number, std::string{from_host ? "is not heard" : "hears nothing"} + " for " + to_text(how_long));
  auto& until = from_host ? h->unheard_until : h->deaf_until;
  until = std::max(until, later(now(), how_long));
  return true;
}

bool simulated_hosts::cut(std::uint64_t number) {
  host* const h = running(number);
  if (h == nullptr || !connections_.contains(h->on))
    return false;
  say(number, "loses its connection");
  break_off(h->on, true);
  return true;
}

bool simulated_hosts::drain(std::uint64_t number, bool told) {
  host* const h = running(number);
  if (h == nullptr)
    return false;
  say(number, told ? "is to leave" : "leaves");
  if (told) {
    if (!coordinator_->drain(h->name))
      return false;
    pump_here_soon();
  } else {
    h->workers->leave(now());
    pump_soon(number);
  }
  return true;
}

std::vector<std::uint64_t> simulated_hosts::hosts() const {
  std::vector<std::uint64_t> all;
  for (const auto& m : coordinator_->members())
    if (m.who.state == cluster::member_state::up || m.who.state == cluster::member_state::unlinked)
      for (const auto& [number, h] : hosts_)
        if (h->name == m.who.host.name)
          all.push_back(number);
  std::ranges::sort(all);
  return all;
}

void simulated_hosts::trouble() {
  auto& plan = on_.plan();
  const auto victim =
      std::next(hosts_.begin(), static_cast<std::ptrdiff_t>(plan.below(hosts_.size())))->first;
  const duration a_while = plan.up_to(plan.chance(0.5) ? duration{500ms} : duration{10s});
  switch (plan.below(7)) {
  case 0:
    kill(victim);
    break;
  case 1:
    pause(victim, a_while);
    break;
  case 2:
    silence(victim, true, a_while);
    break;
  case 3:
    silence(victim, false, a_while);
    break;
  case 4:
    cut(victim);
    break;
  case 5:
    drain(victim, false);
    break;
  default:
    drain(victim, true);
  }
  if (++troubles_ < options_.most_troubles)
    at(later(now(), plan.up_to(2 * options_.trouble_every)), [](simulated_hosts& self) { self.trouble(); });
}

void simulated_hosts::start_again() {
  for (const auto& [number, h] : hosts_)
    if (!h->workers) {
      say(number, "is started again");
      start_process(*h);
      pump_soon(number);
    }
  at(later(now(), on_.plan().up_to(2 * options_.trouble_every)),
     [](simulated_hosts& self) { self.start_again(); });
}

} // namespace weir::detail
