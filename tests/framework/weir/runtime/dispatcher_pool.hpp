#pragma once

// A dispatcher with workers that run when the test says so, on virtual time.

#include <tests/framework/weir/support/batches.hpp>
#include <weir/runtime/dispatcher.hpp>
#include <weir/workflow/define.hpp>

#include <tests/support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace weir_tests {

using namespace weir;
using namespace weir::detail;
using namespace std::chrono_literals;

class pool {
  /// Restarts are at once and without number: they have tests of their own.
  static dispatcher_options with_quick_restarts(dispatcher_options o) {
    o.node.restart.max = 1'000'000;
    o.node.restart.backoff.first = 0ns;
    return o;
  }

 public:
  using function = std::function<result<int>(const int&, worker_context&)>;

  pool(dispatcher_options options, std::uint32_t workers, function f)
      : options_(with_quick_restarts(options)), work_(options_, figures) {
    using step = map_step<int, function>;
    using steps = chain<int, step>;
    make_ =
        make_chain_factory(steps{std::tuple<step>{step{callable<function>{std::move(f)}}}}, to_port<int>{});
    begin(workers);
  }
  using batch_code = std::function<result<std::vector<int>>(std::span<const int>, worker_context&)>;
  pool(dispatcher_options options, std::uint32_t workers, batch_code f)
      : options_(with_quick_restarts(options)), work_(options_, figures),
        make_(define_batch_function<int>(std::move(f), {}).make_operator) {
    begin(workers);
  }

  dispatcher& work() { return work_; }
  time_point now() const { return time_->now(); }
  void advance(duration by) { time_->advance(by); }
  void offer(batch_ptr b, std::uint32_t edge = 0, std::uint32_t lane = 0) {
    offered_[edge] += b->size();
    ++batches_[edge];
    work_.offer(std::move(b), edge, lane, now());
  }
  /// Hands a task to worker w, if there is one.
  const task* hand(std::uint32_t w) {
    auto t = work_.assign(w, now());
    if (!t)
      return nullptr;
    tasks_[w].push_back(*std::move(t));
    return &tasks_[w].back();
  }
  std::size_t tasks(std::uint32_t w) const { return tasks_[w].size(); }
  const task& front(std::uint32_t w) const { return tasks_[w].front(); }
  /// Runs the oldest task of worker w, which takes `took` a record.
  answer run(std::uint32_t w, duration took = 0ns) {
    const task t = std::move(tasks_[w].front());
    tasks_[w].pop_front();
    answer a = cores_[w]->run(t);
    a.took = took * std::max(1U, t.end - t.begin);
    return a;
  }
  bool commit(answer a) {
    const bool taken = work_.commit(std::move(a), now());
    take();
    return taken;
  }
  /// Hands out and runs all there is, worker by worker, until nothing is left to do at this time.
  void work_off(duration took = 0ns) {
    for (bool any = true; any;) {
      any = false;
      for (std::uint32_t w = 0; w < cores_.size(); ++w)
        if (hand(w) != nullptr || !tasks_[w].empty()) {
          commit(run(w, took));
          any = true;
        }
    }
  }
  void add_worker() {
    const auto w = static_cast<std::uint32_t>(cores_.size());
    cores_.push_back(std::make_unique<worker_core>(setup_, w, work_.first_incarnation()));
    tasks_.emplace_back();
    work_.add_worker(w, cores_.back()->call());
  }
  /// As a node does from time to time.
  void resize() {
    work_.consider_size(now());
    const auto last = static_cast<std::uint32_t>(cores_.size()) - 1;
    if (tasks(last) == 0 && work_.retires_last() && hand(last) != nullptr)
      commit(run(last));
    if (!work_.take_retired(now()))
      return;
    cores_.pop_back();
    tasks_.pop_back();
  }
  std::uint32_t workers() const { return static_cast<std::uint32_t>(cores_.size()); }
  void replace(std::uint32_t w) {
    old_.push_back(std::move(cores_[w]));
    cores_[w] = std::make_unique<worker_core>(setup_, w, work_.incarnation(w) + 1);
    tasks_[w].clear();
    work_.replace_worker(w, cores_[w]->call(), failure_kind::timeout, transient("it hung"), now());
    take();
  }
  /// The worker behaves as if its code were inside this record.
  void stand_at(std::uint32_t w, std::uint32_t index) { cores_[w]->call()->current.store(index); }
  void take() {
    for (auto& out : work_.ready())
      for (std::uint32_t i = 0; i < out.batch->size(); ++i) {
        got.push_back(out.batch->as<int>()[i]);
        ids.push_back(out.batch->id(i));
      }
    work_.ready().clear();
    for (auto& d : work_.dead())
      dead.push_back(d);
    work_.dead().clear();
    for (const auto& g : work_.granted())
      ++granted[g.edge];
    work_.granted().clear();
    for (const auto& s : work_.settled())
      settled[s.edge] += s.records;
    work_.settled().clear();
  }
  std::vector<int> dead_numbers() const {
    std::vector<int> all;
    for (const auto& d : dead)
      all.push_back(d.batch->as<int>()[d.index]);
    std::ranges::sort(all);
    return all;
  }
  /// Every record offered has been settled once, and every batch granted once.
  void check_settled() {
    CHECK(work_.in_hand() == 0);
    CHECK(work_.queued() == 0);
    CHECK(settled == offered_);
    CHECK(granted == batches_);
  }

  node_figures figures;
  std::vector<int> got;
  std::vector<record_id> ids;
  std::vector<failed_record> dead;
  std::map<std::uint32_t, std::uint64_t> granted;
  std::map<std::uint32_t, std::uint64_t> settled;

 private:
  void begin(std::uint32_t workers) {
    auto s = std::make_shared<worker_setup>();
    s->make = make_;
    s->outputs = {{"", &record_type_of<int>()}};
    s->resources = std::make_shared<resource_set>();
    s->time = time_;
    s->stop_at_first_failure = options_.keyed || options_.ordered;
    setup_ = std::move(s);
    for (std::uint32_t w = 0; w < workers; ++w)
      add_worker();
    for (std::uint32_t w = 0; w < workers; ++w) {
      hand(w); // makes its node
      commit(run(w));
    }
  }

  dispatcher_options options_;
  dispatcher work_;
  operator_factory make_;
  std::shared_ptr<manual_clock> time_ = std::make_shared<manual_clock>();
  std::shared_ptr<const worker_setup> setup_;
  std::vector<std::unique_ptr<worker_core>> cores_;
  std::vector<std::unique_ptr<worker_core>> old_;
  std::deque<std::deque<task>> tasks_;
  std::map<std::uint32_t, std::uint64_t> offered_;
  std::map<std::uint32_t, std::uint64_t> batches_;
};

inline const pool::function same = [](const int& x, worker_context&) -> result<int> { return x; };

inline std::vector<int> up_to(int n) {
  std::vector<int> all;
  for (int i = 0; i < n; ++i)
    all.push_back(i);
  return all;
}

} // namespace weir_tests
