#pragma once

// Fused steps: a chain is known whole at compile time and becomes one loop over the task. Steps pass values
// on by rvalue, so a step may change what the step before it made; what comes from the batch is const.
//
// A step is `bool apply(cursor&, X&& x, Next&& next)`: it calls `next(cursor, y)` for each y it makes of x
// and returns false when the record has failed by value. Steps that can also run over a block (see block.hpp)
// have `over` (a value for a value) or `thin` (fewer values).

#include <weir/base/hash.hpp>
#include <weir/node/concepts.hpp>
#include <weir/operator/block.hpp>

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
  decltype(auto) operator()(X&& x, worker_context& c) const
      noexcept(std::is_nothrow_invocable_v<const F&, X> ||
               std::is_nothrow_invocable_v<const F&, X, worker_context&>) {
    if constexpr (callable_on<const F, X>)
      return call(std::as_const(f_), std::forward<X>(x), c);
    else
      return call(f_, std::forward<X>(x), c);
  }
  template <class X>
  static constexpr bool shareable = callable_on<const F, X>;
  template <class X>
  static constexpr bool takes_context = !std::is_invocable_v<F&, X>;
  /// It cannot fail, and needs nothing but its argument.
  template <class X>
  static constexpr bool nothrow = std::is_nothrow_invocable_v<const F&, X>;
  /// It cannot fail.
  template <class X>
  static constexpr bool never_throws =
      nothrow<X> || std::is_nothrow_invocable_v<const F&, X, worker_context&>;
  /// For value `i` of a block.
  template <class X>
  decltype(auto) in_block(X&& x, worker_context& c, block& b, std::uint32_t i) const {
    if constexpr (takes_context<X>)
      b.scope.set_current(b.index[i]); // it looks at its context: whose turn it is must be there
    return (*this)(std::forward<X>(x), c);
  }

 private:
  mutable F f_;
};

template <class In, class F>
struct map_step {
  using output = unwrapped<called<F, const In&>>;
  static constexpr bool shareable = callable<F>::template shareable<const In&>;
  static constexpr bool nothrow =
      callable<F>::template nothrow<const In&> && !is_result<called<F, const In&>>::value;
  static constexpr bool never_fails =
      callable<F>::template never_throws<const In&> && !is_result<called<F, const In&>>::value;
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
  template <class Values>
  void over(block& b, worker_context& c, Values in, output* to) const {
    b.for_each([&](std::uint32_t i, std::uint32_t place) {
      if constexpr (is_result<called<F, const In&>>::value) {
        auto made = f.in_block(in[i], c, b, place);
        if (!made)
          return b.fail(place, std::move(made).error());
        ::new (to + place) output(*std::move(made));
      } else {
        ::new (to + place) output(f.in_block(in[i], c, b, place));
      }
      return true;
    });
  }
};

/// Changes a copy of the record.
template <class T, class F>
struct update_step {
  using output = T;
  static constexpr bool shareable = callable<F>::template shareable<T&>;
  static constexpr bool nothrow = callable<F>::template nothrow<T&> && !is_result<called<F, T&>>::value;
  static constexpr bool never_fails =
      callable<F>::template never_throws<T&> && !is_result<called<F, T&>>::value;
  static constexpr bool expands = false;
  callable<F> f;

  template <class X, class Next>
  bool apply(cursor& at, X&& x, Next&& next) const {
    if constexpr (std::is_lvalue_reference_v<X> || std::is_const_v<std::remove_reference_t<X>>) {
      T copy(x);
      return apply(at, std::move(copy), next);
    } else {
      if constexpr (is_result<called<F, T&>>::value) {
        if (auto done = f(x, at.context); !done)
          return at.fail(std::move(done).error());
      } else {
        f(x, at.context);
      }
      return next(at, std::forward<X>(x));
    }
  }
  template <class Values>
  void over(block& b, worker_context& c, Values in, T* to) const {
    for (std::uint32_t i = 0; i < b.size; ++i) // a loop of its own, for the same reason as block::for_each
      ::new (to + i) T(in[i]);
    in_place(b, c, to);
  }
  void in_place(block& b, worker_context& c, T* to) const {
    b.for_each([&](std::uint32_t i, std::uint32_t place) {
      if (i != place) [[unlikely]]
        to[place] = to[i];
      if constexpr (is_result<called<F, T&>>::value) {
        if (auto done = f.in_block(to[place], c, b, place); !done)
          return b.fail(place, std::move(done).error());
      } else {
        f.in_block(to[place], c, b, place);
      }
      return true;
    });
  }
};

template <class In, class F>
struct filter_step {
  using output = In;
  static constexpr bool shareable = callable<F>::template shareable<const In&>;
  static constexpr bool nothrow = callable<F>::template nothrow<const In&>;
  static constexpr bool never_fails = callable<F>::template never_throws<const In&>;
  static constexpr bool expands = false;
  callable<F> f;

