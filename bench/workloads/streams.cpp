#include <bench/workloads/streams.hpp>

#include <bench/baselines/caf_actors.hpp>
#include <bench/baselines/tbb_graphs.hpp>
#include <bench/baselines/threads.hpp>
#include <bench/workloads/throughput.hpp>
#include <bench/workloads/weir_streams.hpp>

namespace weir::bench {

namespace {

constexpr std::uint64_t many = 20'000'000;

/// Where the batch loops are fastest: a batch stays in the nearest cache.
constexpr std::size_t near_batch = 256;
constexpr batching ring_batches{.records = 1'024, .window = 4};
constexpr batching caf_batches{.records = 1'024, .window = 4};
constexpr batching caf_tuned{.records = 2'048, .window = 16};
constexpr batching tbb_batches{.records = 1'024, .window = 4};
constexpr batching farm_batches{.records = 1'024, .window = 8};

} // namespace

std::vector<variant> pipeline_variants(const sizes& of) {
  const std::uint64_t n = of.records(many);
  throughput_variants v{n, [n] { return pipeline_loop(n).out; }};
  const comparisons beside{{"loop", "loop"},          {"batch-loop", "loop-batches"},
                           {"ring", "ring"},          {"caf", "caf-tuned"},
                           {"tbb", "tbb-pipeline"},   {"tbb-branch", "tbb-pipeline-branch"},
                           {"two-loops", "two-loops"}};
  v.add("weir", beside, [n] { return pipeline_weir(n, {}); });
  v.add("weir-pool-2", beside, [n] { return pipeline_weir(n, with_workers(2)); });
  v.add("weir-copying", beside, [n] { return pipeline_copying_weir(n, {}); });
  v.add("loop", {}, [n] { return pipeline_loop(n); });
  v.add("loop-batches", {}, [n] { return pipeline_batch_loop(n, near_batch); });
  v.add("two-loops", {}, [n] { return pipeline_two_loops(n, near_batch); });
  v.add("ring", {}, [n] { return pipeline_ring(n, ring_batches); });
  v.add("ring-branch", {}, [n] { return pipeline_ring(n, ring_batches, true); });
  v.add("caf", {}, [n] { return pipeline_caf(n, caf_batches); });
  v.add("caf-tuned", {}, [n] { return pipeline_caf(n, caf_tuned); });
  v.add("tbb-pipeline", {}, [n] { return pipeline_tbb(n, tbb_batches); });
  v.add("tbb-pipeline-branch", {}, [n] { return pipeline_tbb(n, tbb_batches, true); });
  v.add("tbb-graph", {}, [n] { return pipeline_tbb_graph(n, tbb_batches); });
  return v.take();
}

std::vector<variant> fused_variants(const sizes& of) {
  const std::uint64_t n = of.records(many);
  throughput_variants v{n, [n] { return pipeline_loop(n).out; }};
  const comparisons one{{"loop", "loop"}, {"batch-loop", "loop-batches"}};
  const comparisons two{{"loop", "loop"}, {"two-loops", "two-loops"}};
  v.add("weir-1", one, [n] { return fused_weir(n, {.threads = 1}); });
  v.add("weir-source-1", one, [n] { return fused_source_weir(n, 1, {.threads = 1}); });
  v.add("weir-2", two, [n] {
    stream_setup setup = with_workers(2);
    setup.threads = 2;
    return fused_weir(n, setup);
  });
  v.add("weir-source-2", two, [n] { return fused_source_weir(n, 2, {.threads = 2}); });
  v.add("loop", {}, [n] { return pipeline_loop(n); });
  v.add("loop-batches", {}, [n] { return pipeline_batch_loop(n, near_batch); });
  v.add("two-loops", {}, [n] { return pipeline_two_loops(n, near_batch); });
  return v.take();
}

std::vector<variant> farm_variants(const sizes& of) {
  const std::uint64_t n = of.records(1'000'000);
  throughput_variants v{n, [n] { return farm_two_loops(n).out; }};
  const comparisons beside{{"ideal", "two-loops"}, {"loop", "loop"}, {"caf", "caf"}, {"tbb", "tbb-pipeline"}};
  v.add("weir", beside, [n] { return farm_weir(n, with_workers(2)); });
  v.add("weir-threads", beside, [n] { return farm_weir(n, isolated(2, isolation::thread)); });
  comparisons apart = beside;
  apart.emplace_back("threads", "weir-threads");
  v.add("weir-processes", apart, [n] { return farm_weir(n, isolated(2, isolation::process)); });
  v.add("weir-hosts", apart, [n] { return farm_on_hosts_weir(n, 2); });
  v.add("loop", {}, [n] { return farm_loop(n); });
  v.add("two-loops", {{"loop", "loop"}}, [n] { return farm_two_loops(n); });
  v.add("caf", {{"ideal", "two-loops"}}, [n] { return farm_caf(n, farm_batches); });
  v.add("tbb-pipeline", {{"ideal", "two-loops"}}, [n] { return farm_tbb(n, farm_batches); });
  return v.take();
}

std::vector<variant> keyed_variants(const sizes& of) {
  const std::uint64_t n = of.records(many);
  throughput_variants v{n, [n] { return window_loop(n).out; }};
  const comparisons beside{
      {"loop", "loop"}, {"ring", "rings-3-threads"}, {"caf", "caf-tuned"}, {"tbb", "tbb-graph"}};
  v.add("weir", beside, [n] { return windows_weir(n, with_workers(2)); });
  v.add("weir-on-record", beside, [n] { return windows_by_record_weir(n, with_workers(2)); });
  v.add("loop", {}, [n] { return window_loop(n); });
  v.add("loop-batches", {}, [n] { return window_batch_loop(n, near_batch); });
  v.add("rings-3-threads", {}, [n] { return keyed_rings(n, ring_batches); });
  v.add("caf", {}, [n] { return keyed_caf(n, caf_batches); });
  v.add("caf-tuned", {}, [n] { return keyed_caf(n, caf_tuned); });
  v.add("tbb-graph", {}, [n] { return keyed_tbb_graph(n, tbb_batches); });
  return v.take();
}

std::vector<variant> window_variants(const sizes& of) {
  const std::uint64_t n = of.records(many);
  throughput_variants v{n, [n] { return window_loop(n).out; }};
  const comparisons beside{{"loop", "loop"},
                           {"batch-loop", "loop-batches"},
                           {"ring", "ring"},
                           {"three-threads", "rings-3-threads"}};
  v.add("weir", beside, [n] { return windows_weir(n, {}); });
  v.add("weir-on-record", beside, [n] { return windows_by_record_weir(n, {}); });
  v.add("loop", {}, [n] { return window_loop(n); });
  v.add("loop-batches", {}, [n] { return window_batch_loop(n, near_batch); });
  v.add("ring", {}, [n] { return window_ring(n, ring_batches); });
  v.add("rings-3-threads", {}, [n] { return keyed_rings(n, ring_batches); });
  return v.take();
}

} // namespace weir::bench
