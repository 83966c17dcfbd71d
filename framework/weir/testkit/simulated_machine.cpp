#include <weir/testkit/simulated_machine.hpp>

#include <weir/runtime/caf/messages.hpp>

#include <caf/actor_cast.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <stop_token>
#include <utility>

namespace weir::detail {

namespace {

using namespace std::chrono_literals;

struct go_on_message { ///< a call that took time is over
  std::uint64_t call;
};
struct end_worker_message {};
struct crash_message {};

} // namespace
} // namespace weir::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::go_on_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::end_worker_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::crash_message)

namespace weir::detail {

namespace {

/// A worker that would be a thread. What takes time in user code is an answer withheld.
class simulated_worker final : public caf::event_based_actor {
 public:
  simulated_worker(caf::actor_config& cfg, simulated_machine& on, std::uint32_t node, duration timeout,
                   duration grace, std::unique_ptr<worker_core> core, std::shared_ptr<answer_gate> answers)
      : caf::event_based_actor(cfg), on_(on), node_(node), timeout_(timeout), grace_(grace),
        core_(std::move(core)), answers_(std::move(answers)) {}

  caf::behavior make_behavior() override {
    return {
        [this](task_message& m) {
          waiting_.push_back(std::move(m.what));
          next();
        },
        [this](go_on_message m) {
          if (busy_ && m.call == call_)
            come_back();
        },
        [this](crash_message) {
          if (!dead_)
            die();
        },
        [this](end_worker_message) {
          ending_ = true;
          waiting_.clear();
          if (!busy_)
            quit();
        },
    };
  }
  void on_exit() override {
    core_.reset();
    answers_.reset();
    stopped_.reset();
  }
  const char* name() const override { return "weir.simulated_worker"; }

 private:
  using on_stop = std::stop_callback<std::function<void()>>;

  void next() {
    while (!busy_ && !dead_ && !waiting_.empty()) {
      now_ = std::move(waiting_.front());
      waiting_.pop_front();
      begin();
    }
  }

  void begin() {
    fate_ = {};
    if (now_.kind == task_kind::run)
      fate_ = on_.plan().draw(node_, now_.begin, now_.end, true, timeout_.count() > 0);
    switch (fate_.what) {
    case fault::dies_before:
      die();
      return;
    case fault::dies_after:
      on_.plan().note_unheard(node_, *now_.input, now_.begin, now_.end);
      run(fault::none);
      die();
      return;
    case fault::slow: {
      // Some are slow enough to be asked to stop, which they do not notice, or to be given up.
      const bool very = timeout_.count() > 0 && on_.plan().chance(0.3);
      const duration d = very ? timeout_ + on_.plan().up_to(2 * grace_) : on_.plan().up_to(20ms);
      if (timeout_.count() > 0) // time may jump, so any of them may be given up
        on_.plan().note_unheard(node_, *now_.input, now_.begin, now_.end);
      made_ = run(fault::none);
      take_time(d);
      return;
    }
    case fault::late:
      on_.plan().note_unheard(node_, *now_.input, now_.begin, now_.end);
      made_ = run(fault::none);
      take_time(2 * (timeout_ + grace_) + 1s + on_.plan().up_to(10s));
      return;
    case fault::hangs:
      take_time(std::nullopt);
      stopped_ = std::make_unique<on_stop>(stop_.get_token(), [this, call = call_] {
        wake_at(on_.time()->now() + on_.plan().up_to(grace_ / 2), call);
      });
      return;
    case fault::ignores_stop:
      take_time(std::nullopt);
      return;
    case fault::throws:
    case fault::throws_after:
    case fault::none:
      answers_->put(run(fate_.what));
      now_ = {};
    }
  }

  answer run(fault what) {
    if (what != fault::none)
      on_.plan().pending = task_fault{what, fate_.index, fate_.why};
    answer a = answer_of(*core_, now_);
    on_.plan().pending.reset();
    return a;
  }

  /// In a call, at the record at fault, for so long; nothing = until something happens.
  void take_time(std::optional<duration> d) {
    busy_ = true;
    ++call_;
    stop_ = std::stop_source{};
    core_->call()->current.store(fate_.index);
    core_->call()->began(stop_, true);
    on_.keep_looking();
    if (d)
      wake_at(on_.time()->now() + *d, call_);
  }

  void wake_at(time_point when, std::uint64_t call) {
    on_.at(when, [self = caf::actor_cast<caf::actor_addr>(this), call] {
      if (auto to = caf::actor_cast<caf::actor>(self))
        caf::anon_send(to, go_on_message{call});
    });
  }

  void come_back() {
    busy_ = false;
    stopped_.reset();
    core_->call()->ended();
    core_->call()->current.store(no_index);
    if (fate_.what == fault::hangs)
      made_ = run(fault::hangs);
    const bool given_up = core_->call()->given_up();
    if (!given_up || fate_.what == fault::late) // one that does not know its place: the fence must hold
      answers_->put(std::move(made_));
    now_ = {};
    dead_ = given_up;
    if (ending_)
      quit();
    else
      next();
  }

