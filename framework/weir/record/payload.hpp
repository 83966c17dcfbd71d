#pragma once

// A record as text, for dead letters and error messages: strings as they are, described structs as JSON
// (member names from BOOST_DESCRIBE_STRUCT), numbers, containers and optionals in JSON, other types by their
// name. The JSON itself is written by Boost.JSON, behind `payload_writer`, so that node authors don't compile
// it.

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir {

/// Builds one JSON text. Single-threaded.
class payload_writer {
 public:
  payload_writer();
  ~payload_writer();
  payload_writer(const payload_writer&) = delete;
  payload_writer& operator=(const payload_writer&) = delete;

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);
  void value(std::string_view text);
  void value(std::int64_t number);
  void value(std::uint64_t number);
  void value(double number);
  void value(bool truth);
  void null();
  std::string text() &&;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

namespace detail {

template <class T>
using described_members =
    boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_inherited>;

template <class T>
void write_payload(payload_writer& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>)
    out.value(value);
  else if constexpr (std::signed_integral<T>)
    out.value(static_cast<std::int64_t>(value));
  else if constexpr (std::unsigned_integral<T>)
    out.value(static_cast<std::uint64_t>(value));
  else if constexpr (std::floating_point<T>)
    out.value(static_cast<double>(value));
  else if constexpr (std::is_enum_v<T>)
    out.value(static_cast<std::int64_t>(value));
  else if constexpr (std::is_convertible_v<const T&, std::string_view>)
    out.value(std::string_view{value});
  else if constexpr (requires { weir_payload(value); })
    out.value(std::string_view{weir_payload(value)});
  else if constexpr (requires {
                       value.has_value();
                       *value;
                     }) {
    if (value.has_value())
      write_payload(out, *value);
    else
      out.null();
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    out.begin_object();
    boost::mp11::mp_for_each<described_members<T>>([&](auto member) {
      out.key(member.name);
      write_payload(out, value.*member.pointer);
    });
    out.end_object();
  } else if constexpr (requires {
                         value.first;
                         value.second;
                       }) {
    out.begin_array();
    write_payload(out, value.first);
    write_payload(out, value.second);
    out.end_array();
  } else if constexpr (requires {
                         { value.string() } -> std::convertible_to<std::string>;
                       }) { // a path: a range of paths
    out.value(std::string_view{value.string()});
  } else if constexpr (requires {
                         value.begin();
                         value.end();
                       }) {
    out.begin_array();
    for (const auto& element : value)
      write_payload(out, element);
    out.end_array();
  } else {
    out.value(std::string_view{"(not printable: describe the type with BOOST_DESCRIBE_STRUCT)"});
  }
}

} // namespace detail

/// The record as text.
template <class T>
std::string payload_text(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return std::string{std::string_view{value}};
  else if constexpr (requires { weir_payload(value); })
    return weir_payload(value);
  else {
    payload_writer out;
    detail::write_payload(out, value);
    return std::move(out).text();
  }
}

} // namespace weir
