#pragma once

// Node classes (on_record, on_batch), batch functions and sinks as the logic of a node.

#include <weir/node/logic.hpp>
#include <weir/operator/chain.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

namespace weir::detail {

/// Calls f and gives void the form of a result.
template <class F>
result<> as_result(F&& f) {
  if constexpr (is_result<std::invoke_result_t<F>>::value)
    return std::forward<F>(f)();
  else {
    std::forward<F>(f)();
    return {};
  }
}

/// A node given as an object, or as a callable that makes one.
template <class G>
struct node_maker {
  using node = G;
  static constexpr bool is_factory = false;
};
template <class G>
  requires std::is_invocable_v<const G&>
struct node_maker<G> {
  using node = std::remove_cvref_t<std::invoke_result_t<const G&>>;
  static constexpr bool is_factory = true;
};
template <class G>
using made_node = typename node_maker<G>::node;

/// A function that makes a fresh node each time it is called.
template <class G>
std::function<std::unique_ptr<made_node<G>>()> make_node_factory(G given) {
  using node = made_node<G>;
  if constexpr (node_maker<G>::is_factory) {
    return [make = std::make_shared<const G>(std::move(given))] {
      return std::unique_ptr<node>(new node((*make)()));
    };
  } else {
    if constexpr (std::is_copy_constructible_v<G>) {
      return [first = std::make_shared<const G>(std::move(given))] { return std::make_unique<node>(*first); };
    } else {
      // A single worker can take the object itself; what is started again needs a factory.
      return [only = std::make_shared<std::unique_ptr<node>>(std::make_unique<node>(std::move(given))),
              taken = std::make_shared<std::atomic_flag>()] {
        if (taken->test_and_set())
          throw std::runtime_error(
              "this node cannot be made twice: it is not copyable, so give a callable that "
              "makes it instead of an object");
        return std::move(*only);
      };
    }
  }
}

/// on_record / on_batch.
template <class N>
class class_logic final : public operator_logic {
  using in = node_input<N>;
  using out = node_output<N>;

 public:
  explicit class_logic(std::unique_ptr<N> node) : node_(std::move(node)) {}

  void start(task_scope& scope) override {
    if constexpr (requires(context<out>& c) { node_->on_start(c); }) {
      context<out> context{scope};
      context.about_key(~std::uint64_t{scope.worker});
      node_->on_start(context);
    }
  }

  void run(task_scope& scope) override {
    context<out> context{scope};
    if constexpr (batch_node<N>) {
      const std::uint64_t before = scope.pushed();
      run_whole(scope, [&] {
        context.about(0);
        return as_result(
            [&] { return node_->on_batch(records<in>{*scope.input, scope.begin, scope.end}, context); });
      });
      if (!scope.whole) {
        const std::uint64_t all = scope.end - scope.begin;
        const std::uint64_t made = scope.pushed() - before;
        count_silent(scope, all > made ? all - made : 0);
      }
    } else {
      const in* records = scope.records<in>();
      const std::uint64_t spoke = run_records<true>(scope, [&](std::uint32_t i) {
        context.about(i - scope.begin);
        if constexpr (std::is_void_v<decltype(node_->on_record(records[i], context))>) {
          node_->on_record(records[i], context);
        } else {
          result<> done = node_->on_record(records[i], context);
          if (!done) {
            scope.fail(i, std::move(done).error());
            return false;
          }
        }
        return true;
      });
      count_silent(scope, (scope.next - scope.begin) - scope.failures.size() - spoke);
    }
  }

  void timer(task_scope& scope) override {
    if constexpr (requires(context<out>& c) { node_->on_timer(c); }) {
      context<out> context{scope};
      context.about_key(mix_ordinal(scope.worker, ++timers_));
      node_->on_timer(context);
    }
  }

  void drain(task_scope& scope) override {
    if constexpr (requires(context<out>& c) { node_->on_drain(c); }) {
      context<out> context{scope};
      context.about_key(scope.worker);
      node_->on_drain(context);
    }
  }

 private:
  /// A node that emits later has taken its records into its state; another has filtered them.
  static void count_silent(task_scope& scope, std::uint64_t n) {
    if constexpr (output_traits<out>::count == 0)
      return;
    else if constexpr (
        requires(N& node, context<out>& c) { node.on_drain(c); } ||
        requires(N& node, context<out>& c) { node.on_timer(c); })
      scope.aggregated = n;
    else
      scope.filtered = n;
  }

  std::unique_ptr<N> node_;
  std::uint64_t timers_ = 0;
};

/// map_batch: one call a task, one output a record.
template <class In, class F>
class batch_function_logic final : public operator_logic {
  using made = unwrapped<called<F, std::span<const In>>>;
  using out = std::ranges::range_value_t<made>;

 public:
  explicit batch_function_logic(std::shared_ptr<const callable<F>> f) : f_(std::move(f)) {}

  void run(task_scope& scope) override {
    worker_context context{scope};
    run_whole(scope, [&]() -> result<> {
      const records<In> in{*scope.input, scope.begin, scope.end};
      auto answer = (*f_)(in.span(), context);
      if constexpr (is_result<decltype(answer)>::value) {
        if (!answer)
          return std::move(answer).error();
        return emit(scope, *answer);
      } else {
        return emit(scope, answer);
      }
    });
  }

 private:
  static result<> emit(task_scope& scope, made& answer) {
    if (std::ranges::size(answer) != scope.end - scope.begin)
      return permanent("a batch function answered " + std::to_string(std::ranges::size(answer)) +
                           " records for " + std::to_string(scope.end - scope.begin),
                       {}, "return one output for each input, in the same order");
    for (std::uint32_t i = scope.begin; i < scope.end; ++i)
      scope.outputs->front().emplace<out>(scope.input->offset(i), scope.input->ordinal(i),
                                          std::move(answer[i - scope.begin]));
    return {};
  }
  std::shared_ptr<const callable<F>> f_;
};

/// A class with write(): one call a task, all or nothing.
template <class S>
class sink_logic final : public operator_logic {
  using in = sink_record<S>;

 public:
  explicit sink_logic(std::unique_ptr<S> sink) : sink_(std::move(sink)) {}

  void start(task_scope&) override {
    if constexpr (requires { sink_->on_start(); })
      sink_->on_start();
  }
  void run(task_scope& scope) override {
    run_whole(scope, [&] {
      return as_result([&] { return sink_->write(records<in>{*scope.input, scope.begin, scope.end}); });
    });
  }
  void drain(task_scope& scope) override {
    if constexpr (requires { sink_->on_drain(); }) {
      result<> done = as_result([&] { return sink_->on_drain(); });
      if (!done)
        scope.whole = std::move(done).error();
    }
  }

 private:
  std::unique_ptr<S> sink_;
};

} // namespace weir::detail
