#pragma once

// The records of one task: a slice of a batch, as user code sees it.

#include <weir/record/batch.hpp>

#include <span>

namespace weir {

/// A view of consecutive records with their ids. Valid during the call it is passed to.
template <class T>
class records {
 public:
  using value_type = T;
  records(const batch& b, std::uint32_t begin, std::uint32_t end) : batch_(&b), begin_(begin), end_(end) {}

  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  const T& operator[](std::size_t i) const noexcept { return span()[i]; }
  const T* begin() const noexcept { return batch_->as<T>() + begin_; }
  const T* end() const noexcept { return batch_->as<T>() + end_; }
  std::span<const T> span() const noexcept { return {begin(), size()}; }
  operator std::span<const T>() const noexcept { return span(); }

  /// Stable over replays: use it to recognise a record that was seen before.
  record_id id(std::size_t i) const noexcept { return batch_->id(begin_ + static_cast<std::uint32_t>(i)); }
  /// When the oldest record of the batch left its source.
  time_point origin() const noexcept { return batch_->origin(); }

 private:
  const batch* batch_;
  std::uint32_t begin_;
  std::uint32_t end_;
};

} // namespace weir
