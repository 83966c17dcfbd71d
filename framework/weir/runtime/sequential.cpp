#include <weir/runtime/sequential.hpp>

#include <weir/runtime/node_core.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <poll.h>

namespace weir::detail {

namespace {

/// Wakes the one thread when a source's own thread has something.
struct bell {
  std::mutex mutex;
  std::condition_variable changed;
  bool rung = false;
};

class sequential_runner;

class sequential_host final : public node_host {
 public:
  sequential_host(sequential_runner& runner, std::uint32_t node) : runner_(runner), node_(node) {}
  void deliver(edge& e, batch_ptr batch, std::uint32_t lane) override;
  void deliver_end(edge& e) override;
  void wake_sender(edge& e) override;
  void wake_at(time_point when) override;
  void wake_soon() override;
  void wake_when_readable(int descriptor) override;
  std::function<void()> make_waker() override;
  bool runs_inline() const override { return true; }
  std::unique_ptr<worker_handle> make_worker(std::unique_ptr<worker_core>) override { return nullptr; }
  void watch(const std::shared_ptr<watched_call>& call, std::uint32_t worker,
             std::uint32_t incarnation) override;
  void failed(error why, run_status status) override;

 private:
  sequential_runner& runner_;
  std::uint32_t node_;
};

class sequential_runner {
 public:
  sequential_runner(std::shared_ptr<run_state> run, std::shared_ptr<sequential_control> control,
                    watch_function watch)
      : run_(std::move(run)), control_(std::move(control)), watch_(std::move(watch)),
        ready_(run_->nodes.size(), false), wake_(run_->nodes.size(), time_point::max()) {
    for (std::uint32_t n = 0; n < run_->nodes.size(); ++n) {
      hosts_.push_back(std::make_unique<sequential_host>(*this, n));
      cores_.push_back(std::make_unique<node_core>(run_, n, *hosts_.back()));
    }
    rank();
  }

  void run() {
    for (std::uint32_t n = 0; n < cores_.size(); ++n) {
      guarded(n, [&] { cores_[n]->start(); });
      ready_[n] = true;
    }
    bool drained = false;
    while (!failed_) {
      if (control_->stop.load())
        break;
      if (control_->drain.load() && !std::exchange(drained, true))
        for (std::uint32_t n = 0; n < cores_.size(); ++n)
          if (run_->nodes[n].definition.role == node_role::source) {
            cores_[n]->drain();
            ready_[n] = true;
          }
      if (control_->replay.exchange(false))
        for (std::uint32_t n = 0; n < cores_.size(); ++n) {
          guarded(n, [&] { cores_[n]->replay(); });
          ready_[n] = true;
        }
      if (std::ranges::all_of(cores_, [](const auto& c) { return c->done(); }))
        return;
      if (!step())
        wait();
    }
    for (auto& core : cores_)
      core->stop();
  }

 private:
  friend class sequential_host;

  /// Downstream first: what has been made goes all the way before more is made.
  void rank() {
    std::vector<std::uint32_t> inputs(cores_.size(), 0);
    for (const auto& e : run_->edges)
      ++inputs[e->to];
    for (std::uint32_t n = 0; n < inputs.size(); ++n)
      if (inputs[n] == 0)
        order_.push_back(n);
    for (std::size_t i = 0; i < order_.size(); ++i)
      for (const auto& e : run_->edges)
        if (e->from == order_[i] && --inputs[e->to] == 0)
          order_.push_back(e->to);
    std::ranges::reverse(order_);
  }

  template <class Event>
  void guarded(std::uint32_t node, Event event) {
    try {
      event();
    } catch (...) { // user code outside tasks: a record's copy constructor, memory
      cores_[node]->give_up(error_from(std::current_exception()));
    }
  }

  bool step() {
    const auto now = run_->time->now();
    for (std::size_t n = 0; n < wake_.size(); ++n)
      if (wake_[n] <= now) {
        wake_[n] = time_point::max();
        ready_[n] = true;
      }
    for (const auto n : order_) {
      if (!std::exchange(ready_[n], 0) || cores_[n]->done())
        continue;
      cores_[n]->begin_turn();
      guarded(n, [&] { cores_[n]->advance(); });
      return true;
    }
    return false;
  }

