#pragma once

// Values that are costly to compute, kept in memory by key, bounded by bytes and by age.
//
//     weir::cache<std::string, page> pages{{.max_bytes = 64 << 20, .max_age = std::chrono::minutes{5}}};
//
//     auto found = pages.get_or_compute(url, [&] { return download(url); }, context.stop());
//     if (!found)
//       return found.error();
//     use(**found); // the page stays alive for as long as `found` does, in the cache or not
//
// Invariants:
//  1. The weights of all entries together are <= max_bytes, at any moment.
//  2. A value older than max_age is never answered.
//  3. A key is computed by one caller at a time; others who ask for it wait for that value, and for nothing
//  else: other keys are served meanwhile. The computation runs, and values are destroyed, outside the lock.
//  4. Who waits always comes back: with the value, with the error that the computation answered or threw,
//  with a transient error when its stop token is requested or its worker abandoned. When the worker that
//  computes is abandoned (weir/base/abandonment.hpp), one of those who wait, or the next who asks, computes
//  instead; what the late worker still makes is answered to itself alone.
//  5. What put(), erase() or clear() says about a key is not undone by a computation that began before.
// What goes when there is no room: see bounded_map.hpp. Roughly, what was not used for the longest time, but
// keys asked for once cannot push out those asked for often.
// Thread-safe. One mutex, held for a look-up or an insertion. Computations may outlive the cache.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/resource/bounded_map.hpp>
#include <weir/resource/figures.hpp>
#include <weir/resource/joint_work.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

struct cache_options {
  /// All weights together, in bytes. Default 64 MiB. 0 keeps nothing: get_or_compute() still computes once
  /// for all who ask at the same time. The lists and the index take some 150 bytes an entry more.
  std::size_t max_bytes = std::size_t{64} << 20U;
  /// How long a value is answered after it was put. Default 0: for as long as there is room.
  duration max_age = duration::zero();
  /// How long get_or_compute() answers a failed computation's error instead of trying again. Default 0: it is
  /// tried again by who asks next. Raising it spares a service that is down, and is late to see it come back.
  duration cache_failures_for = duration::zero();
  /// What the ages are measured with. Default (null): the machine's monotonic clock.
  std::shared_ptr<const clock> time = nullptr;
};

template <class Key, class Value, class Hash = std::hash<Key>>
class cache {
 public:
  using pointer = std::shared_ptr<const Value>;
  /// The bytes that an entry counts for. Called once an entry, by the thread that brings it.
  using weigher = std::function<std::size_t(const Key&, const Value&)>;

  /// The default weigher sees sizeof, and of a std::string its capacity. Give one where values own more.
  explicit cache(cache_options options = {}, weigher weigh = default_weight)
      : state_(std::make_shared<state>(std::move(options), std::move(weigh))) {}
  cache(const cache&) = delete;
  cache& operator=(const cache&) = delete;

  /// Null if there is none.
  pointer get(const Key& key) {
    removed gone;
    const std::lock_guard lock{state_->mutex};
    const kept* found = state_->find(key, gone);
    const bool hit = found != nullptr && *found;
    ++(hit ? state_->counted.hits : state_->counted.misses);
    return hit ? **found : nullptr;
  }

  /// In the place of what is there.
  void put(const Key& key, Value value) {
    auto made = std::make_shared<const Value>(std::move(value));
    const std::size_t weight = state_->weigh(key, *made);
    removed gone;
    const std::lock_guard lock{state_->mutex};
    state_->under_way.detach(key);
    state_->keep(key, std::move(made), weight, state_->options.max_age, gone);
  }

  /// True if there was something.
  bool erase(const Key& key) {
    removed gone;
    const std::lock_guard lock{state_->mutex};
    state_->under_way.detach(key);
    return state_->entries.erase(key, gone);
  }

  void clear() {
    removed gone;
    const std::lock_guard lock{state_->mutex};
    state_->under_way.detach_all();
    state_->entries.clear(gone);
  }

  /// The value of `key`; if there is none, what `compute()` answers: a Value or a result<Value>. It is kept,
  /// unless it weighs more than max_bytes. `stop` ends waiting for another caller; computing it does not
  /// touch. A computation must not ask for its own key (a permanent error), nor two for each other's (they
  /// would wait for ever).
  template <class Compute>
  result<pointer> get_or_compute(const Key& key, Compute&& compute, std::stop_token stop = {});

