#include <bench/baselines/tbb_graphs.hpp>

#include <bench/baselines/steps.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <tuple>
#include <vector>

#include <tbb/concurrent_queue.h>
#include <tbb/flow_graph.h>
#include <tbb/parallel_pipeline.h>

namespace weir::bench {

namespace {

namespace flow = tbb::flow;

/// Batches that the tokens use in turns: with serial first and last filters the n-th token is done before
/// that many later start.
class token_buffers {
 public:
  explicit token_buffers(batching b) {
    for (std::size_t i = 0; i < b.window; ++i)
      made_.push_back(std::make_unique<buffer>(b.records));
  }
  buffer* next() { return made_[turn_++ % made_.size()].get(); }

 private:
  std::vector<std::unique_ptr<buffer>> made_;
  std::size_t turn_ = 0;
};

/// Batch after batch, null at the end.
class batch_source {
 public:
  batch_source(std::uint64_t records) : records_(records) {}
  bool into(buffer& b) {
    if (next_ == records_)
      return false;
    const auto n = std::min<std::uint64_t>(b.capacity(), records_ - next_);
    fill(b, next_, n);
    next_ += n;
    return true;
  }

 private:
  std::uint64_t records_;
  std::uint64_t next_ = 0;
};

template <class Middle>
timed_totals three_filters(std::uint64_t records, batching b, Middle middle) {
  token_buffers buffers{b};
  batch_source source{records};
  totals t;
  const stopwatch watch;
  tbb::parallel_pipeline(b.window,
                         tbb::make_filter<void, buffer*>(tbb::filter_mode::serial_in_order,
                                                         [&](tbb::flow_control& control) -> buffer* {
                                                           buffer* const next = buffers.next();
                                                           if (source.into(*next))
                                                             return next;
                                                           control.stop();
                                                           return nullptr;
                                                         }) &
                             tbb::make_filter<buffer*, buffer*>(tbb::filter_mode::parallel,
                                                                [middle](buffer* x) {
                                                                  middle(*x);
                                                                  return x;
                                                                }) &
                             tbb::make_filter<buffer*, void>(tbb::filter_mode::serial_in_order,
                                                             [&](buffer* x) { add_all(t, *x); }));
  return {t, watch.seconds()};
}

/// Things that wait for their next use.
template <class T>
class free_list {
 public:
  template <class Make>
  free_list(std::size_t n, Make make) {
    for (std::size_t i = 0; i < n; ++i) {
      made_.push_back(make());
      free_.push(made_.back().get());
    }
  }
  T* take() {
    T* x = nullptr;
    while (!free_.try_pop(x)) {
    }
    return x;
  }
  void give(T* x) { free_.push(x); }

 private:
  std::vector<std::unique_ptr<T>> made_;
  tbb::concurrent_queue<T*> free_;
};

/// A batch for each half of the keys.
struct halves {
  explicit halves(std::size_t records) : half{buffer{records}, buffer{records}} {}
  buffer half[2];
  std::atomic<int> left{0};
};

} // namespace

timed_totals pipeline_tbb(std::uint64_t records, batching b, bool branch) {
  return branch ? three_filters(records, b,
                                [](buffer& x) {
                                  mix_all(x);
                                  compact_if(x);
                                })
                : three_filters(records, b, [](buffer& x) {
                    mix_all(x);
                    compact(x);
                  });
}

timed_totals farm_tbb(std::uint64_t records, batching b) {
  return three_filters(records, b, [](buffer& x) {
    for (std::size_t i = 0; i < x.size; ++i)
      work_hard(x.data()[i]);
  });
}

timed_totals pipeline_tbb_graph(std::uint64_t records, batching b) {
  free_list<buffer> buffers{b.window + 2, [b] { return std::make_unique<buffer>(b.records); }};
  batch_source source{records};
  totals t;
  flow::graph g;
  flow::input_node<buffer*> from{g, [&](tbb::flow_control& control) -> buffer* {
                                   buffer* const next = buffers.take();
                                   if (source.into(*next))
                                     return next;
                                   buffers.give(next);
                                   control.stop();
                                   return nullptr;
                                 }};
  flow::limiter_node<buffer*> limit{g, b.window};
  flow::function_node<buffer*, buffer*> map{g, flow::unlimited, [](buffer* x) {
                                              mix_all(*x);
                                              return x;
                                            }};
  flow::function_node<buffer*, buffer*> filter{g, flow::unlimited, [](buffer* x) {
                                                 compact(*x);
                                                 return x;
                                               }};
  flow::function_node<buffer*, flow::continue_msg> sum{g, flow::serial, [&](buffer* x) {
                                                         add_all(t, *x);
                                                         buffers.give(x);
                                                         return flow::continue_msg{};
                                                       }};
  flow::make_edge(from, limit);
  flow::make_edge(limit, map);
  flow::make_edge(map, filter);
  flow::make_edge(filter, sum);
  flow::make_edge(sum, limit.decrementer());
  const stopwatch watch;
  from.activate();
  g.wait_for_all();
  return {t, watch.seconds()};
}

timed_totals keyed_tbb_graph(std::uint64_t records, batching b) {
  free_list<halves> pairs{b.window + 2, [b] { return std::make_unique<halves>(b.records); }};
  std::uint64_t next = 0;
  totals out[2];
  key_windows windows[2];
  flow::graph g;
  flow::input_node<halves*> from{g, [&](tbb::flow_control& control) -> halves* {
                                   if (next == records) {
                                     control.stop();
                                     return nullptr;
                                   }
                                   halves* const x = pairs.take();
                                   x->half[0].size = x->half[1].size = 0;
                                   x->left = 2;
                                   next = fill_by_key(x->half[0], x->half[1], next, records);
                                   return x;
                                 }};
  flow::limiter_node<halves*, int> limit{g, b.window};
  using window_node = flow::multifunction_node<halves*, std::tuple<int>>;
  const auto keep_windows = [&](int w) {
    return [&, w](halves* x, window_node::output_ports_type& ports) {
      totals t = out[w];
      const record* const r = x->half[w].data();
      for (std::size_t i = 0; i < x->half[w].size; ++i)
        windows[w].add(r[i], [&t](const window_sum& s) { add_window(t, s); });
      out[w] = t;
      if (--x->left == 0) {
        pairs.give(x);
        std::get<0>(ports).try_put(1);
      }
    };
  };
  window_node first{g, flow::serial, keep_windows(0)};
  window_node second{g, flow::serial, keep_windows(1)};
  flow::make_edge(from, limit);
  flow::make_edge(limit, first);
  flow::make_edge(limit, second);
  flow::make_edge(flow::output_port<0>(first), limit.decrementer());
  flow::make_edge(flow::output_port<0>(second), limit.decrementer());
  const stopwatch watch;
  from.activate();
  g.wait_for_all();
  out[0].add(out[1]);
  return {out[0], watch.seconds()};
}

} // namespace weir::bench
