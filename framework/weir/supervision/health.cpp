#include <weir/supervision/health.hpp>

#include <chrono>
#include <utility>

namespace weir {

namespace detail {

node_health health_of(std::string id, const node_figures& figures, const error& cause, time_point now) {
  const auto get = [](const node_figures::counter& c) { return c.load(std::memory_order_relaxed); };
  node_health h;
  h.id = std::move(id);
  h.state = get(figures.outage) != 0    ? node_state::outage
            : get(figures.started) != 0 ? node_state::running
                                        : node_state::starting;
  if (h.state == node_state::outage)
    h.cause = cause.message();
  const auto busy = static_cast<double>(get(figures.busy_time));
  const auto idle = static_cast<double>(get(figures.idle_time));
  const auto backpressured = static_cast<double>(get(figures.backpressured_time));
  if (const double all = busy + idle + backpressured; all > 0) {
    h.busy = busy / all;
    h.idle = idle / all;
    h.backpressured = backpressured / all;
  }
  if (const auto workers = get(figures.workers); workers > 0)
    h.saturation = static_cast<double>(get(figures.busy_workers)) / static_cast<double>(workers);
  const auto last = time_point{duration{static_cast<duration::rep>(get(figures.last_progress))}};
  h.stalled = get(figures.queued) > 0 && h.state == node_state::running && last != time_point{} &&
              now - last > std::chrono::seconds{10};
  h.restarts = get(figures.restarts);
  h.abandoned = get(figures.abandoned);
  return h;
}

} // namespace detail
} // namespace weir
