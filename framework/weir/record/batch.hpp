#pragma once

// A batch: what an edge carries.
//
// One block of memory: this header, up to `capacity` records of one type, and, once some positions are
// missing, a 32-bit position offset a record (plus, after a flat map only, 64-bit ordinals). Built by one
// thread through a `batch_builder`, then sealed: from then on it is immutable and shared by counted pointers
// (`batch_ptr`), so fan-out, ledger and retries cost no copy. When the last pointer goes, the records are
// destroyed and the block returns to a pool (see block_pool.hpp).
//
// One exception: a batch that nobody else holds may be changed in place, through a `batch_editor`, by the
// node that was handed it, and travels on as that node's output.
//
// Thread-safety: a sealed batch may be read by any thread.

#include <weir/base/byte_budget.hpp>
#include <weir/base/clock.hpp>
#include <weir/record/record_id.hpp>
#include <weir/record/record_type.hpp>

#include <algorithm>
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
    return {source_, first_position_ + offset(index), ordinals_.empty() ? 0 : ordinals_[index]};
  }
  /// Position of a record after the first position.
  std::uint32_t offset(std::uint32_t index) const noexcept { return dense_ ? index : offsets()[index]; }
  /// No position is missing: offset(i) == i.
  bool dense() const noexcept { return dense_; }
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
  /// One pointer holds it: nobody else can read it, now or later.
  bool unique() const noexcept { return refs_.load(std::memory_order_acquire) == 1; }
  /// Made by `make` in this process and not destroyed yet (for tests and figures).
  static std::int64_t live() noexcept;

  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;

 private:
  friend class batch_builder;
  friend class batch_editor;
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
  /// Writes down the offsets of the first `n` records, which were those of a dense batch.
  void make_sparse(std::uint32_t n) noexcept;

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
  bool dense_ = true;
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
  void commit(std::uint32_t offset) noexcept {
    if (batch_->dense_ && offset != batch_->size_) [[unlikely]]
      batch_->make_sparse(batch_->size_);
    if (!batch_->dense_)
      batch_->offsets()[batch_->size_] = offset;
    ++batch_->size_;
  }
  void commit(std::uint32_t offset, std::uint64_t ordinal) {
    if (ordinal != 0 || !batch_->ordinals_.empty()) {
      batch_->ordinals_.resize(batch_->size_, 0);
      batch_->ordinals_.push_back(ordinal);
    }
    commit(offset);
  }
  /// The next `n` records are there, at consecutive offsets.
  void commit_run(std::uint32_t first_offset, std::uint32_t n) noexcept;
  /// The next `n` records are there: each was made of the record of `from` at `index[i]`, in rising order.
  /// `shift`: from the first position here to the first position of `from`.
  void commit_from(const batch& from, const std::uint32_t* index, std::uint32_t n, std::uint32_t shift = 0);
  /// The next `n` records are there, at the offsets base + places[i], in rising order.
  void commit_places(const std::uint32_t* places, std::uint32_t n, std::uint32_t base) noexcept;
  void not_younger_than(time_point origin) noexcept { batch_->origin_ = std::min(batch_->origin_, origin); }
  std::uint32_t room() const noexcept { return batch_->capacity_ - batch_->size_; }
  /// Forgets all records after the first `size` (a record's outputs, when it failed half way).
  void truncate(std::uint32_t size) noexcept;
  /// Ends the filling: from here on immutable. The builder is empty afterwards.
  batch_ptr seal();

 private:
  batch* batch_ = nullptr;
};

/// Changes a batch of trivially copyable records in place. Who makes one must be the only reader: see
/// batch::unique.
class batch_editor {
 public:
  explicit batch_editor(const batch& only) noexcept : batch_(const_cast<batch&>(only)) {}

  template <class T>
  T* as() noexcept {
    return reinterpret_cast<T*>(batch_.data());
  }
  std::uint32_t size() const noexcept { return batch_.size_; }
  std::shared_ptr<byte_budget> share_budget() const noexcept { return batch_.budget_; }
  /// Before the first keep(): positions are written down.
  void begin_keeping() noexcept {
    if (batch_.dense_)
      batch_.make_sparse(batch_.size_);
    offsets_ = batch_.offsets();
    ordinals_ = batch_.ordinals_.empty() ? nullptr : batch_.ordinals_.data();
  }
  /// The position of record `from` becomes that of `to`, which is no later; both rise from call to call. The
  /// record itself is the caller's to move.
  void keep(std::uint32_t from, std::uint32_t to) noexcept {
    offsets_[to] = offsets_[from];
    if (ordinals_ != nullptr)
      ordinals_[to] = ordinals_[from];
  }
  /// Only the first `n` records are left.
  void shrink(std::uint32_t n) noexcept;

 private:
  batch& batch_;
  std::uint32_t* offsets_ = nullptr;
  std::uint64_t* ordinals_ = nullptr;
};

} // namespace weir
