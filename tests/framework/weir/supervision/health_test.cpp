#include <weir/supervision/health.hpp>

#include <tests/support/catch.hpp>

#include <weir/supervision/figures.hpp>

using namespace weir;
using namespace std::chrono_literals;

namespace {

/// A started node that decided something at second 100 of the run, with so many records waiting.
node_health at(std::chrono::seconds now, std::uint64_t waiting, bool outage = false) {
  node_figures figures;
  figures.started = 1;
  figures.outage = outage ? 1 : 0;
  figures.queued = waiting;
  figures.last_progress = static_cast<std::uint64_t>(std::chrono::nanoseconds{100s}.count());
  return detail::health_of("store", figures, {}, time_point{now});
}

} // namespace

TEST_CASE("a node is stalled when records wait and nothing was decided for more than 10 s") {
  CHECK_FALSE(at(110s, 7).stalled);
  CHECK(at(111s, 7).stalled);
  CHECK_FALSE(at(111s, 0).stalled); // nothing to decide
}

TEST_CASE("a node that waits for the world outside is in outage, not stalled") {
  const node_health h = at(200s, 7, true);
  CHECK(h.state == node_state::outage);
  CHECK_FALSE(h.stalled);
}

TEST_CASE("a node that has not started is not stalled") {
  node_figures figures;
  figures.queued = 7;
  const node_health h = detail::health_of("store", figures, {}, time_point{200s});
  CHECK(h.state == node_state::starting);
  CHECK_FALSE(h.stalled);
}

TEST_CASE("shares of a node's life add to 1") {
  node_figures figures;
  figures.busy_time = 6'000;
  figures.idle_time = 1'000;
  figures.backpressured_time = 3'000;
  const node_health h = detail::health_of("store", figures, {}, time_point{1s});
  CHECK(h.busy == Approx(0.6));
  CHECK(h.idle == Approx(0.1));
  CHECK(h.backpressured == Approx(0.3));
}
