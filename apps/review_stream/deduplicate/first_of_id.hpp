#pragma once

// The node `deduplicate`: of reviews with the same id the first one passes.

#include <apps/review_stream/review.hpp>
#include <weir/node/context.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::reviews {

/// The last ids, as 128-bit hashes, and which record brought each. Bounded: of `remembered` ids at least half
/// are there, the newest; 40 to 80 bytes an id, taken as they come. Two ids of a million share a hash with a
/// probability of 1e-27. Thread-safety: one thread at a time.
class recent_ids {
 public:
  explicit recent_ids(std::size_t remembered);
  ~recent_ids();
  recent_ids(recent_ids&&) noexcept;
  recent_ids& operator=(recent_ids&&) noexcept;

  /// Whether `by` is the first record with this id, as far as is remembered. The same record asks twice and
  /// is told the same (it may be tried again after a failure).
  bool is_first(std::string_view id, const record_id& by);

 private:
  struct generations;
  std::unique_ptr<generations> known_;
};

/// A callable for `filter`, to be used with one worker. A copy starts with an empty memory and shares the
/// counter of repeats, which may be read by any thread. What is forgotten, or was seen before the program
/// started, is left to the sink: a store with the id as key keeps the first as well.
class first_of_id {
 public:
  /// `remembered`: see recent_ids; 0 lets everything pass.
  explicit first_of_id(std::size_t remembered, std::shared_ptr<std::atomic<std::uint64_t>> repeats)
      : remembered_(remembered), repeats_(std::move(repeats)), known_(remembered) {}
  first_of_id(const first_of_id& other) : first_of_id(other.remembered_, other.repeats_) {}
  first_of_id(first_of_id&&) noexcept = default;
  first_of_id& operator=(first_of_id&&) noexcept = default;
  ~first_of_id() = default;

  bool operator()(const review& r, worker_context& context) {
    if (remembered_ == 0 || known_.is_first(r.id, context.id()))
      return true;
    repeats_->fetch_add(1, std::memory_order_relaxed);
    return false;
  }

 private:
  std::size_t remembered_;
  std::shared_ptr<std::atomic<std::uint64_t>> repeats_;
  recent_ids known_;
};

} // namespace weir::reviews
