#pragma once

// Aggregation over the whole stream: per key on a keyed stream, over everything otherwise. (Windows are
// another way to end an aggregate.) An aggregator is a copyable class with
//
//     void add(const In&);
//     Out result() const;                 // or Out result(const Key&) const on a keyed stream
//
// Each key starts from a copy of the aggregator as it was given. The results are emitted when the input has
// ended, per key in the order of their keys (which need operator<). An add() that throws must leave the
// aggregator as it was, as the record may be tried again.

#include <weir/node/context.hpp>
#include <weir/record/key.hpp>

#include <algorithm>
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir {

template <class A, class In>
concept aggregator = std::copy_constructible<A> && requires(A a, const In& x) { a.add(x); } &&
                     requires(const A& a) { a.result(); };

template <class A, class In, class K>
concept keyed_aggregator = std::copy_constructible<A> && requires(A a, const In& x) {
  a.add(x);
} && (requires(const A& a, const K& k) { a.result(k); } || requires(const A& a) { a.result(); });

namespace detail {

template <class A, class K>
auto result_of(const A& a, const K& key) {
  if constexpr (requires { a.result(key); })
    return a.result(key);
  else
    return a.result();
}

/// A key as it is kept: a view into a record would not outlive it.
template <class K>
using owned_key = std::conditional_t<std::is_convertible_v<const K&, std::string_view>, std::string, K>;

/// Looks keys up without making an owned one of a view.
struct key_hasher {
  using is_transparent = void;
  template <class K>
  std::size_t operator()(const K& key) const {
    return key_hash(key);
  }
};

struct key_equal {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    if constexpr (requires { a == b; })
      return a == b;
    else
      return !(a < b) && !(b < a);
  }
};

/// Node class behind aggregate() on a keyed stream.
template <class In, class A, class KeyOf>
class keyed_aggregate {
  using key = owned_key<std::remove_cvref_t<std::invoke_result_t<const KeyOf&, const In&>>>;

 public:
  using out = decltype(result_of(std::declval<const A&>(), std::declval<const key&>()));
  keyed_aggregate(A first, std::shared_ptr<const KeyOf> key_of)
      : first_(std::move(first)), key_of_(std::move(key_of)) {}

  void on_record(const In& record, context<out>&) {
    const auto& named = std::invoke(*key_of_, record);
    auto at = state_.find(named);
    const bool made = at == state_.end();
    if (made)
      at = state_.try_emplace(key(named), first_).first;
    try {
      at->second.add(record);
    } catch (...) {
      if (made) // a key without records has no result
        state_.erase(at);
      throw;
    }
  }
  void on_drain(context<out>& to) {
    std::vector<const std::pair<const key, A>*> sorted;
    sorted.reserve(state_.size());
    for (const auto& entry : state_)
      sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->first < b->first; });
    for (const auto* entry : sorted) {
      to.about_key(key_hash(entry->first));
      to.emit(result_of(entry->second, entry->first));
    }
  }

 private:
  A first_;
  std::shared_ptr<const KeyOf> key_of_;
  std::unordered_map<key, A, key_hasher, key_equal> state_;
};

/// Node class behind aggregate() on a stream without keys.
template <class In, class A>
class whole_aggregate {
 public:
  using out = decltype(std::declval<const A&>().result());
  explicit whole_aggregate(A first) : state_(std::move(first)) {}
  void on_record(const In& record, context<out>&) { state_.add(record); }
  void on_drain(context<out>& to) { to.emit(state_.result()); }

 private:
  A state_;
};

} // namespace detail
} // namespace weir
