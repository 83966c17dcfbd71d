#include <bench/baselines/caf_actors.hpp>

#include <bench/baselines/steps.hpp>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <caf/all.hpp>

namespace weir::bench {

namespace {

/// A batch under way. Who has been sent it may change it.
struct batch_message {
  buffer* batch = nullptr;
};
/// A batch that is done, on its way back to the source.
struct empty_message {
  buffer* batch = nullptr;
};
struct windows_message {
  std::vector<window_sum> full;
  bool last = false;
};

} // namespace

} // namespace weir::bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::bench::batch_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::bench::empty_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::bench::windows_message)

namespace weir::bench {

namespace {

using caf::actor;
using caf::event_based_actor;

/// A system, the batches, and the actors, all ended when it goes.
class stage_set {
 public:
  stage_set() : system_(configure(config_)) {}
  ~stage_set() {
    for (const actor& a : actors_)
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  }
  stage_set(const stage_set&) = delete;
  stage_set& operator=(const stage_set&) = delete;

  template <class F>
  actor spawn(F f) {
    actors_.push_back(system_.spawn(std::move(f)));
    return actors_.back();
  }
  buffer* make(std::size_t records) {
    batches_.push_back(std::make_unique<buffer>(records));
    return batches_.back().get();
  }
  /// Sends the empty batches to the source, waits for the totals.
  timed_totals run(const actor& source, const std::vector<buffer*>& empty) {
    auto out = done_.get_future();
    const stopwatch watch;
    for (buffer* b : empty)
      caf::anon_send(source, empty_message{b});
    const totals t = out.get();
    return {t, watch.seconds()};
  }
  std::promise<totals>& done() { return done_; }

