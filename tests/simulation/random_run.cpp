#include <tests/simulation/random_run.hpp>

#include <weir/testkit/conservation.hpp>
#include <weir/testkit/simulation.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace weir_tests {

using namespace weir;
using namespace std::chrono_literals;

namespace {

using id = std::uint64_t;

/// What the nodes of one run share; one thread.
struct world {
  explicit world(std::uint64_t seed) : random(seed * 0x9e3779b97f4a7c15ULL + 1) {}

  bool chance(double p) { return std::uniform_real_distribution<double>{}(random) < p; }
  std::uint64_t below(std::uint64_t n) { return random() % n; }

  std::mt19937_64 random;
  conservation books;
  std::uint64_t keys = 1;
  std::uint64_t records = 0;
  bool doubles = false; ///< each record becomes two on its way
  bool by_key = false;  ///< every node is keyed: order holds within a key
  bool in_order = false;
  std::uint32_t sinks = 1;
  std::shared_ptr<const weir::clock> time;
  time_point outage_from = time_point::max();
  time_point outage_to = time_point::max();
  std::string wrong;
  bool trace = false;
  std::map<std::string, std::multimap<record_id, id>> delivered;

  std::uint64_t key(id r) const { return (doubles ? r / 2 : r) % keys; }
  std::vector<id> leaves(id r) const {
    return doubles ? std::vector<id>{2 * r, 2 * r + 1} : std::vector<id>{r};
  }
};

using shared_world = std::shared_ptr<world>;

class random_source {
 public:
  random_source(shared_world w, id first, id last) : world_(std::move(w)), next_(first), last_(last) {}
  poll_result poll(emitter<id>& out, std::size_t demand) {
    world& w = *world_;
    if (w.chance(0.02))
      return poll_result::idle_for(w.chance(0.1) ? 1h : 1ms * w.below(2000));
    if (w.chance(0.01))
      throw std::runtime_error("the source is away");
    for (auto n = w.below(demand) + 1; n > 0 && next_ <= last_; --n, ++next_) {
      for (const id leaf : w.leaves(next_))
        w.books.issue(leaf, w.by_key ? w.key(leaf) : 0);
      out(next_);
    }
    return next_ > last_ ? poll_result::end() : poll_result::more();
  }

 private:
  shared_world world_;
  id next_;
  id last_;
};

/// Sees its keys in order, or says so.
struct keyed_node {
  shared_world in;
  bool doubled; ///< records come doubled already
  std::map<std::uint64_t, id> last;
  void on_record(const id& r, context<id>& out) {
    id& before = last[doubled ? in->key(r) : r % in->keys];
    if (in->by_key && r < before)
      in->wrong = "a keyed node got " + std::to_string(r) + " after " + std::to_string(before);
    before = r;
    out.emit(r);
  }
};

struct batching_sink {
  shared_world in;
  std::string name;
  result<> write(const records<id>& all) {
    if (const auto now = in->time->now(); now >= in->outage_from && now < in->outage_to)
      return transient("the sink is away");
    if (in->trace) {
      std::printf("            %s writes", name.c_str());
      for (const id r : all.span())
        std::printf(" %llu", static_cast<unsigned long long>(r));
      std::printf("\n");
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      in->books.deliver(name, all[i]);
      in->delivered[name].emplace(all.id(i), all[i]);
    }
    return {};
  }
};

class letters final : public dead_letter_sink {
 public:
  explicit letters(shared_world w) : world_(std::move(w)) {}
  result<> write(std::span<const dead_letter> all) override {
    world& w = *world_;
    if (w.chance(0.2))
      return transient("the dead-letter sink is away");
    written += all.size();
    for (const auto& l : all)
      if (!at_the_end)
        settle(l);
    return {};
  }
  /// What a letter stands for is in the books as a dead letter.
  void settle(const dead_letter& l) const {
    world& w = *world_;
    const id r = std::stoull(l.payload);
    // A node before the doubling buries what both children would have come from.
    const bool parent = w.doubles && doubled_later.contains(l.node);
    for (const id leaf : parent ? w.leaves(r) : std::vector<id>{r})
      w.sinks > 1 ? w.books.bury_shared(leaf) : w.books.bury(leaf);
  }
  std::map<std::string, bool> doubled_later; ///< nodes before the doubling, and that itself
  bool at_the_end = false; ///< letters may be replayed: the last ones of the run are settled instead
  std::uint64_t written = 0;