  /// One that works on blocks of records says only of every other task which it was at; one that takes care
  /// says so nearly always.
  bool knows_its_place() const noexcept { return now_.id % (now_.careful ? 8 : 2) != 1; }

  void die() {
    dead_ = true;
    answer a;
    a.worker = core_->worker();
    a.incarnation = core_->incarnation();
    a.task = now_.id;
    a.died = transient("simulated: the worker died");
    if (!busy_)
      core_->call()->current.store(
          now_.kind == task_kind::run && now_.input && knows_its_place() ? fate_.index : no_index);
    busy_ = false;
    answers_->put(std::move(a));
  }

  simulated_machine& on_;
  std::uint32_t node_;
  duration timeout_;
  duration grace_;
  std::unique_ptr<worker_core> core_;
  std::shared_ptr<answer_gate> answers_;
  std::deque<task> waiting_;
  task now_;
  task_fault fate_;
  answer made_;
  std::stop_source stop_{std::nostopstate};
  std::unique_ptr<on_stop> stopped_;
  std::uint64_t call_ = 0;
  bool busy_ = false;
  bool dead_ = false;
  bool ending_ = false;
};

class simulated_handle final : public worker_handle {
 public:
  simulated_handle(caf::actor to, std::shared_ptr<watched_call> call)
      : to_(std::move(to)), call_(std::move(call)) {}
  ~simulated_handle() override { caf::anon_send(to_, end_worker_message{}); }
  void submit(task t) override { caf::anon_send(to_, task_message{std::move(t)}); }
  std::shared_ptr<watched_call> call() const override { return call_; }

 private:
  caf::actor to_;
  std::shared_ptr<watched_call> call_;
};

} // namespace

simulated_machine::config::config() { set("scheduler.policy", caf::atom("testing")); }

simulated_machine::simulated_machine(std::shared_ptr<fault_plan> plan)
    : plan_(std::move(plan)), system_(config_),
      jobs_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {
  clock_->advance(1h); // so that no time is "never"
}

simulated_machine::~simulated_machine() {
  for (const auto& w : workers_)
    if (auto to = caf::actor_cast<caf::actor>(w.actor))
      caf::anon_send_exit(to, caf::exit_reason::kill);
  while (run_one()) {
  }
  timers_.clear();
}

void simulated_machine::at(time_point when, std::function<void()> call) {
  if (plan_->chance(plan_->rates().late_timers))
    when = later(when, plan_->up_to(100ms));
  timers_.push_back({when, next_number_++, std::move(call)});
  std::ranges::push_heap(timers_, std::greater<>{});
}

void simulated_machine::when_readable(int, std::function<void()> call) {
  at(later(time_->now(), 1ms), std::move(call)); // looks again and again: descriptors are of the real world
}

std::unique_ptr<worker_handle> simulated_machine::start_worker(std::shared_ptr<run_state> run,
                                                               std::unique_ptr<worker_core> core,
                                                               std::shared_ptr<answer_gate> answers) {
  auto call = core->call();
  const std::uint32_t node = core->node();
  const std::uint32_t worker = core->worker();
  const auto& options = run->nodes[node].definition.options;
  auto made = spawn<simulated_worker>(*this, node, options.timeout, options.grace, std::move(core),
                                      std::move(answers));
  workers_.push_back({node, worker, made.address()});
  return std::make_unique<simulated_handle>(std::move(made), std::move(call));
}

bool simulated_machine::crash(std::uint32_t node, std::uint32_t worker) {
  for (auto w = workers_.rbegin(); w != workers_.rend(); ++w) // the latest of that place
    if (w->node == node && w->worker == worker) {
      const auto to = caf::actor_cast<caf::actor>(w->actor);
      if (!to)
        return false;
      caf::anon_send(to, crash_message{});
      return true;
    }
  return false;
}

bool simulated_machine::run_one() {
  if (!jobs_.has_job())
    return false;
  const auto i = plan_->below(jobs_.jobs.size());
  std::swap(jobs_.jobs.front(), jobs_.jobs[i]);
  jobs_.run_once();
  return true;
}

std::optional<time_point> simulated_machine::next_timer() const noexcept {
  return timers_.empty() ? std::nullopt : std::optional{timers_.front().when};
}

void simulated_machine::go_on_to(time_point when) {
  if (when > clock_->now())
    clock_->advance(when - clock_->now());
  while (!timers_.empty() && timers_.front().when <= clock_->now()) {
    std::ranges::pop_heap(timers_, std::greater<>{});
    auto call = std::move(timers_.back().call);
    timers_.pop_back();
    call();
  }
}

void simulated_machine::keep_looking() {
  if (std::exchange(looking_, true))
    return;
  const auto next = dog_.look();
  if (!next) {
    looking_ = false;
    return;
  }
  at(later(time_->now(), *next), [this] {
    looking_ = false;
    if (dog_.busy())
      keep_looking();
  });
}

} // namespace weir::detail
