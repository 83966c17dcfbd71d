#include <weir/testkit/simulation.hpp>

#include <weir/runtime/caf/supervisor.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/testkit/simulated_hosts.hpp>
#include <weir/testkit/simulated_machine.hpp>
#include <weir/workflow/validate.hpp>

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace weir {

using namespace std::chrono_literals;

namespace {

workflow with_faults(const workflow& given, const std::shared_ptr<detail::fault_plan>& plan) {
  if (auto mistakes = validate(given); !mistakes.empty())
    throw mistakes.front();
  workflow w = given;
  w.settings().mode = execution_mode::parallel;
  for (std::uint32_t n = 0; n < w.nodes().size(); ++n) {
    node_definition& d = w.node(n).definition;
    if (d.role == node_role::source)
      continue;
    // Pools run apart from their node, like threads: the simulation decides how long their calls take.
    if (d.options.workers.most() > 1)
      d.options.isolation = isolation::thread;
    const bool apart = d.options.isolation == isolation::thread ||
                       (d.options.isolation == isolation::automatic && d.options.timeout.count() > 0);
    d.make_operator = detail::with_faults(std::move(d.make_operator), plan, n, d.whole_tasks, apart);
  }
  return w;
}

} // namespace

struct simulation::state {
  state(const workflow& given, simulation_options o)
      : options(std::move(o)),
        plan(std::make_shared<detail::fault_plan>(options.seed, options.faults, given.nodes().size())),
        machine(plan) {
    workflow w = with_faults(given, plan);
    w.settings().seed = options.seed;
    run = std::make_shared<detail::run_state>(w, machine.time());
    began = machine.time()->now();
    if (options.trace)
      plan->trace = [this](std::string_view what) { options.trace(machine.time()->now() - began, what); };
    if (options.hosts.hosts > 0)
      run->remote = hosts = detail::simulated_hosts::make(machine, w, run, options.hosts);
    supervisor = machine.spawn<detail::supervisor>(machine, run);
    tell(detail::order::start);
  }
  ~state() {
    if (!run->completed()) {
      tell(detail::order::stop);
      for (int i = 0; i < 1'000'000 && !run->completed() && machine.run_one(); ++i) {
      }
    }
    if (!run->completed())
      caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    supervisor = nullptr;
  }

  void tell(detail::order what) {
    caf::anon_send<caf::message_priority::high>(supervisor, detail::control_message{what});
  }
  std::uint32_t node(std::string_view id) const {
    const auto found = std::ranges::find(run->nodes, id, &named_node::id);
    if (found == run->nodes.end())
      throw std::out_of_range("no node '" + std::string{id} + "' in this workflow");
    return static_cast<std::uint32_t>(found - run->nodes.begin());
  }
  /// Demand: what is in flight never exceeds what was granted. By key, a batch may fill up each lane, and
  /// each idle lane be sent what waits for it.
  void check_edges() {
    for (const auto& e : run->edges) {
      const auto most = e->window - 1 + static_cast<std::int32_t>(e->keys ? 2 * e->partitions : 1);
      if (const auto n = e->in_flight.load(); (n > most || n < 0) && broken.empty())
        broken = "the edge from '" + run->nodes[e->from].id + "' to '" + run->nodes[e->to].id + "' holds " +
                 std::to_string(n) + " batches, " + std::to_string(most) + " at most are granted";
    }
  }

  simulation_options options;
  std::shared_ptr<detail::fault_plan> plan;
  detail::simulated_machine machine;
  std::shared_ptr<detail::run_state> run;
  detail::simulated_hosts& cluster() const {
    if (!hosts)
      throw std::logic_error("this simulation has no hosts: see simulation_options::hosts");
    return *hosts;
  }

  std::shared_ptr<detail::simulated_hosts> hosts; ///< null: there are none
  caf::actor supervisor;
  time_point began{};
  std::uint64_t events = 0;
  std::string broken;
};

simulation::simulation(const workflow& w, simulation_options options)
    : state_(std::make_unique<state>(w, std::move(options))) {}
simulation::~simulation() = default;

bool simulation::step() {
  state& s = *state_;
  detail::simulated_machine& m = s.machine;
  ++s.events;
  if (s.plan->chance(s.plan->rates().time_passes))
    m.go_on_to(m.time()->now() + (s.plan->chance(0.5) ? s.plan->up_to(100us) : s.plan->up_to(20ms)));
  if (s.plan->chance(s.plan->rates().time_jumps))
    m.go_on_to(m.time()->now() + 1h);
  if (m.run_one()) {
    s.check_edges();
    return true;
  }
  const auto next = m.next_timer();
  if (!next)
    return false;
  m.go_on_to(*next);
  return true;
}

bool simulation::run() {
  while (!ended()) {
    if (state_->events >= state_->options.max_events || now() - state_->began >= state_->options.max_time)
      return false;
    if (!step())
      return ended();
  }
  return true;
}

void simulation::settle() {
  for (; state_->machine.run_one(); ++state_->events)
    state_->check_edges();
}

void simulation::advance(duration d) {
  const auto until = later(now(), d);
  settle();
  for (auto next = state_->machine.next_timer(); next && *next <= until;
       next = state_->machine.next_timer()) {
    state_->machine.go_on_to(*next);
    settle();
  }
  state_->machine.go_on_to(until);
  settle();
}

void simulation::drain(duration deadline) {
  state_->run->ask(run_status::drained);
  state_->tell(detail::order::drain);
  if (deadline.count() <= 0)
    return;
  state_->machine.at(later(now(), deadline), [this] {
    if (state_->run->completed())
      return;
    state_->run->ask(run_status::drained_uncleanly);
    state_->tell(detail::order::stop);
  });
}

void simulation::stop() {
  state_->run->ask(run_status::stopped);
  state_->tell(detail::order::stop);
}

replay_result simulation::replay(std::span<const std::string> ids, std::string_view node) {
  replay_result said = state_->run->replay(ids, node);
  if (!said.replayed.empty())
    state_->tell(detail::order::replay);
  return said;
}

bool simulation::ended() const { return state_->run->completed(); }
bool simulation::ready() const { return state_->run->ready(); }
std::vector<node_health> simulation::health() const { return state_->run->health(); }
std::vector<node_result> simulation::figures() const { return state_->run->snapshot(); }
run_result simulation::result() const { return state_->run->take_result(); }
time_point simulation::now() const noexcept { return state_->machine.time()->now(); }
const std::shared_ptr<const clock>& simulation::time() const noexcept { return state_->machine.time(); }
std::uint64_t simulation::events() const noexcept { return state_->events; }

void simulation::inject(std::string_view node, fault what, std::optional<error> why) {
  state_->plan->script(state_->node(node), what, std::move(why));
}
void simulation::crash(std::string_view node, std::uint32_t worker) {
  if (!state_->machine.crash(state_->node(node), worker))
    throw permanent("no such worker apart from its node", "node '" + std::string{node} + "'",
                    "give the node isolation 'thread'");
}
std::uint64_t simulation::host_joins() { return state_->cluster().join(); }
bool simulation::host_vanishes(std::uint64_t host) { return state_->cluster().kill(host); }
bool simulation::host_pauses(std::uint64_t host, duration how_long) {
  return state_->cluster().pause(host, how_long);
}
bool simulation::host_unheard(std::uint64_t host, duration how_long) {
  return state_->cluster().silence(host, true, how_long);
}
bool simulation::host_deaf(std::uint64_t host, duration how_long) {
  return state_->cluster().silence(host, false, how_long);
}
bool simulation::host_cut(std::uint64_t host) { return state_->cluster().cut(host); }
bool simulation::host_drains(std::uint64_t host, bool told) { return state_->cluster().drain(host, told); }
std::vector<std::uint64_t> simulation::hosts() const { return state_->cluster().hosts(); }
std::uint64_t simulation::hosts_left() const { return state_->cluster().left(); }
std::uint64_t simulation::happened(fault what) const noexcept {
  return state_->plan->drawn[static_cast<std::size_t>(what)];
}
bool simulation::unheard(std::string_view node, const record_id& record) const {
  return state_->plan->unheard.contains({state_->node(node), record});
}
const std::string& simulation::broken_rule() const noexcept { return state_->broken; }

} // namespace weir
