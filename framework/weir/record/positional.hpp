#pragma once

// A codec by position for an aggregate that is not described, by Boost.PFR:
//   template <> struct weir::codec<point> : weir::positional_codec<point> {};
// Its fields have no names in the fingerprint: swapping two of one type goes unnoticed, so only identical
// builds should talk this way. PFR takes plain aggregates: no base classes, no C arrays.

#include <weir/record/codec.hpp>

#include <boost/pfr/core.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace weir {

template <class T>
struct positional_codec {
 private:
  template <class F>
  static constexpr auto with_fields(F f) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return f.template operator()<boost::pfr::tuple_element_t<I, T>...>();
    }(std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
  }

 public:
  static constexpr std::size_t min_size =
      with_fields([]<class... Fields>() { return (std::size_t{0} + ... + detail::min_size<Fields>()); });

  static std::string structure() {
    return "by position (" + with_fields([]<class... Fields>() {
             static_assert((encodable<Fields> && ...), "every field needs a codec");
             return ((structure_of<Fields>() + ',') + ... + std::string{});
           }) +
           ')';
  }
  static void encode(encoder& out, const T& value) {
    boost::pfr::for_each_field(value, [&](const auto& field) { weir::encode(out, field); });
  }
  static bool decode(decoder& in, T& value) {
    bool good = true;
    boost::pfr::for_each_field(value, [&](auto& field) { good = good && weir::decode(in, field); });
    return good;
  }
};

} // namespace weir
