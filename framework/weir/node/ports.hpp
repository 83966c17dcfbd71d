#pragma once

// Named output ports.
//
//     using outputs = weir::ports<weir::port<"good", review>, weir::port<"bad", complaint>>;
//     void on_record(const review& r, weir::context<outputs>& out) { out.emit<"good">(r); }

#include <weir/record/record_type.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace weir {

/// A string as a template argument.
template <std::size_t N>
struct fixed_string {
  char text[N]{};
  consteval fixed_string(const char (&literal)[N]) { std::copy_n(literal, N, text); }
  constexpr std::string_view view() const { return {text, N - 1}; }
};

template <fixed_string Name, class T>
struct port {
  using record = T;
  static constexpr std::string_view name = Name.view();
};

template <class... Ports>
struct ports {};

/// A port of a node, without its C++ type.
struct port_info {
  std::string name; ///< "" for the only port of a node
  const record_type* type = nullptr;
  std::uint32_t steps = 0; ///< fused behind it
};

namespace detail {

template <class Out>
struct output_traits {
  static constexpr std::size_t count = 1;
  static std::vector<port_info> list() { return {{"", &record_type_of<Out>()}}; }
  template <std::size_t>
  using record = Out;
};

template <>
struct output_traits<void> {
  static constexpr std::size_t count = 0;
  static std::vector<port_info> list() { return {}; }
};

template <class... Ports>
struct output_traits<ports<Ports...>> {
  static constexpr std::size_t count = sizeof...(Ports);
  static std::vector<port_info> list() {
    return {{std::string{Ports::name}, &record_type_of<typename Ports::record>()}...};
  }
  template <fixed_string Name>
  static constexpr std::size_t index() {
    constexpr bool match[] = {(Ports::name == Name.view())...};
    std::size_t i = 0;
    while (i < count && !match[i])
      ++i;
    return i;
  }
  template <std::size_t I>
  using record = typename std::tuple_element_t<I, std::tuple<Ports...>>::record;
};

} // namespace detail
} // namespace weir
