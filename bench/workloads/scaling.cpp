#include <bench/workloads/scaling.hpp>

#include <bench/baselines/threads.hpp>
#include <bench/workloads/throughput.hpp>
#include <bench/workloads/weir_streams.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>

namespace weir::bench {

namespace {

// ---- workers and batches: the pipeline
// ----------------------------------------------------------------------

void add_workers(std::vector<variant>& to, std::uint64_t n) {
  throughput_variants v{n, [n] { return pipeline_loop(n).out; }};
  for (const std::uint32_t workers : {1U, 2U, 4U, 8U})
    v.add("workers-" + std::to_string(workers), {{"first", "workers-1"}},
          [n, workers] { return pipeline_weir(n, with_workers(workers)); });
  std::ranges::move(v.take(), std::back_inserter(to));
}

void add_batches(std::vector<variant>& to, std::uint64_t most) {
  for (const std::uint32_t records : {1U, 4U, 16U, 64U, 256U, 1'024U, 8'192U}) {
    const std::uint64_t n = std::min<std::uint64_t>(most, records * (most / 16));
    throughput_variants v{n, [n] { return pipeline_loop(n).out; }};
    v.add("batch-" + std::to_string(records), {{"1024", "batch-1024"}}, [n, records] {
      stream_setup setup;
      setup.settings.limits.max_records = records;
      setup.settings.limits.max_bytes = std::max<std::size_t>(records * sizeof(record), 4'096);
      return pipeline_weir(n, setup);
    });
    std::ranges::move(v.take(), std::back_inserter(to));
  }
}

// ---- the size of a record
// -----------------------------------------------------------------------------------

template <std::size_t Bytes>
struct sized {
  std::uint64_t number = 0;
  char rest[Bytes - sizeof(std::uint64_t)] = {};
};

template <std::size_t Bytes>
class sized_source {
 public:
  explicit sized_source(std::uint64_t end) : end_(end) {}
  poll_result poll(emitter<sized<Bytes>>& out, std::size_t demand) {
    const std::uint64_t stop = next_ + std::min<std::uint64_t>(demand, end_ - next_);
    for (; next_ < stop; ++next_) {
      sized<Bytes> r;
      r.number = next_;
      out(r);
    }
    return next_ == end_ ? poll_result::end() : poll_result::more();
  }

 private:
  std::uint64_t next_ = 0;
  std::uint64_t end_;
};

template <std::size_t Bytes>
void add_record_size(std::vector<variant>& to, std::uint64_t most, std::uint64_t most_bytes) {
  const std::uint64_t n = std::min(most, most_bytes / Bytes);
  variant v{.name = "record-" + std::to_string(Bytes), .records = n};
  v.run = [n] {
    std::uint64_t seen = 0;
    std::uint64_t count = 0;
    workflow w{"record-size"};
    w.from("source", sized_source<Bytes>{n})
        .map("map",
             [](const sized<Bytes>& r) {
               sized<Bytes> made = r;
               made.number = scatter(r.number);
               return made;
             })
        .to("sum", [&](const sized<Bytes>& r) {
          seen ^= r.number + static_cast<unsigned char>(r.rest[sizeof r.rest - 1]);
          ++count;
        });
    const double seconds = run_timed(w, 0);
    std::uint64_t expected = 0;
    for (std::uint64_t i = 0; i < n; ++i)
      expected ^= scatter(i);
    if (seen != expected || count != n)
      throw std::runtime_error("other records arrived than were sent");
    return outcome{.seconds = seconds,
                   .figures = {{"mib_per_s", static_cast<double>(n * Bytes) / seconds / (1U << 20U)}}};
  };
  to.push_back(std::move(v));
}

// ---- stages and nodes: chains of maps that add one
// ----------------------------------------------------------

struct add_one {
  record operator()(const record& r) const {
    record made = r;
    made.value += 1;
    return made;
  }
};

/// `chains` times a source with n records, `stages` maps and a sink, in one workflow.
outcome run_chains(std::uint64_t n, std::uint32_t stages, std::uint32_t chains) {
  std::vector<totals> out(chains * 8); // a line of memory apart
  workflow w{"chains"};
  for (std::uint32_t c = 0; c < chains; ++c) {
    const std::string in = "-" + std::to_string(c);
    auto s = w.from("source" + in, record_source{0, n}).map("stage-0" + in, add_one{});
    for (std::uint32_t i = 1; i < stages; ++i) {
      const auto next = s.map("stage-" + std::to_string(i) + in, add_one{});
      s = next;
    }
    s.to("sum" + in, [&t = out[c * 8]](const record& r) { t.add(r); });
  }
  const double seconds = run_timed(w, 0);
  totals expected;
  for (std::uint64_t i = 0; i < n; ++i) {
    record r;
    make_record(i, r);
    r.value += stages;
    expected.add(r);
  }
  for (std::uint32_t c = 0; c < chains; ++c)
    expect(out[c * 8], expected);
  const double hops = static_cast<double>(n) * chains * (stages + 1);
  return {.seconds = seconds, .figures = {{"ns_a_hop", seconds * 1e9 / hops}}};
}

void add_chains(std::vector<variant>& to, const std::string& name, std::uint64_t n, std::uint32_t stages,
                std::uint32_t chains) {
  variant v{.name = name, .records = n * chains};
  v.run = [=] { return run_chains(n, stages, chains); };
  to.push_back(std::move(v));
}

} // namespace

std::vector<variant> scaling_variants(const sizes& of) {
  std::vector<variant> made;
  add_workers(made, of.records(4'000'000));
  add_batches(made, of.records(4'000'000));
  const std::uint64_t n = of.records(4'000'000);
  const std::uint64_t bytes = of.records(std::uint64_t{1} << 30U);
  add_record_size<16>(made, n, bytes);
  add_record_size<64>(made, n, bytes);
  add_record_size<256>(made, n, bytes);
  add_record_size<1'024>(made, n, bytes);
  add_record_size<4'096>(made, n, bytes);
  add_record_size<16'384>(made, n, bytes);
  add_record_size<65'536>(made, n, bytes);
  for (const std::uint32_t stages : {1U, 2U, 4U, 8U, 16U, 32U, 64U})
    add_chains(made, "stages-" + std::to_string(stages), of.records(8'000'000 / (stages + 1)), stages, 1);
  for (const std::uint32_t chains : {1U, 10U, 100U}) // of ten nodes
    add_chains(made, "nodes-" + std::to_string(10 * chains), of.records(800'000 / chains), 8, chains);
  return made;
}

} // namespace weir::bench
