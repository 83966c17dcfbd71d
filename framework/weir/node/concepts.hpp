#pragma once

// What may be used as a node: every accepted signature, once.
//
//   map          Out f(const In&)                   result<Out> f(const In&)
//   update       void f(T&)                         result<> f(T&)
//   filter       bool f(const In&)
//   filter_map   std::optional<Out> f(const In&)    result<std::optional<Out>> f(const In&)
//   flat_map     Range f(const In&)                 result<Range> f(const In&)
//   map_batch    std::vector<Out> f(std::span<const In>), same length; result<std::vector<Out>> likewise
//   sink         void f(const In&)                  result<> f(const In&)        or a class with write()
//   source       a class with poll()                see weir/node/source.hpp
//   node class   void (or result<>) on_record(const In&, context<Out>&), or
//                void (or result<>) on_batch(const records<In>&, context<Out>&)
//                optional: on_start(context<Out>&), on_drain(context<Out>&),
//                on_timer(context<Out>&) (see context::wake_after)
//
// Each f may take a weir::worker_context& as second argument. A node class is given as an object (each worker
// gets a copy of it as it was given, never of one that has run) or as a callable that makes one.

#include <weir/base/result.hpp>
#include <weir/node/context.hpp>
#include <weir/node/source.hpp>
#include <weir/record/records.hpp>

#include <concepts>
#include <optional>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

namespace detail {

/// f(x) or f(x, context), whichever exists.
template <class F, class In>
decltype(auto) call(F& f, In&& x, worker_context& context) {
  if constexpr (std::is_invocable_v<F&, In>)
    return std::invoke(f, std::forward<In>(x));
  else
    return std::invoke(f, std::forward<In>(x), context);
}

template <class F, class In>
concept callable_on = std::is_invocable_v<F&, In> || std::is_invocable_v<F&, In, worker_context&>;

template <class F, class In>
using called = std::remove_cvref_t<decltype(call(std::declval<F&>(), std::declval<In>(),
                                                 std::declval<worker_context&>()))>;

template <class T>
struct is_result : std::false_type {
  using value_type = T;
};
template <class T>
struct is_result<result<T>> : std::true_type {
  using value_type = T;
};
/// T of a T or a result<T>.
template <class T>
using unwrapped = typename is_result<T>::value_type;

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

/// Parts of the signature of a member function on_record or on_batch.
template <class M>
struct member_signature;
template <class C, class R, class In, class Out>
struct member_signature<R (C::*)(const In&, context<Out>&)> {
  using in = In;
  using out = Out;
};
template <class C, class R, class In, class Out>
struct member_signature<R (C::*)(const In&, context<Out>&) const>
    : member_signature<R (C::*)(const In&, context<Out>&)> {};
template <class C, class R, class In, class Out>
struct member_signature<R (C::*)(const records<In>&, context<Out>&)> {
  using in = In;
  using out = Out;
};
template <class C, class T>
struct member_signature<poll_result (C::*)(emitter<T>&, std::size_t)> {
  using out = T;
};
template <class C, class R, class In>
struct member_signature<R (C::*)(std::span<const In>)> {
  using in = In;
};
template <class C, class R, class In>
struct member_signature<R (C::*)(const records<In>&)> {
  using in = In;
};

} // namespace detail

template <class F, class In>
concept map_function =
    detail::callable_on<F, const In&> && !std::is_void_v<detail::unwrapped<detail::called<F, const In&>>>;

template <class F, class T>
concept update_function =
    detail::callable_on<F, T&> && std::is_void_v<detail::unwrapped<detail::called<F, T&>>>;

template <class F, class In>
concept filter_function =
    detail::callable_on<F, const In&> && std::convertible_to<detail::called<F, const In&>, bool>;

template <class F, class In>
concept filter_map_function = detail::callable_on<F, const In&> &&
                              detail::is_optional<detail::unwrapped<detail::called<F, const In&>>>::value;

template <class F, class In>
concept flat_map_function = detail::callable_on<F, const In&> &&
                            std::ranges::input_range<detail::unwrapped<detail::called<F, const In&>>>;

template <class F, class In>
concept batch_function =
    detail::callable_on<F, std::span<const In>> &&
    std::ranges::random_access_range<detail::unwrapped<detail::called<F, std::span<const In>>>>;

template <class F, class In>
concept sink_function =
    detail::callable_on<F, const In&> && std::is_void_v<detail::unwrapped<detail::called<F, const In&>>>;

/// A class with poll(emitter<T>&, std::size_t).
template <class S>
concept source_class = requires { typename detail::member_signature<decltype(&S::poll)>::out; };

/// A class with write().
template <class S>
concept sink_class = requires { typename detail::member_signature<decltype(&S::write)>::in; };

template <class N>
concept record_node = requires { typename detail::member_signature<decltype(&N::on_record)>::in; };
template <class N>
concept batch_node = requires { typename detail::member_signature<decltype(&N::on_batch)>::in; };
/// A class with on_record or on_batch.
template <class N>
concept node_class = record_node<N> || batch_node<N>;

namespace detail {
template <class N>
struct node_types;
template <batch_node N>
struct node_types<N> : member_signature<decltype(&N::on_batch)> {};
template <class N>
  requires(record_node<N> && !batch_node<N>)
struct node_types<N> : member_signature<decltype(&N::on_record)> {};
} // namespace detail

template <source_class S>
using source_record = typename detail::member_signature<decltype(&S::poll)>::out;
template <sink_class S>
using sink_record = typename detail::member_signature<decltype(&S::write)>::in;
template <node_class N>
using node_input = typename detail::node_types<N>::in;
template <node_class N>
using node_output = typename detail::node_types<N>::out;

} // namespace weir
