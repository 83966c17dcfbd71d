#pragma once

// Records as bytes, for other processes and hosts.
//
// Derived for numbers, enums, strings, containers, arrays, optionals, variants, pairs, tuples, durations,
// time points and structs of these that are described (BOOST_DESCRIBE_STRUCT); structs that are not described
// may opt in by position (<weir/record/positional.hpp>), other types specialise `weir::codec`
// (codec_traits.hpp).
//
// Little-endian; a container is a 32-bit count and its elements, an optional a byte, a variant its index in a
// byte. What lies in memory without padding is copied as it lies. Nothing in the bytes says what they are:
// both sides compare fingerprints first.
//
// Reading is safe with any input: no byte past its end, no count that what is left could not hold, and memory
// only for elements that were read, so at most the input's size times the largest sizeof(T) / min_size<T>()
// of the types within.

#include <weir/record/bytes.hpp>
#include <weir/record/codec_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace weir {

/// The codec of one record type, for what knows the type only as a table. Immutable.
struct record_codec {
  /// The structure of the type in words, member names included.
  std::string (*structure)();
  /// The fewest bytes a record takes.
  std::size_t min_size;
  void (*encode)(encoder& out, const void* records, std::size_t count);
  /// Constructs up to `count` records at `to`; returns how many: fewer when the input is malformed.
  std::size_t (*decode)(decoder& in, void* to, std::size_t count);

  /// XXH3-64 of the structure: equal on both sides or nothing is sent.
  std::uint64_t fingerprint() const;
};

template <class T>
void encode(encoder& out, const T& value);
/// False, and the value is any, when the input is malformed. `value` must be fresh.
template <class T>
bool decode(decoder& in, T& value);
template <class T>
std::string structure_of();

namespace detail {

template <class T>
std::string number_name() {
  if constexpr (std::is_same_v<T, bool>)
    return "bool";
  else
    return (std::is_floating_point_v<T> ? "f"
            : std::is_signed_v<T>       ? "i"
                                        : "u") +
           std::to_string(sizeof(T) * 8);
}

template <class T>
std::string structure_of_struct() {
  std::string text = "{";
  [[maybe_unused]] const T sample{};
  boost::mp11::mp_for_each<described_members<T>>([&](auto member) {
    text += member.name;
    if constexpr (is_block<T>()) { // copied whole: then where a member lies is part of the encoding
      const auto* first = reinterpret_cast<const std::byte*>(std::addressof(sample));
      const auto* at = reinterpret_cast<const std::byte*>(std::addressof(sample.*member.pointer));
      text += '@' + std::to_string(at - first);
    }
    text += ':' + structure_of<member_type<T, decltype(member)>>() + ';';
  });
  return text + '}';
}

template <class... Parts>
std::string structure_of_all(boost::mp11::mp_list<Parts...> /*unused*/) {
  return ((structure_of<Parts>() + ',') + ... + std::string{});
}

template <class T, std::size_t Index = 0>
bool decode_alternative(decoder& in, T& value, std::size_t index) {
  if constexpr (Index == std::variant_size_v<T>)
    return in.fail();
  else
    return index == Index ? weir::decode(in, value.template emplace<Index>())
                          : decode_alternative<T, Index + 1>(in, value, index);
}

} // namespace detail

template <class T>
std::string structure_of() {
  using namespace detail;
  if constexpr (custom_codec<T>)
    return codec<T>::structure();
  else if constexpr (std::is_same_v<T, std::monostate>)
    return "nothing";
  else if constexpr (std::is_arithmetic_v<T>)
    return number_name<T>();
  else if constexpr (std::is_enum_v<T>)
    return "enum " + number_name<std::underlying_type_t<T>>();
  else if constexpr (std::is_bounded_array_v<T>)
    return '[' + structure_of<std::remove_extent_t<T>>() + ';' + std::to_string(std::extent_v<T>) + ']';
  else if constexpr (is_std_array<T>)
    return '[' + structure_of<typename T::value_type>() + ';' + std::to_string(std::tuple_size_v<T>) + ']';
  else if constexpr (is_time<T>)
    return (made_from<T, std::chrono::time_point> ? "time " : "duration ") + number_name<typename T::rep>() +
           '*' + std::to_string(T::period::num) + '/' + std::to_string(T::period::den);
  else if constexpr (made_from<T, std::optional>)
    return "optional " + structure_of<typename T::value_type>();
  else if constexpr (made_from<T, std::variant>)
    return '<' + structure_of_all(boost::mp11::mp_rename<T, boost::mp11::mp_list>{}) + '>';
  else if constexpr (is_product<T>)
    return '(' + structure_of_all(boost::mp11::mp_rename<T, boost::mp11::mp_list>{}) + ')';
  else if constexpr (container<T>)
    return (associative<T> ? "set " : "list ") + structure_of<element_of<T>>();
  else
    return structure_of_struct<T>();
}