  cache_figures figures() const {
    const std::lock_guard lock{state_->mutex};
    cache_figures now = state_->counted;
    now.evicted = state_->entries.pushed_out();
    now.entries = state_->entries.size();
    now.bytes = state_->entries.bytes();
    return now;
  }

 private:
  using kept = result<pointer>;
  using store = detail::bounded_map<Key, kept, Hash>;
  using removed = typename store::removed; // declared before the lock: destroyed after it is free
  using joint = detail::joint_work<Key, pointer, Hash>;

  struct state {
    state(cache_options o, weigher w)
        : options(std::move(o)), weigh(std::move(w)), entries(options.max_bytes), under_way(mutex) {
      if (!options.time)
        options.time = std::make_shared<const steady_clock>();
    }
    const kept* find(const Key& key, removed& gone);
    void keep(const Key& key, kept value, std::size_t weight, duration age, removed& gone) {
      const time_point expires =
          age == duration::zero() ? time_point::max() : later(options.time->now(), age);
      entries.put(key, std::move(value), weight, expires, gone);
    }

    cache_options options;
    const weigher weigh;
    mutable std::mutex mutex; ///< guards all below
    store entries;
    joint under_way;
    cache_figures counted;
  };

  template <class T>
  static std::size_t size_of(const T& x) {
    if constexpr (std::is_same_v<T, std::string>)
      return sizeof x + x.capacity();
    else
      return sizeof x;
  }
  static std::size_t default_weight(const Key& key, const Value& value) {
    return size_of(key) + size_of(value);
  }
  static std::size_t weight_of(const error& e) {
    return sizeof e + e.what.capacity() + e.where.capacity() + e.fix.capacity();
  }

  std::shared_ptr<state> state_;
};

/// What is there and not too old, or null.
template <class Key, class Value, class Hash>
auto cache<Key, Value, Hash>::state::find(const Key& key, removed& gone) -> const kept* {
  auto* found = entries.find(key);
  if (found == nullptr)
    return nullptr;
  if (found->expires != time_point::max() && found->expires <= options.time->now()) {
    counted.expired += 1;
    entries.erase(key, gone);
    return nullptr;
  }
  entries.used(*found);
  return &found->value;
}

template <class Key, class Value, class Hash>
template <class Compute>
auto cache<Key, Value, Hash>::get_or_compute(const Key& key, Compute&& compute, std::stop_token stop)
    -> result<pointer> {
  const std::shared_ptr<state> s = state_; // the cache may end before the computation
  removed gone;
  std::size_t weight = 0;
  const auto make = [&]() -> result<pointer> {
    auto made = result<Value>(std::forward<Compute>(compute)());
    if (!made) {
      weight = weight_of(made.error());
      return std::move(made).error();
    }
    auto value = std::make_shared<const Value>(*std::move(made));
    weight = s->weigh(key, *value);
    return pointer{std::move(value)};
  };
  const auto settle = [&](const result<pointer>& made, bool attached) {
    ++(made ? s->counted.computed : s->counted.failed);
    if (!attached)
      return;
    if (made)
      s->keep(key, made, weight, s->options.max_age, gone);
    else if (s->options.cache_failures_for > duration::zero())
      s->keep(key, made, weight, s->options.cache_failures_for, gone);
  };

  for (bool first = true;; first = false) { // again when the worker that was waited for was abandoned
    typename joint::handle work;
    bool mine = false;
    {
      const std::lock_guard lock{s->mutex};
      const kept* found = s->find(key, gone);
      work = found != nullptr ? nullptr : s->under_way.find(key);
      const bool joined = work != nullptr;
      if (first)
        ++(found != nullptr ? s->counted.hits : joined ? s->counted.coalesced : s->counted.misses);
      if (found != nullptr)
        return *found;
      mine = !joined;
      if (mine)
        work = s->under_way.begin(key);
    }
    if (mine)
      return s->under_way.lead(key, work, make, settle);
    if (auto over = s->under_way.wait(*work, stop); !over)
      return std::move(over).error();
    if (work->outcome)
      return *work->outcome;
  }
}

} // namespace weir