  void wait() {
    auto until = run_->time->now() + std::chrono::milliseconds{50};
    for (const auto when : wake_)
      until = std::min(until, when);
    if (!descriptors_.empty()) { // in slices: a waker may ring meanwhile
      until = std::min(until, run_->time->now() + std::chrono::milliseconds{5});
      std::vector<pollfd> polled;
      for (const auto& d : descriptors_)
        polled.push_back({d.second, POLLIN, 0});
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - run_->time->now()).count();
      ::poll(polled.data(), polled.size(), static_cast<int>(std::max<std::int64_t>(0, left)));
      for (std::size_t i = polled.size(); i-- > 0;)
        if (polled[i].revents != 0) {
          ready_[descriptors_[i].first] = true;
          descriptors_.erase(descriptors_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    } else {
      std::unique_lock lock{bell_->mutex};
      bell_->changed.wait_until(lock, until, [this] { return bell_->rung; });
    }
    const std::lock_guard lock{bell_->mutex};
    if (std::exchange(bell_->rung, false))
      ready_.assign(ready_.size(), true);
  }

  std::shared_ptr<run_state> run_;
  std::shared_ptr<sequential_control> control_;
  watch_function watch_;
  std::shared_ptr<bell> bell_ = std::make_shared<bell>();
  std::vector<std::unique_ptr<sequential_host>> hosts_;
  std::vector<std::unique_ptr<node_core>> cores_;
  std::vector<std::uint32_t> order_;
  std::vector<char> ready_;
  std::vector<time_point> wake_; ///< by node; max() = none
  std::vector<std::pair<std::uint32_t, int>> descriptors_;
  bool failed_ = false;
};

void sequential_host::deliver(edge& e, batch_ptr batch, std::uint32_t lane) {
  runner_.cores_[e.to]->begin_turn();
  runner_.cores_[e.to]->receive(e, std::move(batch), lane);
  runner_.ready_[e.to] = true;
}
void sequential_host::deliver_end(edge& e) {
  runner_.cores_[e.to]->receive_end(e);
  runner_.ready_[e.to] = true;
}
void sequential_host::wake_sender(edge& e) { runner_.ready_[e.from] = true; }
void sequential_host::wake_at(time_point when) {
  runner_.wake_[node_] = std::min(runner_.wake_[node_], when);
}
void sequential_host::wake_soon() { runner_.ready_[node_] = true; }
void sequential_host::wake_when_readable(int descriptor) {
  std::erase(runner_.descriptors_, std::pair{node_, descriptor});
  runner_.descriptors_.emplace_back(node_, descriptor);
}
std::function<void()> sequential_host::make_waker() {
  return [b = runner_.bell_] {
    const std::lock_guard lock{b->mutex};
    b->rung = true;
    b->changed.notify_one();
  };
}
void sequential_host::watch(const std::shared_ptr<watched_call>& call, std::uint32_t, std::uint32_t) {
  const auto& options = runner_.run_->nodes[node_].definition.options;
  runner_.watch_(call, options.timeout, options.grace,
                 [run = runner_.run_, control = runner_.control_, node = node_, limit = options.timeout] {
                   control->stop.store(true); // should it return after all
                   run->end_by_force(permanent("a call did not return within its timeout of " +
                                                   to_text(limit) + " and cannot be left behind",
                                               "node '" + run->nodes[node].id + "'",
                                               "run it in parallel mode"));
                 });
}
void sequential_host::failed(error why, run_status status) {
  runner_.run_->fail(std::move(why), status);
  runner_.failed_ = true;
}

} // namespace

void run_sequential(const std::shared_ptr<run_state>& run, const std::shared_ptr<sequential_control>& control,
                    watch_function watch) {
  {
    sequential_runner runner{run, control, std::move(watch)};
    runner.run();
  }
  run->complete();
}

} // namespace weir::detail
