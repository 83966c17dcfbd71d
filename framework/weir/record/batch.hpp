#pragma once

// A batch: what an edge carries.
//
// One block of memory: this header, up to `capacity` records of one type, and a 32-bit position offset a
// record (plus, after a flat map only, 64-bit ordinals). Built by one thread through a `batch_builder`, then
// sealed: from then on it is immutable and shared by counted pointers (`batch_ptr`), so fan-out, ledger and
// retries cost no copy. When the last pointer goes, the records are destroyed and the block returns to a pool
// (see block_pool.hpp).
//
// Thread-safety: a sealed batch may be read by any thread.

#include <weir/base/byte_budget.hpp>
#include <weir/base/clock.hpp>
#include <weir/record/record_id.hpp>
#include <weir/record/record_type.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace weir {

class batch;
using batch_ptr = boost::intrusive_ptr<const batch>;

class alignas(64) batch {
 public:
  /// Room for `capacity` records of `type`. The block comes from the pool; `budget` (may be null) is charged
  /// with the bytes of the records when the batch is sealed and released with it.
  static batch* make(const record_type& type, std::uint32_t capacity, std::shared_ptr<byte_budget> budget);

  const record_type& type() const noexcept { return *type_; }
  std::uint32_t size() const noexcept { return size_; }
  std::uint32_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  /// Bytes of all records, heap included.
  std::size_t bytes() const noexcept { return bytes_; }
  /// The node that gave these records their positions.
  std::uint32_t source() const noexcept { return source_; }
  std::uint64_t first_position() const noexcept { return first_position_; }
  /// When the oldest record in it left its source.
  time_point origin() const noexcept { return origin_; }
  record_id id(std::uint32_t index) const noexcept {
    return {source_, first_position_ + offsets()[index], ordinals_.empty() ? 0 : ordinals_[index]};
  }
  std::uint32_t offset(std::uint32_t index) const noexcept { return offsets()[index]; }
  std::uint64_t ordinal(std::uint32_t index) const noexcept {
    return ordinals_.empty() ? 0 : ordinals_[index];
  }
  bool has_ordinals() const noexcept { return !ordinals_.empty(); }

  const void* record(std::uint32_t index) const noexcept { return data() + index * type_->size; }
  /// The records as `T`, which must be type().
  template <class T>
  const T* as() const noexcept {
    return reinterpret_cast<const T*>(data());
  }
  /// Made by `make` in this process and not destroyed yet (for tests and figures).
  static std::int64_t live() noexcept;

  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;

 private:
  friend class batch_builder;
  friend void intrusive_ptr_add_ref(const batch* b) noexcept {
    b->refs_.fetch_add(1, std::memory_order_relaxed);
  }
  friend void intrusive_ptr_release(const batch* b) noexcept {
    if (b->refs_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(const_cast<batch*>(b));
  }
  batch(const record_type& type, std::uint32_t capacity) : type_(&type), capacity_(capacity) {}
  ~batch() = default;
  static void destroy(batch* b) noexcept;

  std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this) + data_offset_; }
  const std::byte* data() const noexcept { return reinterpret_cast<const std::byte*>(this) + data_offset_; }
  std::uint32_t* offsets() noexcept { return reinterpret_cast<std::uint32_t*>(data() + offsets_at_); }
  const std::uint32_t* offsets() const noexcept {
    return reinterpret_cast<const std::uint32_t*>(data() + offsets_at_);
  }

  mutable std::atomic<std::uint32_t> refs_{0};
  const record_type* type_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_;
  std::uint32_t source_ = 0;
  std::uint32_t data_offset_ = 0;
  std::size_t offsets_at_ = 0;
  std::size_t block_bytes_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t first_position_ = 0;
  time_point origin_{};
  std::shared_ptr<byte_budget> budget_;
  bool sealed_ = false;
  std::vector<std::uint64_t> ordinals_;
};

/// How a batch is filled. Owned by one thread.
class batch_builder {
 public:
  batch_builder() = default;
  batch_builder(const record_type& type, std::uint32_t capacity, std::uint32_t source,
                std::uint64_t first_position, time_point origin, std::shared_ptr<byte_budget> budget)
      : batch_(batch::make(type, capacity, std::move(budget))) {
    batch_->source_ = source;
    batch_->first_position_ = first_position;
    batch_->origin_ = origin;
  }
  batch_builder(batch_builder&& other) noexcept : batch_(std::exchange(other.batch_, nullptr)) {}
  batch_builder& operator=(batch_builder&& other) noexcept {
    std::swap(batch_, other.batch_);
    return *this;
  }
  ~batch_builder() {
    if (batch_ != nullptr)
      batch::destroy(batch_);
  }

  explicit operator bool() const noexcept { return batch_ != nullptr; }
  std::uint32_t size() const noexcept { return batch_ != nullptr ? batch_->size_ : 0; }
  bool full() const noexcept { return batch_->size_ == batch_->capacity_; }
  std::uint64_t first_position() const noexcept { return batch_->first_position_; }
  std::uint32_t source() const noexcept { return batch_->source_; }
  time_point origin() const noexcept { return batch_->origin_; }
  std::size_t bytes() const noexcept { return batch_->bytes_; }
  void add_bytes(std::size_t bytes) noexcept { batch_->bytes_ += bytes; }

  /// Where the next record is to be constructed; not full().
  void* slot() noexcept { return batch_->data() + batch_->size_ * batch_->type_->size; }
  /// The record in slot() is there.
  void commit(std::uint32_t offset) noexcept { batch_->offsets()[batch_->size_++] = offset; }
  void commit(std::uint32_t offset, std::uint64_t ordinal) {
    if (ordinal != 0 || !batch_->ordinals_.empty()) {
      batch_->ordinals_.resize(batch_->size_, 0);
      batch_->ordinals_.push_back(ordinal);
    }
    commit(offset);
  }
  /// Forgets all records after the first `size` (a record's outputs, when it failed half way).
  void truncate(std::uint32_t size) noexcept;
  /// Ends the filling: from here on immutable. The builder is empty afterwards.
  batch_ptr seal();

 private:
  batch* batch_ = nullptr;
};

} // namespace weir
