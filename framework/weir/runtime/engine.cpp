#include <weir/runtime/engine.hpp>

#include <weir/runtime/caf/machine.hpp>
#include <weir/runtime/caf/supervisor.hpp>
#include <weir/runtime/process/child_worker.hpp>
#include <weir/runtime/process/nursery.hpp>
#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/runtime/sequential.hpp>
#include <weir/workflow/validate.hpp>

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

namespace weir {

namespace detail {

using namespace std::chrono_literals;

class running_state {
 public:
  explicit running_state(std::shared_ptr<run_state> run) : run(std::move(run)) {}

  std::shared_ptr<run_state> run; // null: never started
  run_result not_started;
  std::mutex mutex;
  caf::actor supervisor;
  std::shared_ptr<sequential_control> control;
  std::thread sequential;
  std::weak_ptr<executor> on;

  void tell(order what) {
    const std::lock_guard lock{mutex};
    if (control) {
      (what == order::drain    ? control->drain
       : what == order::replay ? control->replay
                               : control->stop)
          .store(true);
    } else if (supervisor) {
      caf::anon_send<caf::message_priority::high>(supervisor, control_message{what});
    }
  }
  /// The run has ended: lets go of the actor system, or of the thread.
  void forget() {
    const std::lock_guard lock{mutex};
    supervisor = nullptr;
    if (!sequential.joinable())
      return;
    if (run->ended_by_force())
      sequential.detach();
    else
      sequential.join();
  }
};

/// User code that hangs on a scheduler's thread keeps its actor system from ever ending.
void leave_behind(std::shared_ptr<executor> on) {
  static std::mutex mutex;
  static auto& left = *new std::vector<std::shared_ptr<executor>>;
  const std::lock_guard lock{mutex};
  left.push_back(std::move(on));
}

class engine_state {
 public:
  explicit engine_state(engine_options options) : threads(options.threads) {}
  /// The threads are made by the first start, not with the engine: worker processes are forked before that,
  /// from a process in which nothing of ours can hold a lock.
  const std::shared_ptr<executor>& machine_of() {
    const std::lock_guard lock{mutex};
    if (!on)
      on = std::make_shared<machine>(threads);
    return on;
  }
  const std::uint32_t threads;
  std::shared_ptr<executor> on;
  std::mutex mutex;
  std::vector<std::shared_ptr<running_state>> jobs;
  bool forced = false; ///< some run ended by force
};

} // namespace detail

using detail::order;
using detail::running_state;

run_result running::wait() {
  if (!state_->run)
    return state_->not_started;
  state_->run->wait_until(std::chrono::steady_clock::time_point::max());
  // Sinks on threads close their files as their threads end; those that hang are left behind.
  state_->run->threads->wait_for_all_but(state_->run->abandoned, std::chrono::seconds{2});
  return state_->run->take_result();
}

bool running::wait_for(duration most) {
  return !state_->run || state_->run->wait_until(std::chrono::steady_clock::now() + most);
}

bool running::ended() const { return !state_->run || state_->run->completed(); }

void running::drain(duration deadline) {
  if (!state_->run)
    return;
  state_->run->ask(run_status::drained);
  state_->run->events.add({.kind = event_kind::drain, .node = {}, .cause = "asked to end"});
  state_->tell(order::drain);
  if (deadline.count() <= 0)
    return;
  if (auto on = state_->on.lock())
    on->at(later(on->time()->now(), deadline), [weak = std::weak_ptr{state_}] {
      if (auto job = weak.lock(); job && !job->run->completed()) {
        job->run->ask(run_status::drained_uncleanly); // also when only on_drain did not come to its end
        job->tell(order::stop);
        if (auto on = job->on.lock())
          on->end_anyway(job->run);
      }
    });
}

void running::stop() {
  if (!state_->run)
    return;
  state_->run->ask(run_status::stopped);
  state_->tell(order::stop);
  if (auto on = state_->on.lock())
    on->end_anyway(state_->run);
}

std::vector<node_result> running::figures() const {
  return state_->run ? state_->run->snapshot() : std::vector<node_result>{};
}

std::vector<node_health> running::health() const {
  return state_->run ? state_->run->health() : std::vector<node_health>{};
}

observation running::observe() const {
  if (state_->run)
    return state_->run->observe();
  observation none;
  none.state = to_string(state_->not_started.status);
  return none;
}

std::vector<event> running::events(std::uint64_t after) const {
  return state_->run ? state_->run->events.since(after) : std::vector<event>{};
}

std::vector<dead_letter> running::dead_letters() const {
  return state_->run ? state_->run->shelf.letters() : std::vector<dead_letter>{};
}

replay_result running::replay(std::span<const std::string> ids, std::string_view node) {
  if (!state_->run)
    return {};
  replay_result said = state_->run->replay(ids, node);
  if (!said.replayed.empty())
    state_->tell(order::replay);
  return said;
}

result<std::shared_ptr<record_tap>> running::tap(std::string_view node, tap_options options) {
  const std::string where = "node '" + std::string{node} + "'";
  if (ended())
    return permanent("the run has ended", where, "start it again");
  const auto found = std::ranges::find(state_->run->nodes, node, &named_node::id);
  if (found == state_->run->nodes.end())
    return permanent("no such node in this workflow", where, "name one of them");
  auto tap = state_->run->taps[static_cast<std::size_t>(found - state_->run->nodes.begin())]->open(options);
  if (!tap)
    return transient("too many look at records already", where,
                     "end one of the " + std::to_string(most_taps) + " taps");
  return tap;
}

void running::pause() {
  if (state_->run && !state_->run->completed() && !state_->run->paused.exchange(true))
    state_->run->events.add({.kind = event_kind::paused, .node = {}, .cause = {}});
}

void running::resume() {
  if (state_->run && state_->run->paused.exchange(false))
    state_->run->events.add({.kind = event_kind::resumed, .node = {}, .cause = {}});
}

bool running::ready() const { return state_->run && state_->run->ready(); }

engine::engine(engine_options options) : state_(std::make_unique<detail::engine_state>(options)) {}

engine::~engine() {
  for (auto& job : state_->jobs) {
    running handle{job};
    if (!handle.ended())
      handle.stop();
    handle.wait();
    state_->forced |= job->run->ended_by_force();
    job->forget();
  }
  state_->jobs.clear();
  if (state_->forced)
    detail::leave_behind(std::move(state_->on));
}

running engine::start(const workflow& w, start_options options) {
  auto errors = validate(w);
  const auto refused = [](run_status status, std::vector<error> why) {
    auto job = std::make_shared<running_state>(nullptr);
    job->not_started.status = status;
    job->not_started.errors = std::move(why);
    return running{job};
  };
  if (!errors.empty())
    return refused(run_status::invalid, std::move(errors));
  std::shared_ptr<detail::process_nursery> nursery;
  if (std::ranges::any_of(w.nodes(), [](const named_node& n) {
        return n.definition.options.isolation == isolation::process;
      })) {
    auto started = detail::process_nursery::start(
        [&w](int socket, detail::child_page& page) { return detail::serve_worker(w, socket, page); });
    if (!started)
      return refused(run_status::failed, {started.error()});
    nursery = *std::move(started);
  }
  const auto& on = state_->machine_of();
  auto run = std::make_shared<detail::run_state>(w, on->time());
  run->nursery = std::move(nursery);
  run->paused = options.paused;
  run->remote = std::move(options.elsewhere);
  if (run->remote)
    run->remote->attach(run);
  run->events.add({.kind = event_kind::started, .node = {}, .cause = {}});
  auto job = std::make_shared<running_state>(run);
  job->on = on;
  if (w.settings().mode == execution_mode::sequential) {
    job->control = std::make_shared<detail::sequential_control>();
    job->sequential = std::thread{[run, control = job->control, weak = job->on] {
      detail::run_sequential(run, control,
                             [weak](const auto& call, duration timeout, duration grace, auto hung) {
                               if (const auto on = weak.lock())
                                 on->watch(call, timeout, grace, std::move(hung));
                             });
    }};
  } else {
    job->supervisor = on->spawn<detail::supervisor>(*on, run);
    caf::anon_send<caf::message_priority::high>(job->supervisor, detail::control_message{order::start});
  }
  const std::lock_guard lock{state_->mutex};
  std::erase_if(state_->jobs, [this](const auto& j) {
    if (!j->run->completed())
      return false;
    state_->forced |= j->run->ended_by_force();
    j->forget();
    return true;
  });
  state_->jobs.push_back(job);
  return running{job};
}

run_result run(const workflow& w, engine_options options) {
  engine e{options};
  return e.start(w).wait();
}

} // namespace weir