 private:
  static caf::actor_system_config& configure(caf::actor_system_config& c) {
    const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    c.set("scheduler.max-threads", threads); // by default CAF takes four, even of two
    return c;
  }
  caf::actor_system_config config_;
  std::vector<std::unique_ptr<buffer>> batches_;
  std::promise<totals> done_;
  caf::actor_system system_;
  std::vector<actor> actors_;
};

/// Sums batches and sends each back to where it came from. Done with the `lasts`-th last batch.
caf::behavior sum_actor(event_based_actor* self, std::shared_ptr<actor> source, std::promise<totals>& done,
                        int lasts) {
  return {[self, source = std::move(source), &done, lasts, t = totals{}](batch_message& m) mutable {
    add_all(t, *m.batch);
    if (m.batch->last && --lasts == 0)
      done.set_value(t);
    else
      self->send(*source, empty_message{m.batch});
  }};
}

} // namespace

timed_totals pipeline_caf(std::uint64_t records, batching b) {
  stage_set stages;
  const auto source = std::make_shared<actor>();
  const actor sum = stages.spawn(
      [&stages, source](event_based_actor* self) { return sum_actor(self, source, stages.done(), 1); });
  const actor filter = stages.spawn([sum](event_based_actor* self) -> caf::behavior {
    return {[self, sum](batch_message& m) {
      compact(*m.batch);
      self->send(sum, m);
    }};
  });
  const actor map = stages.spawn([filter](event_based_actor* self) -> caf::behavior {
    return {[self, filter](batch_message& m) {
      mix_all(*m.batch);
      self->send(filter, m);
    }};
  });
  *source = stages.spawn([map, records](event_based_actor* self) -> caf::behavior {
    return {[self, map, records, next = std::uint64_t{0}](empty_message& m) mutable {
      if (next == records)
        return;
      const auto n = std::min<std::uint64_t>(m.batch->capacity(), records - next);
      fill(*m.batch, next, n);
      next += n;
      m.batch->last = next == records;
      self->send(map, batch_message{m.batch});
    }};
  });
  std::vector<buffer*> empty;
  for (std::size_t i = 0; i < b.window; ++i)
    empty.push_back(stages.make(b.records));
  const timed_totals t = stages.run(*source, empty);
  *source = nullptr; // or sum and source hold each other
  return t;
}

timed_totals farm_caf(std::uint64_t records, batching b) {
  stage_set stages;
  const auto source = std::make_shared<actor>();
  const actor sum = stages.spawn([&stages, source, records](event_based_actor* self) -> caf::behavior {
    return {[self, source, &stages, records, t = totals{}](batch_message& m) mutable {
      add_all(t, *m.batch);
      if (t.count == records)
        stages.done().set_value(t);
      else
        self->send(*source, empty_message{m.batch});
    }};
  });
  std::array<actor, 2> workers;
  for (actor& w : workers)
    w = stages.spawn([sum](event_based_actor* self) -> caf::behavior {
      return {[self, sum](batch_message& m) {
        for (std::size_t i = 0; i < m.batch->size; ++i)
          work_hard(m.batch->data()[i]);
        self->send(sum, m);
      }};
    });
  // A batch belongs to a worker: the one that is done first gets the next records.
  std::vector<buffer*> empty;
  std::vector<buffer*> of_first;
  for (std::size_t i = 0; i < b.window; ++i) {
    empty.push_back(stages.make(b.records));
    if (i % 2 == 0)
      of_first.push_back(empty.back());
  }
  *source = stages.spawn([workers, of_first, records](event_based_actor* self) -> caf::behavior {
    return {[self, workers, of_first, records, next = std::uint64_t{0}](empty_message& m) mutable {
      if (next == records)
        return;
      const auto n = std::min<std::uint64_t>(m.batch->capacity(), records - next);
      fill(*m.batch, next, n);
      next += n;
      const bool first = std::ranges::find(of_first, m.batch) != of_first.end();
      self->send(workers[first ? 0 : 1], batch_message{m.batch});
    }};
  });
  const timed_totals t = stages.run(*source, empty);
  *source = nullptr;
  return t;
}

timed_totals keyed_caf(std::uint64_t records, batching b) {
  stage_set stages;
  const auto source = std::make_shared<actor>();
  const actor sum = stages.spawn([&stages](event_based_actor*) -> caf::behavior {
    return {[&stages, t = totals{}, ended = 0](windows_message& m) mutable {
      for (const window_sum& w : m.full)
        add_window(t, w);
      if (m.last && ++ended == 2)
        stages.done().set_value(t);
    }};
  });
  std::array<actor, 2> workers;
  for (actor& w : workers)
    w = stages.spawn([sum, source](event_based_actor* self) -> caf::behavior {
      return {[self, sum, source, windows = std::make_shared<key_windows>()](batch_message& m) {
        windows_message full;
        const record* const r = m.batch->data();
        for (std::size_t i = 0; i < m.batch->size; ++i)
          windows->add(r[i], [&full](const window_sum& s) { full.full.push_back(s); });
        full.last = m.batch->last;
        const bool last = full.last;
        if (last || !full.full.empty())
          self->send(sum, std::move(full));
        if (!last)
          self->send(*source, empty_message{m.batch});
      }};
    });
  std::vector<buffer*> empty;
  for (std::size_t i = 0; i < 2 * b.window; ++i)
    empty.push_back(stages.make(b.records));
  *source = stages.spawn([workers, records, all = empty](event_based_actor* self) {
    struct state {
      std::array<std::vector<buffer*>, 2> free;
      std::array<buffer*, 2> open{};
      std::uint64_t next = 0;
    };
    const auto s = std::make_shared<state>();
    const auto lane_of = [all](const buffer* x) {
      return static_cast<std::size_t>(std::ranges::find(all, x) - all.begin()) % 2;
    };
    return caf::behavior{[self, workers, records, s, lane_of](empty_message& m) {
      m.batch->size = 0;
      m.batch->last = false;
      s->free[lane_of(m.batch)].push_back(m.batch);
      while (s->next < records) {
        for (std::size_t w = 0; w < 2; ++w)
          if (s->open[w] == nullptr) {
            if (s->free[w].empty())
              return;
            s->open[w] = s->free[w].back();
            s->free[w].pop_back();
          }
        s->next = fill_by_key(*s->open[0], *s->open[1], s->next, records);
        for (std::size_t w = 0; w < 2; ++w)
          if (s->next == records || s->open[w]->size == s->open[w]->capacity()) {
            s->open[w]->last = s->next == records;
            self->send(workers[w], batch_message{s->open[w]});
            s->open[w] = nullptr;
          }
      }
    }};
  });
  const timed_totals t = stages.run(*source, empty);
  *source = nullptr;
  return t;
}

} // namespace weir::bench
