#include <bench/workloads/farm_skewed.hpp>

#include <bench/workloads/farm_skewed_model.hpp>
#include <bench/workloads/pacing.hpp>
#include <bench/workloads/record.hpp>

#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace weir::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t workers = 4;
constexpr std::uint64_t quick_ns = 10'000;
constexpr std::uint64_t slow_ns = 5'000'000;

bool is_slow(const record& r) { return scatter(r.ts) % 100 == 0; }

void compute(std::uint64_t ns) {
  const std::uint64_t end = now_ns() + ns;
  while (now_ns() < end) {
  }
}

/// Emits what is due, looks again a tenth of a millisecond later.
class paced_source {
 public:
  explicit paced_source(load l) : load_(l) {}
  poll_result poll(emitter<record>& out, std::size_t demand) {
    const std::uint64_t now = now_ns();
    if (start_ == 0)
      start_ = now;
    for (; demand > 0 && next_ < load_.records && start_ + load_.due(next_) <= now; --demand, ++next_) {
      record r;
      make_record(next_, r);
      r.value = static_cast<double>(start_ + load_.due(next_)); // exact for 100 days of nanoseconds
      out(r);
    }
    if (next_ == load_.records)
      return poll_result::end();
    return demand == 0 ? poll_result::more() : poll_result::idle_for(100us);
  }

 private:
  load load_;
  std::uint64_t start_ = 0;
  std::uint64_t next_ = 0;
};

/// The queueing delay is from when a record was due until its worker begins with it.
outcome with_policy(const load& l, dispatch how, isolation where) {
  const bool waits = where == isolation::thread;
  const auto work = [waits](const record& r) {
    record made = r;
    made.value = static_cast<double>(now_ns()) - r.value;
    if (!is_slow(r))
      compute(quick_ns);
    else if (waits)
      std::this_thread::sleep_for(std::chrono::nanoseconds{slow_ns});
    else
      compute(slow_ns);
    return made;
  };
  delays waited{l.records};
  std::uint64_t numbers = 0;
  const auto take = [&](const record& r) {
    waited.add(static_cast<std::uint64_t>(r.value));
    numbers ^= r.ts;
  };
  // A window so large that the source is not held back: what waits, waits in the pool.
  const node_options options{
      .workers = {workers}, .isolation = where, .dispatch = how, .batch_size = 1, .window = 4096};
  workflow w{"farm-skewed"};
  const auto source = w.from("source", paced_source{l});
  if (how == dispatch::key_affinity)
    source.key_by([](const record& r) { return r.key; }).map("work", work, options).to("count", take);
  else
    source.map("work", work, options).to("count", take);
  const run_result r = run(w);
  if (!r.ok())
    throw std::runtime_error(std::string{to_string(r.status)});
  for (std::uint64_t i = 0; i < l.records; ++i)
    numbers ^= i;
  if (waited.count() != l.records || numbers != 0)
    throw std::runtime_error(std::to_string(waited.count()) + " of " + std::to_string(l.records) +
                             " records came out, or others");
  outcome o;
  waited.tell(o);
  return o;
}

} // namespace

std::vector<variant> farm_skewed_variants(const sizes& of) {
  constexpr std::pair<dispatch, const char*> policies[] = {{dispatch::pull, "pull"},
                                                           {dispatch::round_robin, "round-robin"},
                                                           {dispatch::least_loaded, "least-loaded"},
                                                           {dispatch::key_affinity, "key-affinity"}};
  std::vector<variant> made;
  for (const auto& [how, name] : policies) {
    const load l{20'000, of.records(200'000)};
    made.push_back({.name = std::string{"model-"} + name, .records = l.records, .run = [l, how] {
                      return model_policy(l, how, workers,
                                          [](const record& r) { return is_slow(r) ? slow_ns : quick_ns; });
                    }});
  }
  for (const auto where : {isolation::thread, isolation::shared}) {
    // A third of what the workers can do: four that wait, or as many as processors that compute.
    const bool waits = where == isolation::thread;
    const std::uint64_t per_second =
        waits ? 20'000 : 5'500 * std::min(workers, std::max(1U, std::thread::hardware_concurrency()));
    const load l{per_second, of.records(2 * per_second)};
    for (const auto& [how, name] : policies)
      made.push_back({.name = std::string{waits ? "thread-" : "shared-"} + name,
                      .records = l.records,
                      .run = [l, how, where] { return with_policy(l, how, where); }});
  }
  return made;
}

} // namespace weir::bench
