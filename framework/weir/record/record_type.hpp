#pragma once

// What the runtime needs to know of a record's C++ type, once per type: size, how to destroy, copy, measure
// and print it. Everything that moves whole batches works on this table and never on the type itself.
//
// Two customisation points, found by overloads next to the type or derived for described structs
// (BOOST_DESCRIBE_STRUCT), strings, containers and optionals:
//   std::size_t weir_byte_size(const T&)   memory of a record in bytes, heap included (for limits and the
//   budget) std::string weir_payload(const T&)     the record as text (for dead letters)

#include <weir/record/codec.hpp>
#include <weir/record/gather.hpp>
#include <weir/record/payload.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <typeindex>

#include <boost/core/demangle.hpp>

namespace weir {

/// Bytes that `value` occupies, its heap memory included. Exact for trivially copyable types, else an
/// estimate.
template <class T>
std::size_t byte_size(const T& value) noexcept;

/// The table of one type. Immutable, one instance a type and process.
struct record_type {
  std::type_index type;
  std::size_t size;
  std::size_t alignment;
  bool trivial;  ///< trivially copyable and destructible
  bool copyable; ///< `copy` may be called
  void (*destroy)(void* records, std::size_t count) noexcept;
  void (*copy)(void* to, const void* from);
  /// Of trivial types: copies records[index[i]] to to[i], for `count` of them.
  void (*gather)(void* to, const void* records, const std::uint32_t* index, std::size_t count) noexcept;
  std::size_t (*bytes)(const void* record) noexcept;
  std::string (*payload)(const void* record);
  const record_codec* codec; ///< null: records of this type stay in their process

  std::string name() const { return boost::core::demangle(type.name()); }
};

namespace detail {

template <class T>
std::size_t heap_bytes(const T& value) noexcept {
  if constexpr (requires { weir_byte_size(value); }) {
    static_assert(noexcept(weir_byte_size(value)), "weir_byte_size must be noexcept");
    const std::size_t all = weir_byte_size(value);
    return all > sizeof(T) ? all - sizeof(T) : 0;
  } else if constexpr (std::is_trivially_copyable_v<T>) {
    return 0;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value.capacity() > 15 ? value.capacity() + 1 : 0;
  } else if constexpr (requires {
                         value.has_value();
                         *value;
                       }) {
    return value.has_value() ? heap_bytes(*value) : 0;
  } else if constexpr (requires {
                         value.first;
                         value.second;
                       }) {
    return heap_bytes(value.first) + heap_bytes(value.second);
  } else if constexpr (requires {
                         value.begin();
                         value.end();
                         value.size();
                       }) {
    std::size_t bytes = 0;
    for (const auto& element : value)
      bytes += sizeof(element) + heap_bytes(element);
    return bytes;
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    std::size_t bytes = 0;
    boost::mp11::mp_for_each<described_members<T>>(
        [&](auto member) { bytes += heap_bytes(value.*member.pointer); });
    return bytes;
  } else {
    return 0;
  }
}

} // namespace detail

template <class T>
std::size_t byte_size(const T& value) noexcept {
  return sizeof(T) + detail::heap_bytes(value);
}

/// The table of `T`.
template <class T>
const record_type& record_type_of() {
  static_assert(std::is_object_v<T> && !std::is_const_v<T>, "a record is a plain object type");
  static_assert(alignof(T) <= 64, "a batch aligns its records to 64 bytes at most");
  static_assert(std::is_nothrow_destructible_v<T>, "a record's destructor must not throw");
  static const record_type table{
      typeid(T),
      sizeof(T),
      alignof(T),
      std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>,
      std::is_copy_constructible_v<T>,
      [](void* records, std::size_t count) noexcept { std::destroy_n(static_cast<T*>(records), count); },
      [](void* to, const void* from) {
        if constexpr (std::is_copy_constructible_v<T>)
          ::new (to) T(*static_cast<const T*>(from));
      },
      [](void* to, const void* records, const std::uint32_t* index, std::size_t count) noexcept {
        if constexpr (std::is_trivially_copyable_v<T> && std::is_copy_constructible_v<T> &&
                      sizeof(T) % detail::cache_line == 0)
          detail::gather_lines(to, records, index, count, sizeof(T) / detail::cache_line);
        else if constexpr (std::is_trivially_copyable_v<T> && std::is_copy_constructible_v<T>)
          for (std::size_t i = 0; i < count; ++i)
            ::new (static_cast<T*>(to) + i) T(static_cast<const T*>(records)[index[i]]);
      },
      [](const void* record) noexcept { return byte_size(*static_cast<const T*>(record)); },
      [](const void* record) { return payload_text(*static_cast<const T*>(record)); },
      codec_of<T>(),
  };
  return table;
}

} // namespace weir