 private:
  shared_world world_;
};

/// Of a run that does not end: a line a node.
std::string where_it_stands(const simulation& sim) {
  std::string text;
  const auto health = sim.health();
  const auto figures = sim.figures();
  for (std::size_t n = 0; n < figures.size(); ++n) {
    const node_result& f = figures[n];
    text += "  " + f.id + ": " + std::to_string(f.received) + " received, " + std::to_string(f.sent) +
            " sent, " + std::to_string(f.delivered) + " delivered, " + std::to_string(f.queued) +
            " queued, " + std::to_string(f.busy_workers) + " of " + std::to_string(f.workers) +
            " workers busy, " + std::string{to_string(health[n].state)};
    if (health[n].last_failure)
      text += ", " + to_text(health[n].last_failure->ago) + " ago: " + health[n].last_failure->cause;
    text += "\n";
  }
  return text;
}

} // namespace

outcome run_seed(std::uint64_t seed, bool trace) {
  const auto w = std::make_shared<world>(seed);
  world& x = *w;
  workflow wf{"seed " + std::to_string(seed)};
  outcome out;
  out.seed = seed;

  // ---- the shape
  x.records = 20 + x.below(280);
  x.keys = 1 + x.below(12);
  const auto order = x.below(3);
  x.by_key = order == 1;
  x.in_order = order == 2;
  x.doubles = x.chance(0.3);
  const bool two_sources = !x.in_order && !x.by_key && x.chance(0.3);
  x.sinks = x.chance(0.2) ? 2 : 1;
  const std::uint64_t poison = x.chance(0.4) ? 11 + x.below(40) : 0;
  const bool strict = x.chance(0.1); // default restart intensity: such a run may fail
  wf.settings().limits.max_records = static_cast<std::uint32_t>(1 + x.below(40));
  wf.settings().max_dead_letters.share = 1;
  wf.settings().max_abandoned_workers = 100'000;
  if (x.chance(0.2)) {
    wf.settings().memory_budget = 2048;
    out.shape += "little memory, ";
  }
  if (x.chance(0.2))
    wf.settings().max_concurrent_nodes = static_cast<std::uint32_t>(1 + x.below(3));
  const auto dead = std::make_shared<letters>(w);
  wf.dead_letters(dead);

  const auto key_of =
      std::make_shared<const std::function<std::uint64_t(const id&)>>([w](const id& r) { return w->key(r); });
  const auto options = [&](bool may_fail) {
    node_options o;
    o.workers.min = static_cast<std::uint32_t>(1 + x.below(4));
    if (x.chance(0.3))
      o.workers.max = o.workers.min + static_cast<std::uint32_t>(x.below(4));
    if (x.by_key)
      o.workers.max = 0;
    o.isolation = x.chance(0.7) ? isolation::thread : isolation::automatic;
    if (x.chance(0.7)) {
      o.timeout = 1ms * (10 + x.below(200));
      o.grace = 1ms * (1 + x.below(50));
    }
    if (x.in_order)
      o.order = ordering::ordered;
    if (x.chance(0.5))
      o.batch_size = static_cast<std::uint32_t>(1 + x.below(16));
    if (may_fail || x.chance(0.8))
      o.retry =
          exponential_backoff{.first = 5ms,
                              .max = 500ms,
                              .max_attempts = static_cast<std::uint32_t>(may_fail ? 2 + x.below(5) : 0)};
    if (!strict)
      o.restart.max = 1'000'000;
    if (x.chance(0.1))
      o.restart.on_throw = after_throw::rebuild;
    // Keys that promise order leave no choice, and affinity gives up the order of the input.
    if (o.workers.most() > 1 && !x.by_key)
      o.dispatch = static_cast<dispatch>(x.below(x.in_order ? 3 : 4));
    return o;
  };
  const auto keyed = [&](node_definition d) {
    if (x.by_key || d.options.dispatch == dispatch::key_affinity)
      d.keys = detail::make_key_groups<id>(key_of);
    return d;
  };

  std::vector<std::uint32_t> ends; // nodes whose output goes into the next
  const id half = two_sources ? x.records / 2 : x.records;
  ends.push_back(wf.add("source", detail::define_source(random_source{w, 1, half}, {})));
  if (two_sources)
    ends.push_back(wf.add("source 2", detail::define_source(random_source{w, half + 1, x.records}, {})));
  out.shape += std::to_string(x.records) + " records" + (two_sources ? " of two sources" : "");

  const auto poisoned = [poison](id r) { return poison > 0 && r % poison == 0; };
  const auto follow = [&](std::uint32_t node) {
    for (const auto e : ends)
      wf.connect({e, 0, node});
    ends = {node};
  };
  const auto steps = 1 + x.below(3);
  const auto doubling = x.doubles ? x.below(steps) : steps;
  bool now_doubled = false;
  for (std::uint64_t s = 0; s < steps; ++s) {
    const auto o = options(true);
    const std::string name = "step " + std::to_string(s);
    if (!now_doubled)
      dead->doubled_later[name] = true;
    node_definition d;
    // Before the doubling a record's key is that of its number, after it that of its children.
    const auto kind = s == doubling ? 4 : x.below(4);
    const bool after = now_doubled;
    switch (kind) {
    case 0: {
      if (x.below(3) == 0) { // in place, where the batch is its alone
        using step = detail::update_step<id, std::function<result<>(id&)>>;
        std::function<result<>(id&)> f = [poisoned](id& r) -> result<> {
          const bool bad = poisoned(r);
          if (bad)
            r = {}; // a trace that a retry or a dead letter would show
          return bad ? result<>{permanent("poison")} : result<>{};
        };
        d = detail::define<id, id>(
            detail::make_chain_factory(
                detail::chain<id>{}.then(step{detail::callable<std::function<result<>(id&)>>{std::move(f)}}),
                detail::to_port<id>{}),
            o);
        out.shape += ", update";
        break;
      }
      using step = detail::map_step<id, std::function<result<id>(const id&)>>;
      std::function<result<id>(const id&)> f = [poisoned](const id& r) -> result<id> {
        return poisoned(r) ? permanent("poison") : result<id>{r};
      };
      d = detail::define<id, id>(
          detail::make_chain_factory(
              detail::chain<id>{}.then(
                  step{detail::callable<std::function<result<id>(const id&)>>{std::move(f)}}),
              detail::to_port<id>{}),
          o);
      out.shape += ", map";
      break;
    }
    case 1: {
      d = detail::define_batch_function<id>(
          [poisoned](std::span<const id> in) -> result<std::vector<id>> {
            for (const id r : in)
              if (poisoned(r))
                return permanent("poison");
            return std::vector<id>(in.begin(), in.end());
          },
          o);
      out.shape += ", map_batch";
      break;
    }
    case 2: {
      d = detail::define_class<keyed_node>(
          [w, after] { return std::make_unique<keyed_node>(keyed_node{w, after || !w->doubles, {}}); }, o);
      out.shape += ", class";
      break;
    }
    case 3: {
      using step = detail::filter_step<id, std::function<bool(const id&)>>;
      std::function<bool(const id&)> f = [w, after](const id& r) {
        if (r % 5 != 0)
          return true;
        for (const id leaf : after ? std::vector<id>{r} : w->leaves(r))
          w->books.drop(leaf);
        return false;
      };
      d = detail::define<id, id>(
          detail::make_chain_factory(
              detail::chain<id>{}.then(step{detail::callable<std::function<bool(const id&)>>{std::move(f)}}),
              detail::to_port<id>{}),
          o);
      out.shape += ", filter";
      break;
    }
    default: {
      using step = detail::flat_map_step<id, std::function<std::vector<id>(const id&)>>;
      std::function<std::vector<id>(const id&)> f = [w](const id& r) { return w->leaves(r); };
      d = detail::define<id, id>(
          detail::make_chain_factory(
              detail::chain<id>{}.then(
                  step{detail::callable<std::function<std::vector<id>(const id&)>>{std::move(f)}}),
              detail::to_port<id>{}),
          o);
      out.shape += ", flat_map";
      break;
    }
    }
    if (x.by_key || o.dispatch == dispatch::key_affinity) {
      const bool doubled_already = now_doubled;
      d.keys = detail::make_key_groups<id>(
          std::make_shared<const std::function<std::uint64_t(const id&)>>([w, doubled_already](const id& r) {
            return (doubled_already || !w->doubles ? w->key(r) : r % w->keys);
          }));
    }
    if (kind == 4)
      now_doubled = true;
    constexpr std::string_view policies[] = {"", " in turn", " least loaded", " affine"};
    out.shape += policies[static_cast<std::size_t>(o.dispatch)];
    out.shape += " x" + std::to_string(o.workers.most()) + (o.timeout.count() > 0 ? "t" : "");
    follow(wf.add(name, std::move(d)));
  }
  const auto into_sinks = ends;
  for (std::uint32_t s = 0; s < x.sinks; ++s) {
    const std::string name = "sink " + std::to_string(s);
    x.books.sink(name, x.by_key || x.in_order);
    auto o = options(false);
    if (x.by_key || x.in_order) { // one transaction after the other
      o.workers = {x.by_key ? o.workers.min : 1};
      o.dispatch = dispatch::pull;
      o.order = x.in_order ? ordering::ordered : ordering::unordered;
    }
    auto d = detail::define_sink<batching_sink>(
        [w, name] { return std::make_unique<batching_sink>(batching_sink{w, name}); }, o);
    d = keyed(std::move(d));
    const auto node = wf.add(name, std::move(d));
    for (const auto e : into_sinks)
      wf.connect({e, 0, node});
  }
  out.shape += x.sinks > 1 ? ", two sinks" : ", sink";
  out.shape += x.by_key ? ", by key" : x.in_order ? ", in order" : "";

  // ---- the run
  const double scale = x.chance(0.1) ? 0 : x.chance(0.2) ? 3 : 1;
  const std::function<void(duration, std::string_view)> nothing;
  const std::function<void(duration, std::string_view)> print = [](duration at, std::string_view what) {
    std::printf("%10s  %.*s\n", to_text(at).c_str(), static_cast<int>(what.size()), what.data());
  };
  x.trace = trace;
  host_options hosts;
  if (x.chance(0.3)) {
    hosts = {.hosts = 1 + static_cast<std::uint32_t>(x.below(3)),
             .per_host = 1 + static_cast<std::uint32_t>(x.below(2)),
             .workers_here = x.below(2) == 1,
             .most_delay = x.chance(0.5) ? 1ms : 100ms,
             .loss = x.chance(0.3) ? 0.1 : 0,
             .narrow = x.chance(0.3),
             .trouble_every = x.chance(0.5) ? 50ms : 1s};
    out.shape += ", " + std::to_string(hosts.hosts) + " hosts";
  }
  simulation sim{wf,
                 {.seed = seed,
                  .faults = fault_rates::all(scale),
                  .max_events = 400'000,
                  .hosts = hosts,
                  .trace = trace ? print : nothing}};
  x.time = sim.time();
  if (x.chance(0.3)) {
    x.outage_from = sim.now() + 1ms * x.below(500);
    x.outage_to = x.outage_from + 20min;
    out.shape += ", outage";
  }
  const auto end = x.below(10);
  const auto at = x.below(x.records * 8);
  out.shape += end < 2 ? ", drained" : end == 2 ? ", drained at once" : end < 5 ? ", stopped" : "";
  bool ended = true;
  // Where order is not promised, some runs are asked for replays of all their dead letters, time and again.
  // Drawn apart, so that the other runs stay what they were.
  std::mt19937_64 replay_random{seed ^ 0x7265706c61790000ULL};
  const bool replays = !x.by_key && !x.in_order && replay_random() % 3 == 0;
  dead->at_the_end = replays;
  out.shape += replays ? ", replayed" : "";
  for (int i = 0; replays && i < 3'000 && !sim.ended() && sim.step(); ++i)
    if (replay_random() % 100 == 0)
      sim.replay();
  if (end < 5) {
    for (std::uint64_t i = 0; i < at && !sim.ended() && sim.step(); ++i) {
    }
    if (end < 3)
      sim.drain(end < 2 ? 0ns : 1ms * x.below(50));
    else
      sim.stop();
  }
  ended = sim.run();

  // ---- the judgement
  const auto r = sim.result();
  if (replays) {
    for (const auto& l : r.last_dead_letters)
      dead->settle(l);
    std::uint64_t again = 0;
    for (const auto& n : r.nodes)
      again += n.replayed;
    if (r.last_dead_letters.size() != r.dead_letters || dead->written < again + r.dead_letters)
      x.wrong = std::to_string(r.dead_letters) + " dead letters are counted, " +
                std::to_string(r.last_dead_letters.size()) + " kept, " + std::to_string(again) +
                " replayed, " + std::to_string(dead->written) + " written";
  }
  std::uint64_t left = 0;
  for (const auto& u : r.undelivered)
    left += u.records;
  if (r.status != run_status::completed && r.status != run_status::drained)
    x.books.may_miss(2 * x.sinks * left);
  for (const auto& [sink, all] : x.delivered)
    for (const auto& [record, leaf] : all)
      if (strict ||
          sim.unheard(sink, record)) // a node that is rebuilt lets go of workers whatever they are at
        x.books.may_repeat(sink, leaf);
  const auto verdict = x.books.judge(ended);
  out.status = to_string(r.status);
  out.events = sim.events();
  out.records = verdict.issued;
  out.dead = r.dead_letters;
  for (const auto& n : r.nodes) {
    out.restarts += n.restarts;
    out.outages += n.outages;
  }
  if (!verdict.ok())
    out.wrong += verdict.text();
  if (!ended)
    out.wrong += where_it_stands(sim);
  if (!sim.broken_rule().empty())
    out.wrong += sim.broken_rule() + "\n";
  if (!x.wrong.empty())
    out.wrong += x.wrong + "\n";
  if (r.status == run_status::failed && !strict)
    out.wrong += "failed: " + (r.errors.empty() ? std::string{"no reason"} : r.errors[0].message()) + "\n";
  if (end >= 5 && !strict && r.status != run_status::completed)
    out.wrong += "ended " + out.status + "\n";
  out.ok = out.wrong.empty();
  return out;
}

} // namespace weir_tests
