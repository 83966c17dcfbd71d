#include <weir/testkit/simulated_hosts.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <utility>

namespace weir::detail {

using namespace std::chrono_literals;

/// The way to one worker on a host and back: what goes in comes out later, in order.
class simulated_hosts::link : public std::enable_shared_from_this<simulated_hosts::link> {
 public:
  link(simulated_machine& on, std::uint32_t node, duration most_delay, std::shared_ptr<answer_gate> to)
      : on_(on), node_(node), most_delay_(most_delay), to_(std::move(to)) {}
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  void carry_to(task t) {
    under_way_.push_back(t);
    carry(to_worker_, [t = std::move(t)](link& l) {
      if (l.there_)
        l.there_->submit(t);
    });
  }
  void carry_back(answer a) {
    if (a.died)
      here->current.store(there_ ? there_->call()->current.load() : no_index);
    carry(from_worker_, [a = std::move(a)](link& l) mutable {
      std::erase_if(l.under_way_, [&](const task& t) { return t.id == a.task; });
      l.to_->put(std::move(a));
    });
  }
  void carry_loss(std::function<void()> tell) {
    if (there_)
      here->current.store(there_->call()->current.load());
    carry(from_worker_, [tell = std::move(tell)](link&) { tell(); });
  }
  /// Nobody waits for it any more. `lives`: it goes on with what it has, and answers.
  void cut(bool lives) {
    for (const task& t : under_way_)
      if (t.kind == task_kind::run && t.input)
        on_.plan().note_unheard(node_, *t.input, t.begin, t.end);
    cut_ = !lives;
    if (cut_)
      there_.reset();
  }
  /// The handle is gone.
  void release() {
    carry(to_worker_, [](link& l) { l.there_.reset(); });
  }
  void attach(std::unique_ptr<worker_handle> there) { there_ = std::move(there); }

  std::shared_ptr<watched_call> here = std::make_shared<watched_call>(); ///< what is known of it here

 private:
  void carry(time_point& last, std::function<void(link&)> what) {
    last = std::max(last, later(on_.time()->now(), on_.plan().up_to(most_delay_)));
    auto& queue = &last == &to_worker_ ? going_ : coming_;
    queue.push_back(std::move(what));
    on_.at(last, [self = shared_from_this(), &queue] { // late timers must not reorder: the oldest goes first
      auto next = std::move(queue.front());
      queue.pop_front();
      if (!self->cut_)
        next(*self);
    });
  }
  simulated_machine& on_;
  std::uint32_t node_;
  duration most_delay_;
  std::shared_ptr<answer_gate> to_;
  std::unique_ptr<worker_handle> there_;
  std::vector<task> under_way_;
  time_point to_worker_{};
  time_point from_worker_{};
  std::deque<std::function<void(link&)>> going_;
  std::deque<std::function<void(link&)>> coming_;
  bool cut_ = false;
};

namespace {

class remote_handle final : public worker_handle {
 public:
  explicit remote_handle(std::shared_ptr<simulated_hosts::link> l) : link_(std::move(l)) {}
  ~remote_handle() override { link_->release(); }
  void submit(task t) override { link_->carry_to(std::move(t)); }
  std::shared_ptr<watched_call> call() const override { return link_->here; }

