// The same pool on virtual time: Weir's dispatcher decides, workers take exactly what their records cost, and
// handing over is free. So the figures are those of the policy alone, on every machine the same.

#include <bench/workloads/farm_skewed_model.hpp>

#include <weir/runtime/dispatcher.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <queue>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::bench {

namespace {

/// A worker is done with the task it was handed first.
struct ending {
  std::uint64_t at = 0;
  std::uint32_t worker = 0;
  friend bool operator>(const ending& a, const ending& b) noexcept {
    return std::tie(a.at, a.worker) > std::tie(b.at, b.worker);
  }
};

batch_ptr one(const record& r) {
  batch_builder b{record_type_of<record>(), 1, 0, r.ts, {}, nullptr};
  ::new (b.slot()) record(r);
  b.commit(0);
  return b.seal();
}

detail::answer answer_to(const detail::task& t, std::uint32_t worker) {
  detail::answer a;
  a.worker = worker;
  a.task = t.id;
  a.kind = t.kind;
  a.next = t.end;
  return a;
}

class pool_model {
 public:
  pool_model(dispatch how, std::uint32_t workers, std::uint64_t (*cost)(const record&), delays& waited)
      : cost_(cost), waited_(waited), given_(workers),
        work_({.node = {.workers = {workers}, .dispatch = how, .batch_size = 1}, .metrics = false},
              figures_) {
    for (std::uint32_t w = 0; w < workers; ++w) {
      work_.add_worker(w, std::make_shared<detail::call_marks>());
      const auto start = work_.assign(w, {});
      work_.commit(answer_to(*start, w), {});
    }
  }
  void arrive(const record& r, std::uint64_t at, std::uint32_t lane) {
    run_until(at);
    due_.push_back(at);
    work_.offer(one(r), 0, lane, time(at));
    hand_out(at);
  }
  void run_until(std::uint64_t at) {
    while (!endings_.empty() && endings_.top().at <= at) {
      const ending e = endings_.top();
      endings_.pop();
      const detail::task t = std::move(given_[e.worker].front());
      given_[e.worker].erase(given_[e.worker].begin());
      if (!given_[e.worker].empty())
        begin(e.worker, e.at);
      detail::answer a = answer_to(t, e.worker);
      a.took = duration{static_cast<duration::rep>(cost_(*t.input->as<record>()))};
      work_.commit(std::move(a), time(e.at));
      work_.granted().clear();
      work_.settled().clear();
      hand_out(e.at);
    }
  }

 private:
  static time_point time(std::uint64_t ns) {
    return time_point{} + std::chrono::nanoseconds{static_cast<std::int64_t>(ns)};
  }
  void begin(std::uint32_t w, std::uint64_t at) {
    const record& r = *given_[w].front().input->as<record>();
    waited_.add(at - due_[r.ts]);
    endings_.push({at + cost_(r), w});
  }
  void hand_out(std::uint64_t at) {
    for (bool any = true; std::exchange(any, false);)
      for (std::uint32_t w = 0; w < given_.size(); ++w)
        if (auto t = work_.assign(w, time(at))) {
          given_[w].push_back(*std::move(t));
          if (given_[w].size() == 1)
            begin(w, at);
          any = true;
        }
  }

  std::uint64_t (*cost_)(const record&);
  delays& waited_;
  std::vector<std::vector<detail::task>> given_; ///< a worker, the first under way
  std::priority_queue<ending, std::vector<ending>, std::greater<>> endings_;
  std::vector<std::uint64_t> due_; ///< by number of the record
  node_figures figures_;
  detail::dispatcher work_;
};

} // namespace

outcome model_policy(const load& l, dispatch how, std::uint32_t workers,
                     std::uint64_t (*cost)(const record&)) {
  delays waited{l.records};
  {
    pool_model pool{how, workers, cost, waited};
    for (std::uint64_t i = 0; i < l.records; ++i) {
      record r;
      make_record(i, r);
      const auto preferred = static_cast<std::uint32_t>(scatter(r.key) % workers);
      pool.arrive(r, l.due(i), how == dispatch::key_affinity ? preferred : 0);
    }
    pool.run_until(UINT64_MAX);
  }
  if (waited.count() != l.records)
    throw std::runtime_error(std::to_string(waited.count()) + " of " + std::to_string(l.records) +
                             " records were worked on");
  outcome o;
  waited.tell(o);
  return o;
}

} // namespace weir::bench
