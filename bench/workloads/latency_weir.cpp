// Weir's side of the workload latency.

#include <bench/workloads/latency_systems.hpp>

#include <weir/weir.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::bench {

namespace {

/// What the pacing thread hands to the source. The waker is called when the source may have found nothing.
class feed {
 public:
  void started(waker w) {
    const std::lock_guard lock{mutex_};
    wake_ = std::move(w);
    is_started_ = true;
    changed_.notify_all();
  }
  void wait_for_start() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return is_started_; });
  }
  void put(const record& r, bool last) {
    bool wake = false;
    {
      const std::lock_guard lock{mutex_};
      wake = waiting_.empty();
      waiting_.push_back(r);
      ended_ = last;
    }
    if (wake)
      wake_();
  }
  /// All that waits, into an empty vector; whether it is the last.
  bool take(std::vector<record>& into) {
    const std::lock_guard lock{mutex_};
    waiting_.swap(into);
    return ended_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<record> waiting_;
  waker wake_;
  bool is_started_ = false;
  bool ended_ = false;
};

class fed_source {
 public:
  explicit fed_source(std::shared_ptr<feed> from) : from_(std::move(from)) {}
  void on_start(waker w) { from_->started(std::move(w)); }
  poll_result poll(emitter<record>& out, std::size_t demand) {
    if (at_ == taken_.size()) {
      taken_.clear();
      at_ = 0;
      last_ = from_->take(taken_);
    }
    const auto n = std::min(demand, taken_.size() - at_);
    for (std::size_t i = 0; i < n; ++i)
      out(taken_[at_++]);
    if (at_ < taken_.size())
      return poll_result::more();
    return last_ ? poll_result::end() : poll_result::idle();
  }

 private:
  std::shared_ptr<feed> from_;
  std::vector<record> taken_;
  std::size_t at_ = 0;
  bool last_ = false;
};

} // namespace

double through_weir(const load& l, arrivals& seen) {
  const auto fed = std::make_shared<feed>();
  workflow w{"latency"};
  w.from("source", fed_source{fed})
      .map("map",
           [](const record& r) {
             record made = r;
             mix(made);
             return made;
           })
      .filter("filter", [](const record& r) { return keep(r); })
      .to("sum", [&seen](const record& r) { seen.add(r); });
  double pacing = 0;
  std::jthread pacer{[&] {
    fed->wait_for_start();
    pacing = pace(
        l, [&](std::uint64_t i, std::uint64_t due) { fed->put(record_due(i, due), i + 1 == l.records); });
  }};
  const run_result r = run(w);
  if (!r.ok())
    throw std::runtime_error(std::string{to_string(r.status)});
  pacer.join();
  return pacing;
}

} // namespace weir::bench
