// Every baseline does the work that the plain loop does, for any number of records: one, part of a batch, a
// whole one, and more than all batches hold. Otherwise the benchmark would compare with something else.

#include <bench/baselines/caf_actors.hpp>
#include <bench/baselines/tbb_graphs.hpp>
#include <bench/baselines/threads.hpp>

#include <tests/support/catch.hpp>

#include <cstdint>

using namespace weir::bench;

namespace {

constexpr batching small{.records = 64, .window = 4};

void check(const timed_totals& t, const timed_totals& loop) { CHECK_NOTHROW(expect(t.out, loop.out)); }

} // namespace

TEST_CASE("every baseline of the pipeline gives what the loop gives") {
  const std::uint64_t n = GENERATE(1, 63, 64, 10'001);
  const auto loop = pipeline_loop(n);
  check(pipeline_batch_loop(n, 64), loop);
  check(pipeline_two_loops(n, 64), loop);
  check(pipeline_ring(n, small), loop);
  check(pipeline_ring(n, small, true), loop);
  check(pipeline_caf(n, small), loop);
  check(pipeline_tbb(n, small), loop);
  check(pipeline_tbb(n, small, true), loop);
  check(pipeline_tbb_graph(n, small), loop);
}

TEST_CASE("every baseline of the farm gives what the loop gives") {
  const std::uint64_t n = GENERATE(1, 63, 64, 1'001);
  const auto loop = farm_loop(n);
  check(farm_two_loops(n), loop);
  check(farm_caf(n, small), loop);
  check(farm_tbb(n, small), loop);
}

TEST_CASE("every baseline of the windows gives what the loop gives") {
  const std::uint64_t n = GENERATE(1, 64, 1'000'003);
  const auto loop = window_loop(n);
  CHECK((loop.out.count > 0) == (n > 1'000));
  check(window_batch_loop(n, 64), loop);
  check(window_ring(n, small), loop);
  check(keyed_rings(n, small), loop);
  check(keyed_caf(n, small), loop);
  check(keyed_tbb_graph(n, small), loop);
}

TEST_CASE("totals that differ are told") {
  const auto loop = pipeline_loop(1'000);
  totals other = loop.out;
  other.count += 1;
  CHECK_THROWS_WITH(expect(other, loop.out), Catch::Contains("count"));
  other = loop.out;
  other.sum += 1;
  CHECK_THROWS(expect(other, loop.out));
  other = loop.out;
  other.mixed ^= 1;
  CHECK_THROWS(expect(other, loop.out));
}
