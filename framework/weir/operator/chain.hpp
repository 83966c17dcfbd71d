#pragma once

// Fused steps: a chain is known whole at compile time and becomes one loop over the task. Steps pass values
// on by rvalue, so a step may change what the step before it made; what comes from the batch is const.
//
// A step is `bool apply(cursor&, X&& x, Next&& next)`: it calls `next(cursor, y)` for each y it makes of x
// and returns false when the record has failed by value.

#include <weir/base/hash.hpp>
#include <weir/node/concepts.hpp>

#include <functional>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

/// Where the loop stands: the record, and the ordinal of the child being made of it.
struct cursor {
  task_scope& scope;
  worker_context& context;
  std::uint32_t index;
  std::uint64_t ordinal;

  bool fail(error why) {
    scope.fail(index, std::move(why));
    return false;
  }
};

/// Holds a callable and calls it const where that is possible, so that workers can share it.
template <class F>
class callable {
 public:
  explicit callable(F f) : f_(std::move(f)) {}
  template <class X>
  decltype(auto) operator()(X&& x, worker_context& c) const {
    if constexpr (callable_on<const F, X>)
      return call(std::as_const(f_), std::forward<X>(x), c);
    else
      return call(f_, std::forward<X>(x), c);
  }
  template <class X>
  static constexpr bool shareable = callable_on<const F, X>;

 private:
  mutable F f_;
};

template <class In, class F>
struct map_step {
  using output = unwrapped<called<F, const In&>>;
  static constexpr bool shareable = callable<F>::template shareable<const In&>;
  static constexpr bool expands = false;
  callable<F> f;

  template <class X, class Next>
  bool apply(cursor& at, X&& x, Next&& next) const {
    if constexpr (is_result<called<F, const In&>>::value) {
      auto made = f(std::forward<X>(x), at.context);
      if (!made)
        return at.fail(std::move(made).error());
      return next(at, *std::move(made));
    } else {
      return next(at, f(std::forward<X>(x), at.context));
    }
  }
};

template <class In, class F>
struct filter_step {
  using output = In;
  static constexpr bool shareable = callable<F>::template shareable<const In&>;
  static constexpr bool expands = false;
  callable<F> f;

  template <class X, class Next>
  bool apply(cursor& at, X&& x, Next&& next) const {
    return f(std::as_const(x), at.context) ? next(at, std::forward<X>(x)) : true;
  }
};

template <class In, class F>
struct filter_map_step {
  using output = typename unwrapped<called<F, const In&>>::value_type;
  static constexpr bool shareable = callable<F>::template shareable<const In&>;
  static constexpr bool expands = false;
  callable<F> f;

  template <class X, class Next>
  bool apply(cursor& at, X&& x, Next&& next) const {
    auto made = f(std::forward<X>(x), at.context);
    if constexpr (is_result<decltype(made)>::value) {
      if (!made)
        return at.fail(std::move(made).error());
      return made->has_value() ? next(at, *std::move(*made)) : true;
    } else {
      return made.has_value() ? next(at, *std::move(made)) : true;
    }
  }
};

template <class In, class F>
struct flat_map_step {
  using range = unwrapped<called<F, const In&>>;
  using output = std::ranges::range_value_t<range>;
  static constexpr bool shareable = callable<F>::template shareable<const In&>;
  static constexpr bool expands = true;
  callable<F> f;

  template <class X, class Next>
  bool apply(cursor& at, X&& x, Next&& next) const {
    auto&& made = f(std::forward<X>(x), at.context);
    if constexpr (is_result<std::remove_cvref_t<decltype(made)>>::value) {
      if (!made)
        return at.fail(std::move(made).error());
      return each<!std::ranges::view<range>>(at, *made, next);
    } else {
      return each < !std::is_lvalue_reference_v<decltype(made)> &&
             !std::ranges::view < range >> (at, made, next);
    }
  }

 private:
  /// `Own`: the children are ours to move from; what a view or a reference shows is not.
  template <bool Own, class R, class Next>
  static bool each(cursor& at, R& children, Next&& next) {
    const std::uint64_t parent = at.ordinal;
    std::uint64_t child = 0;
    for (auto&& one : children) {
      at.ordinal = mix_ordinal(parent, child++);
      if constexpr (std::is_rvalue_reference_v<decltype(one)> ||
                    (Own && !std::is_const_v<std::remove_reference_t<decltype(one)>>)) {
        if (!next(at, std::move(one)))
          return false;
      } else if (!next(at, std::as_const(one))) {
        return false;
      }
    }
    at.ordinal = parent;
    return true;
  }
};

/// Steps in a row. `In` is the record of the task, `output` what the last step makes.
template <class In, class... Steps>
class chain {
 public:
  using input = In;
  static constexpr std::size_t length = sizeof...(Steps);
  static constexpr bool shareable = (true && ... && Steps::shareable);
  static constexpr bool expands = (false || ... || Steps::expands);

  explicit chain(std::tuple<Steps...> steps = {}) : steps_(std::move(steps)) {}

  template <class Step>
  chain<In, Steps..., Step> then(Step step) && {
    return chain<In, Steps..., Step>{std::tuple_cat(std::move(steps_), std::tuple<Step>{std::move(step)})};
  }

  /// Runs x through all steps; `last(cursor, y)` gets what comes out.
  template <class X, class Last>
  bool apply(cursor& at, X&& x, Last&& last) const {
    return from<0>(at, std::forward<X>(x), last);
  }

 private:
  template <std::size_t I, class X, class Last>
  bool from(cursor& at, X&& x, Last& last) const {
    if constexpr (I == sizeof...(Steps))
      return last(at, std::forward<X>(x));
    else
      return std::get<I>(steps_).apply(at, std::forward<X>(x), [&]<class Y>(cursor& here, Y&& y) {
        return this->template from<I + 1>(here, std::forward<Y>(y), last);
      });
  }
  std::tuple<Steps...> steps_;
};

template <class Chain>
struct chain_output;
template <class In>
struct chain_output<chain<In>> {
  using type = In;
};
template <class In, class... Steps>
struct chain_output<chain<In, Steps...>> {
  using type = typename std::tuple_element_t<sizeof...(Steps) - 1, std::tuple<Steps...>>::output;
};

} // namespace weir::detail
