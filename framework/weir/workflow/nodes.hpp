#pragma once

// Ready nodes for workflow_builder. Each collects options by `with_…` calls and becomes a node_definition.

#include <weir/operator/aggregate.hpp>
#include <weir/operator/chain_logic.hpp>
#include <weir/operator/node_logic.hpp>
#include <weir/operator/source_logic.hpp>
#include <weir/workflow/define.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace weir {

namespace detail {

/// The record type that a callable takes: of its only or first parameter.
template <class F>
struct argument : argument<decltype(&F::operator())> {};
template <class R, class In, class... More>
struct argument<R (*)(const In&, More...)> {
  using record = In;
};
template <class R, class In, class... More>
struct argument<R (*)(std::span<const In>, More...)> {
  using record = In;
};
template <class C, class R, class A, class... More>
struct argument<R (C::*)(A, More...)> : argument<R (*)(A, More...)> {};
template <class C, class R, class A, class... More>
struct argument<R (C::*)(A, More...) const> : argument<R (*)(A, More...)> {};

} // namespace detail

/// A source: a source class (object or a callable that makes one), or a range of records.
class input_node {
 public:
  template <class S>
    requires source_class<detail::made_node<S>>
  explicit input_node(S source) : definition_(detail::define_source(std::move(source), {})) {}
  template <std::ranges::forward_range R>
    requires(!source_class<detail::made_node<R>>)
  explicit input_node(R records) : definition_(detail::define_source(from_range(std::move(records)), {})) {}

  /// Records in a batch at most. Default: 2,048 or 128 KiB.
  input_node with_batching(std::uint32_t records) && {
    definition_.options.batch_size = records;
    return std::move(*this);
  }
  /// A batch that is not full waits at most this long. Default 100 ms.
  input_node with_max_delay(duration most) && {
    definition_.options.max_delay = most;
    return std::move(*this);
  }
  node_definition definition() && { return std::move(definition_); }

 private:
  node_definition definition_;
};

/// How parallel_node runs a function of whole batches.
struct batch_config {
  /// Records in a call at most. Default 50.
  std::uint32_t batch_size = 50;
  /// Calls running at once at most, each on a thread of its own. Default 10.
  std::uint32_t max_concurrent = 10;
  /// Of one call. Default 60 s.
  duration timeout_per_batch = std::chrono::seconds{60};
};

/// A pool of workers over a function: of one record (In -> Out, or result<Out>), or, with batch_config, of a
/// batch (std::span<const In> -> std::vector<Out>, same length).
template <class In>
class parallel_node {
 public:
  template <map_function<In> F>
  explicit parallel_node(F f) {
    using step = detail::map_step<In, F>;
    using chain = detail::chain<In, step>;
    using out = typename step::output;
    definition_ = detail::define<In, out>(
        detail::make_chain_factory(chain{std::tuple<step>{step{detail::callable<F>{std::move(f)}}}},
                                   detail::to_port<out>{}),
        {});
  }
  template <batch_function<In> F>
  parallel_node(batch_config config, F f) {
    definition_ = detail::define_batch_function<In>(std::move(f), {.workers = {1, config.max_concurrent},
                                                                   .isolation = isolation::thread,
                                                                   .timeout = config.timeout_per_batch,
                                                                   .batch_size = config.batch_size});
  }

  /// Workers, exactly. Default 1.
  parallel_node with_workers(std::uint32_t n) && { return std::move(*this).with_workers(worker_range{n, n}); }
  /// Workers, between min and max by demand.
  parallel_node with_workers(worker_range n) && {
    definition_.options.workers = n;
    return std::move(*this);
  }
  /// Of one attempt of a record. Default none.
  parallel_node with_timeout(duration most) && {
    definition_.options.timeout = most;
    return std::move(*this);
  }
  /// Default: one attempt.
  parallel_node with_retry_policy(retry_policy policy) && {
    definition_.options.retry = policy;
    return std::move(*this);
  }
  parallel_node with_isolation(isolation where) && {
    definition_.options.isolation = where;
    return std::move(*this);
  }
  parallel_node with_ordering(ordering order) && {
    definition_.options.order = order;
    return std::move(*this);
  }
  /// Everything else.
  parallel_node with_options(const std::function<void(node_options&)>& change) && {
    change(definition_.options);
    return std::move(*this);
  }
  node_definition definition() && { return std::move(definition_); }

 private:
  node_definition definition_;
};

template <class F>
  requires requires { typename detail::argument<F>::record; }
parallel_node(F) -> parallel_node<typename detail::argument<F>::record>;
template <class F>
parallel_node(batch_config, F) -> parallel_node<typename detail::argument<F>::record>;

namespace detail {

/// A sink that gets one record at the end: the result of an aggregator.
template <class A, class S>
class aggregating_sink {
  using in = typename argument<decltype(&A::add)>::record;
  using out = decltype(std::declval<const A&>().result());

 public:
  aggregating_sink(A first, std::unique_ptr<S> sink) : state_(std::move(first)), sink_(std::move(sink)) {}
  void on_start() {
    if constexpr (requires { sink_->on_start(); })
      sink_->on_start();
  }
  /// All or nothing: a copy of the state takes the records, so that a failed attempt leaves no trace.
  void write(std::span<const in> records) {
    A next = state_;
    for (const auto& r : records)
      next.add(r);
    state_ = std::move(next);
  }
  result<> on_drain() {
    const std::vector<out> last{state_.result()};
    const auto keep = [&]() -> result<> {
      if constexpr (sink_class<S>)
        return as_result([&] { return sink_->write(std::span<const out>{last}); });
      else
        return as_result([&] { return (*sink_)(last.front()); });
    };
    result<> written = keep();
    if (!written)
      return written;
    if constexpr (requires { sink_->on_drain(); })
      return as_result([&] { return sink_->on_drain(); });
    else
      return {};
  }

 private:
  A state_;
  std::unique_ptr<S> sink_;
};

} // namespace detail

/// A sink: a sink class (object or a callable that makes one) or a callable `void(const T&)`.
template <class S>
class output_node {
 public:
  explicit output_node(S sink) : sink_(std::move(sink)) {}

  /// Attempts of a failed write. Default: without limit, with exponential backoff.
  output_node with_retry_policy(retry_policy policy) && {
    options_.retry = policy;
    return std::move(*this);
  }
  output_node with_isolation(isolation where) && {
    options_.isolation = where;
    return std::move(*this);
  }
  /// The sink gets one record when the input has ended: the result of this aggregator (see
  /// operator/aggregate.hpp) over all records. Gives a node_definition.
  template <class A>
  node_definition with_aggregation(A first) && {
    const node_options options = options_;
    if constexpr (sink_class<detail::made_node<S>>) {
      using sink = detail::aggregating_sink<A, detail::made_node<S>>;
      auto make = detail::make_node_factory(std::move(sink_));
      return detail::define_sink<sink>([first, make] { return std::make_unique<sink>(first, make()); },
                                       options);
    } else {
      using sink = detail::aggregating_sink<A, S>;
      return detail::define_sink<sink>(
          [first, f = std::move(sink_)] { return std::make_unique<sink>(first, std::make_unique<S>(f)); },
          options);
    }
  }
  node_definition definition() && {
    if constexpr (sink_class<detail::made_node<S>>)
      return detail::define_sink(detail::make_node_factory(std::move(sink_)), options_);
    else
      return detail::define_sink_function<typename detail::argument<S>::record>(std::move(sink_), options_);
  }

 private:
  S sink_;
  node_options options_{};
};

} // namespace weir
