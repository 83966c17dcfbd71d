#pragma once

// Keys. Records with equal keys meet in one worker: key -> key group (one of 128) -> worker. The group is
// XXH3-64 (seed 0) of the encoded key, modulo 128, and is part of what checkpoints and clusters agree on; it
// is frozen by a test. Encoding: strings as their bytes, integers and enums as eight bytes little-endian,
// pairs, tuples and described structs as the concatenation of their parts, each with its length in front.

#include <weir/base/hash.hpp>
#include <weir/base/result.hpp>
#include <weir/record/batch.hpp>
#include <weir/record/payload.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace weir {

inline constexpr std::uint16_t key_groups = 128;

namespace detail {

inline void encode_integer(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i)
    out.push_back(static_cast<char>(value >> (8 * i)));
}

template <class K>
void encode_key(std::string& out, const K& key) {
  const auto nested = [&out](const auto& part) {
    std::string bytes;
    encode_key(bytes, part);
    encode_integer(out, bytes.size());
    out += bytes;
  };
  if constexpr (std::is_convertible_v<const K&, std::string_view>)
    out += std::string_view{key};
  else if constexpr (std::integral<K> || std::is_enum_v<K>)
    encode_integer(out, static_cast<std::uint64_t>(key));
  else if constexpr (requires { std::tuple_size<K>::value; })
    std::apply([&](const auto&... parts) { (nested(parts), ...); }, key);
  else if constexpr (boost::describe::has_describe_members<K>::value)
    boost::mp11::mp_for_each<described_members<K>>([&](auto member) { nested(key.*member.pointer); });
  else
    static_assert(!sizeof(K),
                  "a key is a string, an integer, an enum, a tuple of such, or a described struct");
}

/// A record whose key could not be worked out: the author's function threw.
struct key_failure {
  std::uint32_t index;
  error why;
};
/// The group of a record without a key: it goes to no worker.
inline constexpr std::uint16_t no_key_group = UINT16_MAX;

/// Writes the key group of every record of records[places[0, ...)] (null: of records[0, ...)); no_key_group,
/// and a failure, where the key function threw.
using key_group_function =
    std::function<void(const void* records, const std::uint32_t* places, std::span<std::uint16_t> groups,
                       std::vector<key_failure>& failed)>;

} // namespace detail

namespace detail {
/// Hashing a key of this type cannot fail.
template <class K>
inline constexpr bool hashes_nothrow =
    std::is_convertible_v<const K&, std::string_view> || std::integral<K> || std::is_enum_v<K>;
} // namespace detail

/// The hash of the encoded key.
template <class K>
std::uint64_t key_hash(const K& key) {
  if constexpr (std::is_convertible_v<const K&, std::string_view>)
    return hash_bytes(std::string_view{key});
  else if constexpr (std::integral<K> || std::is_enum_v<K>)
    return hash_integer(static_cast<std::uint64_t>(key));
  else {
    thread_local std::string bytes;
    bytes.clear();
    detail::encode_key(bytes, key);
    return hash_bytes(bytes);
  }
}

/// The key group of `key`, 0 to 127.
template <class K>
std::uint16_t key_group_of(const K& key) {
  return static_cast<std::uint16_t>(key_hash(key) % key_groups);
}

/// Which of `workers` serves a key group.
constexpr std::uint32_t worker_of_group(std::uint16_t group, std::uint32_t workers) noexcept {
  return static_cast<std::uint32_t>(group) * workers / key_groups;
}

} // namespace weir
