#pragma once

// Blocks: how a chain of simple steps runs at the speed of a loop over arrays.
//
// Record by record, a fused chain waits for its own results: a filter that follows a map mispredicts half of
// its branches, and each time the processor throws away the maps that it had begun ahead. So where every step
// is a map, an update or a filter of small trivially copyable records, a task is cut into blocks of some
// hundred records, and each step runs over the whole block before the next one does. Values between steps lie
// in a buffer that stays in the first-level cache; a filter moves no values, it thins out a list of places.
//
// What a user can see of it: in a block, a step is called for all records before the step behind it is called
// for the first. Nodes that must stop at the first failure (keyed, ordered), or whose calls are watched for
// time, go record by record.
//
// Invariants: `index[i]` is the record of the input that value `i` was made of, rising. A record that fails
// is taken out, alone. Nothing is emitted before the last step has run, so nothing has to be taken back.
//
// Source: the block-at-a-time execution of column stores (Boncz, Zukowski, Nes: MonetDB/X100, CIDR 2005).

#include <weir/node/task.hpp>
#include <weir/record/record_block.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <numeric>
#include <type_traits>
#include <utility>

namespace weir::detail {

class block {
 public:
  block(task_scope& scope, std::uint32_t first, std::uint32_t size) noexcept : scope(scope), size(size) {
    std::iota(index, index + size, first);
  }

  task_scope& scope;
  std::uint32_t size;
  std::uint32_t index[block_records];

  /// Calls one(i, to) for every value i: true when it was put at place `to`, which is then taken; false when
  /// it is let go, having failed or not.
  template <class One>
  void select(One&& one) {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    while (from < size) {
      try {
        for (; from < size; ++from) {
          index[to] = index[from];
          to += static_cast<std::uint32_t>(one(from, to));
        }
      } catch (...) {
        scope.threw = true;
        scope.fail(index[from], std::current_exception());
        ++from;
      }
    }
    size = to;
  }
  /// Calls one(i, to) for every value i, whose place in the end is `to`. All stay but those that fail: by a
  /// throw, or because `one` answers false after fail(to). The loop writes nothing but what `one` writes:
  /// what else it did would push the next records' work out of the processor's sight.
  template <class One>
  void for_each(One&& one) {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    const std::uint32_t all = size;
    while (from < all) {
      try {
        for (; from < all; ++from, ++to)
          if (!one(from, to)) [[unlikely]]
            break;
      } catch (...) {
        scope.threw = true;
        scope.fail(index[to], std::current_exception());
      }
      if (from < all) {
        std::copy(index + to + 1, index + size, index + to);
        --size;
        ++from;
      }
    }
  }
  /// Value `i` has failed by value.
  bool fail(std::uint32_t i, error why) {
    scope.fail(index[i], std::move(why));
    return false;
  }
};

/// Where the values of a block are: one behind the other, or at the places that a filter has left. What is
/// owned is nobody else's to read: a step may change it where it is.
template <class T>
struct owned_values {
  T* at;
  const T& operator[](std::uint32_t i) const noexcept { return at[i]; }
  static std::uint32_t place(std::uint32_t i) noexcept { return i; }
};
template <class T>
struct dense_values {
  const T* at;
  const T& operator[](std::uint32_t i) const noexcept { return at[i]; }
  static std::uint32_t place(std::uint32_t i) noexcept { return i; }
};
template <class T>
struct placed_values {
  const T* at;
  const std::uint32_t* places;
  const T& operator[](std::uint32_t i) const noexcept { return at[places[i]]; }
  std::uint32_t place(std::uint32_t i) const noexcept { return places[i]; }
};
template <class T>
owned_values(T*) -> owned_values<T>;
template <class T>
dense_values(T*) -> dense_values<std::remove_const_t<T>>;
template <class T>
placed_values(T*, const std::uint32_t*) -> placed_values<std::remove_const_t<T>>;

template <class Values>
inline constexpr bool is_owned = false;
template <class T>
inline constexpr bool is_owned<owned_values<T>> = true;

} // namespace weir::detail
