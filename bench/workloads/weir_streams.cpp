#include <bench/workloads/weir_streams.hpp>

#include <bench/workloads/forked_hosts.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::bench {

namespace {

record mixed(const record& r) {
  record made = r;
  mix(made);
  return made;
}

constexpr auto mix_it = [](record& r) noexcept { mix(r); };
constexpr auto work_it = [](record& r) noexcept { work_hard(r); };
constexpr auto is_kept = [](const record& r) noexcept { return keep(r); };

/// One worker's windows.
class windows_node {
 public:
  void on_batch(const records<record>& in, context<window_sum>& out) {
    const auto all = in.span();
    for (std::size_t i = 0; i < all.size(); ++i)
      windows_.add(all[i], [&](const window_sum& w) {
        out.about(i); // a child of that record
        out.emit(w);
      });
  }

 private:
  key_windows windows_;
};

/// The same as one writes it first.
class windows_by_record_node {
 public:
  void on_record(const record& r, context<window_sum>& out) {
    windows_.add(r, [&out](const window_sum& w) { out.emit(w); });
  }

 private:
  key_windows windows_;
};

/// Of all records of a key.
struct key_totals {
  totals t;
  void add(const record& r) { t.add(r); }
  totals result() const { return t; }
};

} // namespace

void check(const run_result& r) {
  if (r.ok() && r.dead_letters == 0)
    return;
  std::string why = "the run ended as " + std::string{to_string(r.status)} + " with " +
                    std::to_string(r.dead_letters) + " dead letters";
  for (const error& e : r.errors)
    why += "; " + e.message();
  throw std::runtime_error(why);
}

double run_timed(const workflow& w, std::uint32_t threads,
                 const std::function<std::shared_ptr<void>(const running&)>& beside) {
  engine runs{{.threads = threads}};
  const stopwatch watch;
  running job = runs.start(w);
  const auto looking_on = beside ? beside(job) : nullptr;
  const run_result r = job.wait();
  const double seconds = watch.seconds();
  check(r);
  return seconds;
}

timed_totals pipeline_weir(std::uint64_t records, const stream_setup& setup) {
  totals t;
  workflow w{"pipeline"};
  w.settings() = setup.settings;
  w.from("source", record_source{0, records})
      .update("map", mix_it, setup.map)
      .filter("filter", is_kept)
      .to("sum", [&t](const record& r) { t.add(r); }, setup.sum);
  const double seconds = run_timed(w, setup.threads, setup.beside);
  return {t, seconds};
}

timed_totals pipeline_copying_weir(std::uint64_t records, const stream_setup& setup) {
  totals t;
  workflow w{"pipeline"};
  w.settings() = setup.settings;
  w.from("source", single_record_source{0, records})
      .map("map", mixed, setup.map)
      .filter("filter", is_kept)
      .to("sum", [&t](const record& r) { t.add(r); }, setup.sum);
  const double seconds = run_timed(w, setup.threads);
  return {t, seconds};
}

timed_totals fused_weir(std::uint64_t records, const stream_setup& setup) {
  struct alignas(128) own_totals : totals {};
  std::vector<own_totals> by_worker(setup.map.workers.most());
  workflow w{"fused"};
  w.settings() = setup.settings;
  auto steps = w.from("source", record_source{0, records}).update("map", mix_it, setup.map).filter(is_kept);
  if (by_worker.size() == 1)
    std::move(steps).to([&t = by_worker.front()](const record& r) noexcept { t.add(r); });
  else
    std::move(steps).to(
        [&by_worker](const record& r, worker_context& c) noexcept { by_worker[c.worker()].add(r); });
  const double seconds = run_timed(w, setup.threads);
  totals all;
  for (const own_totals& t : by_worker)
    all.add(t);
  return {all, seconds};
}

timed_totals fused_source_weir(std::uint64_t records, std::uint32_t streams, const stream_setup& setup) {
  std::vector<totals> out(streams * 8); // a line of memory apart
  workflow w{"fused"};
  w.settings() = setup.settings;
  for (std::uint32_t i = 0; i < streams; ++i) {
    totals& t = out[i * 8];
    w.from("stream" + std::to_string(i), record_source{records * i / streams, records * (i + 1) / streams})
        .update(mix_it)
        .filter(is_kept)
        .to([&t](const record& r) noexcept { t.add(r); });
  }
  const double seconds = run_timed(w, setup.threads);
  totals all;
  for (const totals& t : out)
    all.add(t);
  return {all, seconds};
}

timed_totals farm_weir(std::uint64_t records, const stream_setup& setup) {
  totals t;
  workflow w{"farm"};
  w.settings() = setup.settings;
  w.from("source", record_source{0, records})
      .update("work", work_it, setup.map)
      .to("sum", [&t](const record& r) { t.add(r); });
  const double seconds = run_timed(w, setup.threads);
  return {t, seconds};
}

timed_totals farm_on_hosts_weir(std::uint64_t records, std::uint32_t hosts) {
  totals t;
  const auto watch = std::make_shared<std::optional<stopwatch>>();
  workflow w{"farm"};
  w.from("source", timed_source<record, record_source>{{0, records}, watch})
      .update("work", work_it, with_workers(2).map)
      .to("sum", [&t](const record& r) { t.add(r); });
  run_spread(w, {.hosts = hosts, .per_host = 1});
  return {t, watch->value().seconds()};
}

template <class Node>
timed_totals windows_of(std::uint64_t records, const stream_setup& setup) {
  totals t;
  workflow w{"windows"};
  w.settings() = setup.settings;
  w.from("source", record_source{0, records})
      .key_by(&record::key)
      .node("windows", Node{}, setup.map)
      .to("sum", [&t](const window_sum& s) { add_window(t, s); });
  const double seconds = run_timed(w, setup.threads);
  return {t, seconds};
}

timed_totals windows_weir(std::uint64_t records, const stream_setup& setup) {
  return windows_of<windows_node>(records, setup);
}
timed_totals windows_by_record_weir(std::uint64_t records, const stream_setup& setup) {
  return windows_of<windows_by_record_node>(records, setup);
}

timed_totals aggregate_weir(std::uint64_t records, const stream_setup& setup) {
  totals t;
  workflow w{"aggregate"};
  w.settings() = setup.settings;
  w.from("source", record_source{0, records})
      .key_by(&record::key)
      .aggregate("totals", key_totals{}, setup.map)
      .to("sum", [&t](const totals& s) { t.add(s); });
  const double seconds = run_timed(w, setup.threads);
  return {t, seconds};
}

} // namespace weir::bench