  template <class X, class Next>
  bool apply(cursor& at, X&& x, Next&& next) const {
    return f(std::as_const(x), at.context) ? next(at, std::forward<X>(x)) : true;
  }
  /// `places`: where those that are left lie.
  template <class Values>
  void thin(block& b, worker_context& c, Values in, std::uint32_t* places) const {
    b.select([&](std::uint32_t i, std::uint32_t place) {
      places[place] = in.place(i);
      return static_cast<bool>(f.in_block(in[i], c, b, i));
    });
  }
};

template <class In, class F>
struct filter_map_step {
  using output = typename unwrapped<called<F, const In&>>::value_type;
  static constexpr bool shareable = callable<F>::template shareable<const In&>;
  static constexpr bool nothrow =
      callable<F>::template nothrow<const In&> && !is_result<called<F, const In&>>::value;
  static constexpr bool never_fails =
      callable<F>::template never_throws<const In&> && !is_result<called<F, const In&>>::value;
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
  template <class Values>
  void over(block& b, worker_context& c, Values in, output* to) const {
    b.select([&](std::uint32_t i, std::uint32_t place) {
      auto made = f.in_block(in[i], c, b, i);
      if constexpr (is_result<decltype(made)>::value) {
        if (!made)
          return b.fail(i, std::move(made).error());
        return put(*std::move(made), to + place);
      } else {
        return put(std::move(made), to + place);
      }
    });
  }

 private:
  template <class Made>
  static bool put(Made&& made, output* to) {
    if (!made.has_value())
      return false;
    ::new (to) output(*std::forward<Made>(made));
    return true;
  }
};

template <class In, class F>
struct flat_map_step {
  using range = unwrapped<called<F, const In&>>;
  using output = std::ranges::range_value_t<range>;
  static constexpr bool shareable = callable<F>::template shareable<const In&>;
  static constexpr bool nothrow = false;
  static constexpr bool never_fails = false;
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

template <class Step>
concept over_step = requires { &Step::template over<dense_values<typename Step::output>>; };
template <class Step>
concept thin_step = requires { &Step::template thin<dense_values<typename Step::output>>; };

/// Takes and makes the same type, without making a new value.
template <class Step>
struct is_editing_step : std::false_type {};
template <class T, class F>
struct is_editing_step<update_step<T, F>> : std::true_type {};
template <class T, class F>
struct is_editing_step<filter_step<T, F>> : std::true_type {};
template <class Step>
concept editing_step = is_editing_step<Step>::value;
template <class Step>
concept updating_step = editing_step<Step> && !thin_step<Step>;

/// Steps in a row. `In` is the record of the task, `output` what the last step makes.
template <class In, class... Steps>
class chain {
 public:
  using input = In;
  static constexpr std::size_t length = sizeof...(Steps);
  static constexpr bool shareable = (true && ... && Steps::shareable);
  static constexpr bool expands = (false || ... || Steps::expands);
  /// The steps can run over a block each.
  static constexpr bool blocks =
      (true && ... && ((over_step<Steps> || thin_step<Steps>) && buffered<typename Steps::output>));

  /// They can, and none of them can fail; `nothrow`: nor looks at its context.
  static constexpr bool nothrow = blocks && (true && ... && Steps::nothrow);
  static constexpr bool never_fails = blocks && (true && ... && Steps::never_fails);

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

  /// Runs a block through all steps from the I-th on; `last(block, values)` gets what comes out. `slots`,
  /// where not null, is where it is to be in the end: a last step that makes values makes them there.
  template <std::size_t I = 0, class Values, class Last>
  void apply_block(block& b, worker_context& c, Values in, void* slots, Last&& last) const {
    if constexpr (I == sizeof...(Steps)) {
      last(b, in);
    } else {
      using step = std::tuple_element_t<I, std::tuple<Steps...>>;
      if constexpr (thin_step<step>) {
        std::uint32_t places[block_records];
        std::get<I>(steps_).thin(b, c, in, places);
        apply_block<I + 1>(b, c, placed_values{in.at, places}, slots, last);
      } else if constexpr (updating_step<step> && is_owned<Values>) {
        std::get<I>(steps_).in_place(b, c, in.at);
        apply_block<I + 1>(b, c, in, slots, last);
      } else if (I + 1 == sizeof...(Steps) && slots != nullptr) {
        auto* made = static_cast<typename step::output*>(slots);
        std::get<I>(steps_).over(b, c, in, made);
        apply_block<I + 1>(b, c, dense_values{made}, slots, last);
      } else {
        alignas(64) std::byte buffer[block_records * sizeof(typename step::output)];
        auto* made = reinterpret_cast<typename step::output*>(buffer);
        std::get<I>(steps_).over(b, c, in, made);
        apply_block<I + 1>(b, c, owned_values{made}, slots, last);
      }
    }
  }
  /// It is one update or filter, and can change its input in place.
  static constexpr bool edits = blocks && sizeof...(Steps) == 1 && (false || ... || editing_step<Steps>);
  const auto& first() const noexcept { return std::get<0>(steps_); }
  /// Its first step changes its input where that is owned.
  static constexpr bool updates = []<class First, class... More>(const std::tuple<First, More...>*) {
    return updating_step<First>;
  }(static_cast<const std::tuple<Steps..., void*>*>(nullptr));

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
