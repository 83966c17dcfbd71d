#include <tests/framework/weir/cluster/support/workers_world.hpp>

#include <weir/workflow/stream.hpp>

#include <stdexcept>
#include <utility>

namespace weir_tests {

using namespace weir::cluster;
using namespace std::chrono_literals;

namespace {

struct no_numbers {
  weir::poll_result poll(weir::emitter<int>&, std::size_t) { return weir::poll_result::end(); }
};

} // namespace

weir::workflow number_workflow() {
  weir::workflow w{"numbers"};
  w.from("numbers", no_numbers{})
      .map("twice",
           [](int n) -> weir::result<int> {
             if (n == 13)
               return weir::permanent("thirteen");
             if (n == 99)
               throw std::runtime_error("ninety-nine");
             return 2 * n;
           },
           {.workers = {2}})
      .map("tens", [](int n) { return std::string(static_cast<std::size_t>(n), 'x'); }, {.workers = {1, 3}})
      .to("end", [](const std::string&) {});
  return w;
}

weir::batch_ptr numbers(int first, std::uint32_t count) {
  weir::batch_builder b{weir::record_type_of<int>(), count,  0, static_cast<std::uint64_t>(first),
                        weir::time_point{},          nullptr};
  for (std::uint32_t i = 0; i < count; ++i) {
    ::new (b.slot()) int(first + static_cast<int>(i));
    b.commit(i);
  }
  return b.seal();
}

/// A worker that runs when it is told to.
struct workers_world::floor_worker {
  std::unique_ptr<weir::detail::worker_core> core;
  std::shared_ptr<weir::detail::answer_gate> answers;
  std::deque<weir::detail::task> tasks;
};

namespace {

template <class Worker>
class floor_handle final : public weir::detail::worker_handle {
 public:
  explicit floor_handle(std::shared_ptr<Worker> w) : worker_(std::move(w)) {}
  void submit(weir::detail::task t) override { worker_->tasks.push_back(std::move(t)); }
  std::shared_ptr<weir::detail::watched_call> call() const override { return worker_->core->call(); }

 private:
  std::shared_ptr<Worker> worker_;
};

} // namespace

workers_world::workers_world(settings s) : floors_(s.hosts), hung_(s.hosts), held_(s.hosts, false) {
  const cluster_identity identity{"test", fingerprint_of(flow)};
  coordinator = std::make_shared<remote_workers>(
      flow, s.placement, remote_workers_options{identity, {}, s.limits, 42, s.min_hosts, s.compress});
  coordinator->when_changed([this] { ++wakes; });
  for (std::size_t n = 0; n < s.hosts; ++n) {
    runs_.push_back(std::make_shared<weir::detail::run_state>(flow, std::make_shared<weir::manual_clock>()));
    hosted_workers_options o;
    o.identity = identity;
    o.host.name = "host-" + std::to_string(n + 1);
    o.host.boot = n + 1;
    o.host.capacity = s.capacity;
    o.host.labels = {{"number", std::to_string(n + 1)}};
    o.limits = s.limits;
    o.seed = n;
    o.most_in_hand = s.most_in_hand;
    worker_floor floor;
    floor.start = [this, n](std::unique_ptr<weir::detail::worker_core> core,
                            std::shared_ptr<weir::detail::answer_gate> to) {
      auto made = std::make_shared<floor_worker>(floor_worker{std::move(core), std::move(to), {}});
      floors_[n].push_back(made);
      return std::make_unique<floor_handle<floor_worker>>(std::move(made));
    };
    floor.watch = [this, n](const auto&, weir::duration, weir::duration, std::function<void()> hung) {
      hung_[n].push_back(std::move(hung));
    };
    hosts.push_back(std::make_unique<hosted_workers>(runs_.back(), flow, std::move(floor), std::move(o)));
  }
}

void workers_world::carry() {
  for (bool any = true; any;) {
    any = false;
    coordinator->go_on(now);
    for (auto& w : coordinator->take_writes()) {
      any = true;
      if (!open_.contains(w.to))
        continue;
      const auto n = owner_[w.to];
      if (!w.frame.empty() && !held_[n])
        hosts[n]->received(w.to, std::make_shared<const bytes>(std::move(w.frame)), now);
      if (w.then_close && open_.erase(w.to) > 0)
        hosts[n]->link_closed(w.to, now);
    }
    for (auto& e : coordinator->take_events())
      at_coordinator.push_back(std::move(e));
    for (std::size_t n = 0; n < hosts.size(); ++n) {
      auto& h = *hosts[n];
      h.go_on(now);
      for (auto& w : h.take_writes()) {
        any = true;
        if (!open_.contains(w.to))
          continue;
        if (!w.frame.empty() && !held_[n])
          coordinator->received(w.to, std::make_shared<const bytes>(std::move(w.frame)), now);
        if (w.then_close && open_.erase(w.to) > 0)
          coordinator->link_closed(w.to, now);
      }
      for (auto& e : h.take_events())
        at_hosts.push_back(std::move(e));
      if (h.to_connect()) {
        any = true;
        open_.insert(++last_);
        owner_[last_] = n;
        coordinator->link_opened(last_, now);
        h.link_opened(last_, now);
      }
    }
  }
}

void workers_world::pass(weir::duration time) {
  for (const auto end = now + time; now < end; now += 100ms) {
    if (now.time_since_epoch() % 500ms == 0ns)
      coordinator->look(now);
    for (auto& h : hosts)
      if (now >= h->due())
        h->look(now);
    carry();
  }
}

void workers_world::cut(std::size_t host) {
  hosts[host]->take_writes();
  for (const auto l : std::set<link_id>(open_))
    if (owner_[l] == host) {
      open_.erase(l);
      coordinator->link_closed(l, now);
      hosts[host]->link_closed(l, now);
    }
}

bool workers_world::work(std::size_t host) {
  for (auto& weak : floors_[host])
    if (const auto w = weak.lock(); w && !w->tasks.empty()) {
      const auto t = std::move(w->tasks.front());
      w->tasks.pop_front();
      w->answers->put(weir::detail::answer_of(*w->core, t));
      return true;
    }
  return false;
}

void workers_world::work_all() {
  for (bool any = true; any;) {
    carry();
    any = false;
    for (std::size_t n = 0; n < hosts.size(); ++n)
      any |= work(n);
  }
}

bool workers_world::hangs(std::size_t host) {
  if (hung_[host].empty())
    return false;
  hung_[host].front()();
  return true;
}

workers_world::started workers_world::start(std::uint32_t node, std::size_t host, std::uint32_t worker) {
  started s;
  auto gate = std::make_shared<weir::detail::answer_gate>(
      [of = s.of](weir::detail::answer a) { of->answers.push_back(std::move(a)); });
  s.handle = coordinator->start({incarnation(host), 0}, {node, worker, 7, {}}, std::move(gate),
                                [of = s.of](weir::failure_kind kind, weir::error why) {
                                  of->losses.push_back(kind);
                                  of->why = std::move(why);
                                });
  return s;
}

weir::detail::task workers_world::task_of(std::uint64_t id, weir::batch_ptr b, std::uint32_t begin,
                                          std::uint32_t end) {
  weir::detail::task t;
  t.id = id;
  t.kind = b ? weir::detail::task_kind::run : weir::detail::task_kind::start;
  t.input = std::move(b);
  t.begin = begin;
  t.end = end;
  return t;
}

std::uint64_t workers_world::incarnation(std::size_t host) const {
  for (const auto& m : coordinator->members())
    if (m.who.host.name == "host-" + std::to_string(host + 1))
      return m.who.id.incarnation;
  return 0;
}

} // namespace weir_tests
