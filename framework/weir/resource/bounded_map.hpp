#pragma once

// Values by key, bounded by their weight in bytes. Which one goes when there is no room is decided by S3-FIFO
// (Yang, Zhang, Qiu, Yue, Vinayak: FIFO queues are all you need for cache eviction, SOSP 2023,
// doi:10.1145/3600006.3613147): what is new waits in a small queue, a tenth of the bytes. What was used more
// than once by the time it reaches the end of it moves to the main queue, what was not goes first, so that
// many keys asked for once cannot push out what is used often. In the main queue what was used since it last
// reached the end goes round again. Who comes back soon after it went enters the main queue at once.
//
// Invariant: bytes() <= the bound. Not thread-safe. What is removed is handed to the caller, who destroys it
// when no lock is held.

#include <weir/base/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace weir::detail {

template <class Key, class T, class Hash = std::hash<Key>>
class bounded_map {
 public:
  using removed = std::vector<T>;

  explicit bounded_map(std::size_t most) : most_(most) {}

  struct entry {
    T value;
    time_point expires;
    std::size_t weight = 0;
    std::uint8_t uses = 0; ///< since it was put or last looked at, up to 3
    bool proven = false;   ///< in the main queue
    typename std::list<std::pair<const Key, entry>*>::iterator place = {};
  };

  /// Null if there is none.
  entry* find(const Key& key) {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &found->second;
  }
  static void used(entry& e) noexcept { e.uses = e.uses < 3 ? e.uses + 1 : 3; }

  /// In the place of what is there. What is heavier than the bound is not kept.
  void put(const Key& key, T value, std::size_t weight, time_point expires, removed& gone) {
    const entry* before = find(key);
    const bool known = (before != nullptr && before->proven) || ghosts_.erase(Hash{}(key)) > 0;
    erase(key, gone);
    if (weight > most_)
      return;
    while (weight > most_ - bytes_)
      push_out_one(gone);
    const auto at = index_.try_emplace(key, entry{std::move(value), expires, weight, 0, known}).first;
    at->second.place = queue_of(at->second).insert(queue_of(at->second).begin(), &*at);
    count(at->second);
  }

  bool erase(const Key& key, removed& gone) {
    const auto found = index_.find(key);
    if (found == index_.end())
      return false;
    drop(found, gone);
    return true;
  }
  void clear(removed& gone) {
    while (!index_.empty())
      drop(index_.begin(), gone);
  }

  std::size_t size() const noexcept { return index_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }
  /// Entries that went because others needed their room.
  std::uint64_t pushed_out() const noexcept { return pushed_out_; }

 private:
  using map = std::unordered_map<Key, entry, Hash>;
  using queue = std::list<typename map::value_type*>; ///< newest first

  queue& queue_of(const entry& e) noexcept { return e.proven ? main_ : small_; }
  void count(const entry& e) noexcept {
    bytes_ += e.weight;
    small_bytes_ += e.proven ? 0 : e.weight;
  }
  void drop(typename map::iterator at, removed& gone) {
    entry& e = at->second;
    gone.push_back(std::move(e.value));
    bytes_ -= e.weight;
    small_bytes_ -= e.proven ? 0 : e.weight;
    queue_of(e).erase(e.place);
    index_.erase(at);
  }

  /// One step: the end of a queue goes, or goes on.
  void push_out_one(removed& gone) {
    const bool from_small = !small_.empty() && (main_.empty() || small_bytes_ > most_ / 10);
    auto& [key, e] = from_small ? *small_.back() : *main_.back();
    if (e.uses > (from_small ? 1 : 0)) {
      main_.splice(main_.begin(), queue_of(e), e.place);
      if (from_small)
        small_bytes_ -= e.weight;
      e.uses = from_small ? 0 : e.uses - 1;
      e.proven = true;
      return;
    }
    ++pushed_out_;
    if (from_small)
      remember(Hash{}(key));
    drop(index_.find(key), gone);
  }

  /// The hashes of as many keys as there are entries.
  void remember(std::size_t hash) {
    if (ghosts_.insert(hash).second)
      ghost_order_.push_back(hash);
    while (ghost_order_.size() > index_.size()) {
      ghosts_.erase(ghost_order_.front());
      ghost_order_.pop_front();
    }
  }

  const std::size_t most_;
  map index_;
  queue small_, main_;
  std::size_t bytes_ = 0, small_bytes_ = 0;
  std::unordered_set<std::size_t> ghosts_;
  std::deque<std::size_t> ghost_order_;
  std::uint64_t pushed_out_ = 0;
};

} // namespace weir::detail