template <class T>
void encode(encoder& out, const T& value) {
  using namespace detail;
  if constexpr (custom_codec<T>)
    codec<T>::encode(out, value);
  else if constexpr (std::is_same_v<T, std::monostate>)
    return;
  else if constexpr (is_block<T>())
    out.bytes(std::addressof(value), sizeof value);
  else if constexpr (std::is_arithmetic_v<T>)
    out.number(value);
  else if constexpr (std::is_enum_v<T>)
    out.number(static_cast<std::underlying_type_t<T>>(value));
  else if constexpr (std::is_bounded_array_v<T> || is_std_array<T>)
    for (const auto& element : value)
      weir::encode(out, element);
  else if constexpr (made_from<T, std::optional>) {
    out.number(value.has_value());
    if (value)
      weir::encode(out, *value);
  } else if constexpr (made_from<T, std::variant>) {
    if (value.valueless_by_exception())
      return out.fail();
    out.number(static_cast<std::uint8_t>(value.index()));
    std::visit([&](const auto& held) { weir::encode(out, held); }, value);
  } else if constexpr (is_product<T>)
    std::apply([&](const auto&... parts) { (weir::encode(out, parts), ...); }, value);
  else if constexpr (block_sequence<T>) {
    if (out.count(value.size()))
      out.bytes(value.data(), value.size() * sizeof(typename T::value_type));
  } else if constexpr (container<T>) {
    if (out.count(value.size()))
      for (const auto& element : value)
        weir::encode(out, element);
  } else
    boost::mp11::mp_for_each<described_members<T>>(
        [&](auto member) { weir::encode(out, value.*member.pointer); });
}

template <class T>
bool decode(decoder& in, T& value) {
  using namespace detail;
  if constexpr (custom_codec<T>)
    return codec<T>::decode(in, value);
  else if constexpr (std::is_same_v<T, std::monostate>)
    return true;
  else if constexpr (is_block<T>())
    return in.bytes(std::addressof(value), sizeof value);
  else if constexpr (std::is_same_v<T, bool>) {
    std::uint8_t read = 0;
    if (!in.number(read) || read > 1)
      return in.fail();
    value = read == 1;
    return true;
  } else if constexpr (std::is_enum_v<T>) { // of bool: the others are blocks
    bool read = false;
    const bool good = weir::decode(in, read);
    value = static_cast<T>(read);
    return good;
  } else if constexpr (std::is_bounded_array_v<T> || is_std_array<T>) {
    for (auto& element : value)
      if (!weir::decode(in, element))
        return false;
    return true;
  } else if constexpr (made_from<T, std::optional>) {
    bool there = false;
    return weir::decode(in, there) && (!there || weir::decode(in, value.emplace()));
  } else if constexpr (made_from<T, std::variant>) {
    std::uint8_t index = 0;
    return in.number(index) && decode_alternative(in, value, index);
  } else if constexpr (is_product<T>)
    return std::apply([&](auto&... parts) { return (weir::decode(in, parts) && ...); }, value);
  else if constexpr (container<T>) {
    std::size_t count = 0;
    if (!in.count(count, min_size<element_of<T>>()))
      return false;
    if constexpr (block_sequence<T>) {
      value.resize(count);
      return in.bytes(value.data(), count * sizeof(typename T::value_type));
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        element_of<T> element{};
        if (!weir::decode(in, element))
          return false;
        if constexpr (associative<T>) {
          if (!value.insert(std::move(element)).second)
            return in.fail(); // nobody encodes a key twice
        } else
          value.push_back(std::move(element));
      }
      return true;
    }
  } else {
    bool good = true;
    boost::mp11::mp_for_each<described_members<T>>(
        [&](auto member) { good = good && weir::decode(in, value.*member.pointer); });
    return good;
  }
}

/// The codec of `T`, or null when it has none.
template <class T>
const record_codec* codec_of() {
  if constexpr (detail::has_record_codec<T>()) {
    static constexpr record_codec table{&structure_of<T>, detail::min_size<T>(),
                                        [](encoder& out, const void* records, std::size_t count) {
                                          const auto* first = static_cast<const T*>(records);
                                          if constexpr (detail::is_block<T>())
                                            out.bytes(first, count * sizeof(T));
                                          else
                                            for (std::size_t i = 0; i < count; ++i)
                                              weir::encode(out, first[i]);
                                        },
                                        [](decoder& in, void* to, std::size_t count) {
                                          auto* first = static_cast<T*>(to);
                                          if constexpr (detail::is_block<T>() &&
                                                        std::is_trivially_destructible_v<T>)
                                            return in.bytes(to, count * sizeof(T)) ? count : std::size_t{0};
                                          else {
                                            for (std::size_t i = 0; i < count; ++i) {
                                              auto* made = ::new (static_cast<void*>(first + i)) T{};
                                              bool good = false;
                                              try {
                                                good = weir::decode(in, *made);
                                              } catch (...) {
                                                std::destroy_n(first, i + 1);
                                                throw;
                                              }
                                              if (!good) {
                                                std::destroy_at(made);
                                                return i;
                                              }
                                            }
                                            return count;
                                          }
                                        }};
    return &table;
  } else {
    return nullptr;
  }
}

} // namespace weir