 private:
  std::shared_ptr<simulated_hosts::link> link_;
};

} // namespace

simulated_hosts::simulated_hosts(simulated_machine& on, std::shared_ptr<run_state> run, host_options options)
    : on_(on), run_(std::move(run)), options_(options) {
  for (std::uint32_t n = 0; n < options_.hosts; ++n)
    join();
  if (options_.trouble_every.count() > 0)
    on_.at(later(on_.time()->now(), on_.plan().up_to(2 * options_.trouble_every)), [this] { trouble(); });
}

bool simulated_hosts::spreads(std::uint32_t node) const {
  const auto run = run_.lock();
  return run && may_spread(run->nodes[node].definition);
}

std::uint32_t simulated_hosts::workers_here(std::uint32_t) const { return options_.workers_here; }

std::vector<remote_places::offer> simulated_hosts::places(std::uint32_t node) const {
  std::vector<offer> all;
  for (const auto& [number, h] : hosts_)
    for (std::uint32_t slot = 0; slot < options_.per_host; ++slot)
      if (!h.closed.contains({node, slot}))
        all.push_back({{number, slot}, h.closing});
  return all;
}

std::unique_ptr<worker_handle> simulated_hosts::start(remote_place at, worker_order what,
                                                      std::shared_ptr<answer_gate> answers, lost_call lost) {
  const auto run = run_.lock();
  auto l = std::make_shared<link>(on_, what.node, options_.most_delay, std::move(answers));
  const auto found = hosts_.find(at.host);
  if (!run || found == hosts_.end()) // it is lost already: nobody answers
    return std::make_unique<remote_handle>(std::move(l));
  auto core = std::make_unique<worker_core>(make_worker_setup_elsewhere(*run, what.node), what.worker,
                                            what.incarnation, std::move(what.last_crash));
  const auto& o = run->nodes[what.node].definition.options;
  if (o.timeout.count() > 0)
    on_.watch(core->call(), o.timeout, o.grace, [weak = std::weak_ptr{l}, lost = std::move(lost)] {
      if (const auto to = weak.lock())
        to->carry_loss([lost] { lost(failure_kind::timeout, transient("simulated: it hung on its host")); });
    });
  l->attach(on_.start_worker(run, std::move(core),
                             std::make_shared<answer_gate>([weak = std::weak_ptr{l}](answer a) {
                               if (const auto back = weak.lock())
                                 back->carry_back(std::move(a));
                             })));
  found->second.links.push_back(l);
  return std::make_unique<remote_handle>(std::move(l));
}

void simulated_hosts::closed(std::uint32_t node, remote_place at) {
  const auto found = hosts_.find(at.host);
  if (found == hosts_.end() || !found->second.closing)
    return;
  found->second.closed.emplace(node, at.slot);
  if (found->second.closed.size() < places_a_host())
    return;
  hosts_.erase(found);
  ++left_;
}

std::size_t simulated_hosts::places_a_host() const {
  const auto run = run_.lock();
  return run ? options_.per_host * static_cast<std::size_t>(std::ranges::count_if(
                                       run->nodes, [](const auto& n) { return may_spread(n.definition); }))
             : 0;
}

void simulated_hosts::tell() {
  changed();
  for (const auto& wake : wakes_)
    wake();
}

std::uint64_t simulated_hosts::join() {
  hosts_[next_];
  tell();
  return next_++;
}

bool simulated_hosts::lose(std::uint64_t number, bool lives) {
  const auto found = hosts_.find(number);
  if (found == hosts_.end())
    return false;
  for (const auto& weak : found->second.links)
    if (const auto l = weak.lock())
      l->cut(lives);
  hosts_.erase(found);
  tell();
  return true;
}

bool simulated_hosts::drain(std::uint64_t number) {
  const auto found = hosts_.find(number);
  if (found == hosts_.end())
    return false;
  found->second.closing = true;
  tell();
  return true;
}

std::vector<std::uint64_t> simulated_hosts::hosts() const {
  std::vector<std::uint64_t> all;
  for (const auto& [number, h] : hosts_)
    all.push_back(number);
  return all;
}

void simulated_hosts::trouble() {
  const auto run = run_.lock();
  if (!run || run->completed())
    return;
  if (!hosts_.empty()) {
    const auto victim =
        std::next(hosts_.begin(), static_cast<std::ptrdiff_t>(on_.plan().below(hosts_.size())))->first;
    const auto what = on_.plan().below(3);
    if (on_.plan().trace)
      on_.plan().trace("host " + std::to_string(victim) +
                       (what == 0   ? " vanishes"
                        : what == 1 ? " is given up, and lives"
                                    : " is drained"));
    if (what == 2)
      drain(victim);
    else
      lose(victim, what == 1);
  }
  if (hosts_.size() < options_.hosts)
    on_.at(later(on_.time()->now(), on_.plan().up_to(options_.trouble_every)), [this, weak = run_] {
      if (const auto r = weak.lock(); r && !r->completed())
        join();
    });
  on_.at(later(on_.time()->now(), on_.plan().up_to(2 * options_.trouble_every)), [this, weak = run_] {
    if (weak.lock())
      trouble();
  });
}

} // namespace weir::detail
