#include <weir/observe/monitor.hpp>

#include <utility>

namespace weir {

void monitor::take(observation seen, time_point at) {
  std::vector<sample> samples;
  auto kept = std::make_shared<const observation>(std::move(seen));
  {
    const std::lock_guard lock{mutex_};
    if (!samples_.empty() && (samples_.back().seen->started != kept->started || samples_.back().at > at)) {
      samples_.clear();
      history_.clear();
    }
    samples_.push_back({kept, at});
    while (samples_.size() > 2 && at - samples_[1].at >= rate_window)
      samples_.pop_front();
    samples.assign(samples_.begin(), samples_.end());
  }

  auto made = std::make_shared<monitor_view>();
  made->now = *kept;
  made->rates = rates_of(samples);
  made->limits = limits_of(made->now, made->rates);
  made->warnings = warnings_of(made->now, made->rates, made->limits);

  history_point point;
  point.time = kept->started + std::chrono::duration_cast<std::chrono::system_clock::duration>(kept->up);
  point.records_per_s = made->rates.records_per_s;
  point.latency_p50 = made->rates.latency.p50;
  point.latency_p99 = made->rates.latency.p99;
  point.error_ratio = made->rates.error_ratio;
  point.queue_records = made->rates.queue_records;
  point.workers_busy = made->rates.workers_busy;
  point.workers = made->rates.workers;

  const std::lock_guard lock{mutex_};
  const auto second = [](const history_point& p) { return std::chrono::floor<std::chrono::seconds>(p.time); };
  if (!history_.empty() && second(history_.back()) == second(point))
    history_.pop_back();
  history_.push_back(point);
  if (history_.size() > history_points)
    history_.pop_front();
  view_ = std::move(made);
}

std::shared_ptr<const monitor_view> monitor::view() const {
  const std::lock_guard lock{mutex_};
  return view_;
}

std::vector<history_point> monitor::history() const {
  const std::lock_guard lock{mutex_};
  return {history_.begin(), history_.end()};
}

} // namespace weir
