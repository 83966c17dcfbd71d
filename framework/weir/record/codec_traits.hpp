#pragma once

// Which types have a codec, how few bytes they may take and which are copied as they lie in memory. Part of
// codec.hpp.

#include <weir/record/payload.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir {

/// Customisation point: a specialisation gives a type its own encoding.
///   static std::string structure();               what the bytes mean, with a version: part of the
///   fingerprint static constexpr std::size_t min_size;        the fewest bytes a value takes, at least 1
///   static void encode(encoder&, const T&);
///   static bool decode(decoder&, T&);             false when the input is malformed (decoder::fail)
template <class T>
struct codec {};

namespace detail {

template <class T>
concept custom_codec = requires {
  codec<T>::structure();
  codec<T>::min_size;
};

template <class T, template <class...> class Template>
inline constexpr bool made_from = false;
template <template <class...> class Template, class... Parts>
inline constexpr bool made_from<Template<Parts...>, Template> = true;

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool is_time = made_from<T, std::chrono::time_point> || requires(const T& t) {
  []<class R, class P>(const std::chrono::duration<R, P>&) {}(t);
};

template <class T>
concept container = requires(T& c) {
  typename T::value_type;
  c.begin();
  c.end();
  c.size();
  c.clear();
};
template <class T>
concept sequence = container<T> && requires(T& c, typename T::value_type v) { c.push_back(std::move(v)); };
template <class T>
concept associative = container<T> && requires(T& c, typename T::value_type v) {
  typename T::key_type;
  c.insert(std::move(v)).second;
};

/// What a container's elements are read into: a map's keys without their const.
template <class T>
struct read_as {
  using type = T;
};
template <class A, class B>
struct read_as<std::pair<A, B>> {
  using type = std::pair<std::remove_const_t<A>, B>;
};
template <class C>
using element_of = typename read_as<typename C::value_type>::type;

template <class T, class Member>
using member_type = std::remove_reference_t<decltype(std::declval<T&>().*Member::pointer)>;

template <class T, class... Outer>
constexpr bool can_encode();

/// The parts of pairs, tuples and variants.
template <class T>
struct parts_of;
template <template <class...> class Template, class... Parts>
struct parts_of<Template<Parts...>> {
  template <class... Outer>
  static constexpr bool encodable() {
    return (can_encode<Parts, Outer...>() && ...);
  }
};

template <class T>
constexpr std::size_t min_size();

template <class T>
inline constexpr bool is_product = made_from<T, std::pair> || made_from<T, std::tuple>;

template <class T, class... Outer>
constexpr bool can_encode() {
  if constexpr ((std::is_same_v<T, Outer> || ...))
    return false; // it contains itself: no bound on its depth
  else if constexpr (std::is_const_v<T> || std::is_same_v<T, long double>)
    return false;
  else if constexpr (custom_codec<T> || std::is_arithmetic_v<T> || std::is_enum_v<T> ||
                     std::is_same_v<T, std::monostate>)
    return true;
  else if constexpr (std::is_bounded_array_v<T>)
    return can_encode<std::remove_extent_t<T>, Outer...>();
  else if constexpr (!std::is_default_constructible_v<T> || !std::is_move_constructible_v<T>)
    return false;
  else if constexpr (is_std_array<T> || made_from<T, std::optional>)
    return can_encode<typename T::value_type, Outer...>();
  else if constexpr (is_time<T>)
    return std::is_arithmetic_v<typename T::rep> && !std::is_same_v<typename T::rep, long double>;
  else if constexpr (is_product<T>)
    return parts_of<T>::template encodable<Outer...>();
  else if constexpr (made_from<T, std::variant>)
    return std::variant_size_v<T> < 256 && parts_of<T>::template encodable<Outer...>();
  else if constexpr (sequence<T> || associative<T>) {
    if constexpr (can_encode<element_of<T>, T, Outer...>())
      return min_size<element_of<T>>() > 0; // else a count could promise anything
    else
      return false;
  } else if constexpr (boost::describe::has_describe_members<T>::value && !std::is_union_v<T>)
    return []<class... Members>(boost::mp11::mp_list<Members...>) {
      return (can_encode<member_type<T, Members>, T, Outer...>() && ...);
    }(boost::mp11::mp_rename<described_members<T>, boost::mp11::mp_list>{});
  else
    return false;
}

/// The fewest bytes a value takes.
template <class T>
constexpr std::size_t min_size() {
  if constexpr (custom_codec<T>)
    return codec<T>::min_size;
  else if constexpr (std::is_same_v<T, std::monostate>)
    return 0;
  else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T> || is_time<T>)
    return sizeof(T);
  else if constexpr (std::is_bounded_array_v<T>)
    return std::extent_v<T> * min_size<std::remove_extent_t<T>>();
  else if constexpr (is_std_array<T>)
    return std::tuple_size_v<T> * min_size<typename T::value_type>();
  else if constexpr (made_from<T, std::optional> || made_from<T, std::variant>)
    return 1;
  else if constexpr (is_product<T>)
    return []<class... Parts>(boost::mp11::mp_list<Parts...>) {
      return (std::size_t{0} + ... + min_size<Parts>());
    }(boost::mp11::mp_rename<T, boost::mp11::mp_list>{});
  else if constexpr (container<T>)
    return sizeof(std::uint32_t);
  else
    return []<class... Members>(boost::mp11::mp_list<Members...>) {
      return (std::size_t{0} + ... + min_size<member_type<T, Members>>());
    }(boost::mp11::mp_rename<described_members<T>, boost::mp11::mp_list>{});
}

/// Its bytes in memory are its encoding: every bit pattern is a value, and there is no padding.
template <class T>
constexpr bool is_block() {
  if constexpr (custom_codec<T> || std::is_same_v<T, bool> || std::is_same_v<T, long double>)
    return false;
  else if constexpr (std::is_enum_v<T>)
    return !std::is_same_v<std::underlying_type_t<T>, bool>;
  else if constexpr (std::is_arithmetic_v<T> || is_time<T>)
    return true;
  else if constexpr (std::is_bounded_array_v<T>)
    return is_block<std::remove_extent_t<T>>();
  else if constexpr (is_std_array<T>)
    return is_block<typename T::value_type>() && std::tuple_size_v<T> > 0;
  else if constexpr (!std::is_trivially_copyable_v<T> || container<T> || is_product<T> ||
                     made_from<T, std::optional> || made_from<T, std::variant>)
    return false;
  else if constexpr (boost::describe::has_describe_members<T>::value && !std::is_union_v<T>)
    return []<class... Members>(boost::mp11::mp_list<Members...>) {
      return (is_block<member_type<T, Members>>() && ...) &&
             (std::size_t{0} + ... + sizeof(member_type<T, Members>)) == sizeof(T);
    }(boost::mp11::mp_rename<described_members<T>, boost::mp11::mp_list>{});
  else
    return false;
}

template <class T>
concept block_sequence = sequence<T> && is_block<element_of<T>>() && requires(T& c) {
  { c.data() } -> std::same_as<typename T::value_type*>;
  c.resize(std::size_t{});
};

} // namespace detail

/// `T` can be sent to another process. Types that contain themselves, pointers and views cannot.
template <class T>
concept encodable = detail::can_encode<T>();

namespace detail {

/// As a record: each takes at least a byte, so that a count of them is bounded by what follows it.
template <class T>
constexpr bool has_record_codec() {
  if constexpr (encodable<T>)
    return min_size<T>() > 0;
  else
    return false;
}

} // namespace detail

} // namespace weir
