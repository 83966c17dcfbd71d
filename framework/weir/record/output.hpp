#pragma once

// Where the records that user code makes are collected: one `port_output` an output port and task, and the
// `source_output` a source emits into. Single-threaded; used by contexts, fused steps and sources, not by
// authors.

#include <weir/base/result.hpp>
#include <weir/record/batch.hpp>
#include <weir/record/record_block.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir {

/// Bounds of what travels. Larger batches cost latency and memory, smaller ones a message each.
struct batch_limits {
  /// Records in a batch at most. Default 2,048.
  std::uint32_t max_records = 2048;
  /// Bytes of records in a batch at most (one record may exceed it). Default 128 KiB.
  std::size_t max_bytes = std::size_t{128} << 10U;
  /// A larger record becomes a dead letter of kind `overflow`. Default 1 MiB.
  std::size_t max_record_bytes = std::size_t{1} << 20U;
  /// A record whose outputs exceed this becomes a dead letter of kind `overflow`. Default 64 MiB.
  std::size_t max_task_output = std::size_t{64} << 20U;
  friend bool operator==(const batch_limits&, const batch_limits&) = default;
};

/// Thrown into the failing step when a record or a task's output is over its limit; permanent.
class output_overflow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The same for max_task_output: the task ends before the record that did not fit, if it is not the first.
class task_overflow final : public output_overflow {
 public:
  using output_overflow::output_overflow;
};

namespace detail {

[[noreturn]] void throw_record_too_large(std::size_t bytes, std::size_t limit);
[[noreturn]] void throw_task_output_too_large(std::size_t limit);

/// Records of this type that a batch holds at most.
inline std::uint32_t capacity_of(const record_type& type, const batch_limits& limits) noexcept {
  const std::size_t by_bytes = limits.max_bytes / type.size;
  return by_bytes < limits.max_records ? static_cast<std::uint32_t>(by_bytes + 1)
                                       : std::max(1U, limits.max_records);
}

/// The outputs of one task on one port: batches being filled. Nothing is sealed before the task has ended, so
/// the outputs of a record that fails half way can be taken back (`mark`, `roll_back`).
class port_output {
 public:
  struct position {
    std::size_t builders = 0;
    std::uint32_t size = 0;
    std::size_t bytes = 0;
  };

  port_output(const record_type& type, batch_limits limits, std::shared_ptr<byte_budget> budget)
      : type_(&type), limits_(limits), budget_(std::move(budget)) {}

  /// The next outputs come from records of this origin; `expected` records are likely.
  void begin(std::uint32_t source, std::uint64_t first_position, time_point origin, std::uint32_t expected) {
    source_ = source;
    first_position_ = first_position;
    origin_ = origin;
    capacity_ = std::clamp(expected, 1U, capacity_of(*type_, limits_));
    bytes_ = 0;
    pushed_ = 0;
  }

  /// Appends a record made from the input record at `offset` from the first position.
  template <class T, class... Args>
  void emplace(std::uint32_t offset, std::uint64_t ordinal, Args&&... args) {
    if (builders_.empty() || builders_.back().full() || builders_.back().bytes() >= limits_.max_bytes)
        [[unlikely]]
      grow();
    batch_builder& open = builders_.back();
    T* made = ::new (open.slot()) T(std::forward<Args>(args)...);
    if constexpr (!std::is_trivially_copyable_v<T>) {
      const std::size_t bytes = byte_size(*made);
      if (bytes > limits_.max_record_bytes || bytes_ + bytes > limits_.max_task_output) [[unlikely]] {
        made->~T();
        reject(bytes);
      }
      open.add_bytes(bytes);
      bytes_ += bytes;
    }
    open.commit(offset, ordinal);
    ++pushed_;
  }

  /// Room for the next records, uninitialised; `n` becomes how many, from 1 to what it was. Only for
  /// trivially copyable types.
  template <class T>
  T* block(std::uint32_t& n) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (builders_.empty() || builders_.back().full())
      grow();
    n = std::min(n, builders_.back().room());
    return static_cast<T*>(builders_.back().slot());
  }
  /// The first `n` of that room are filled: each was made of the record of `from` at `index[i]`.
  void commit_block(const batch& from, const std::uint32_t* index, std::uint32_t n) {
    builders_.back().commit_from(from, index, n);
    pushed_ += n;
  }

  position mark() const noexcept {
    return {builders_.size(), builders_.empty() ? 0 : builders_.back().size(), bytes_};
  }
  void roll_back(const position& to) noexcept;

  /// Records appended since begin().
  std::uint64_t pushed() const noexcept { return pushed_; }
  /// Seals everything into batches, in order.
  std::vector<batch_ptr> finish();
  const record_type& type() const noexcept { return *type_; }
  const batch_limits& limits() const noexcept { return limits_; }
  const std::shared_ptr<byte_budget>& budget() const noexcept { return budget_; }
  std::uint32_t source() const noexcept { return source_; }

 private:
  void grow();
  [[noreturn]] void reject(std::size_t bytes) const;

  const record_type* type_;
  batch_limits limits_;
  std::shared_ptr<byte_budget> budget_;
  std::uint32_t source_ = 0;
  std::uint32_t capacity_ = 1;
  std::uint64_t first_position_ = 0;
  time_point origin_{};
  std::size_t bytes_ = 0;
  std::uint64_t pushed_ = 0;
  std::vector<batch_builder> builders_;
};

/// A piece of input that a source could not make a record of.
struct rejected_input {
  std::uint64_t position;
  std::string payload;
  error why;
  bool overflow = false; ///< over max_record_bytes, not broken
};

/// What a source has emitted and not yet handed on. Stays open over polls, so that slow sources fill whole
/// batches. Records of small trivially copyable types may go through blocks on their way (go_through).
class source_output_base : private block_end {
 public:
  source_output_base(const record_type& type, std::uint32_t source, batch_limits limits,
                     std::shared_ptr<byte_budget> budget)
      : type_(&type), source_(source), limits_(limits), budget_(std::move(budget)) {}
  ~source_output_base() override = default;
  source_output_base(const source_output_base&) = delete;
  source_output_base& operator=(const source_output_base&) = delete;

  /// Its records may go through blocks.
  virtual bool has_blocks() const noexcept = 0;
  /// Records go through `steps` (null: none) and are put into `end`; null: into the batches that take()
  /// gives, which then are of type `made`, what the steps make. Before the first poll, and only if
  /// has_blocks().
  void go_through(std::unique_ptr<block_steps> steps, block_end* end, const record_type* made);
  bool goes_through_blocks() const noexcept { return through_blocks_; }
  /// Ends a poll: nothing is left in a block.
  void end_poll() {
    if (held_ > 0)
      run_block(held_);
  }
  /// How many records went into blocks, and came out of them, since this was asked last.
  struct block_counts {
    std::uint64_t in = 0;
    std::uint64_t out = 0;
  };
  block_counts take_counts() noexcept { return std::exchange(counts_, {}); }

  void begin_poll(time_point now, std::uint32_t demand) noexcept {
    now_ = now;
    demand_ = demand;
    emitted_ = 0;
  }
  std::size_t room() const noexcept { return emitted_ < demand_ ? demand_ - emitted_ : 0; }
  void reject(std::string payload, error why) {
    end_poll(); // a block has consecutive positions
    rejected_.push_back({position_++, std::move(payload), std::move(why)});
    ++emitted_;
  }

  /// Records not handed on yet.
  std::uint32_t pending() const noexcept { return open_.size(); }
  time_point pending_since() const noexcept { return open_.origin(); }
  bool full() const noexcept override { return !filled_.empty() || (open_ && is_full()); }
  /// Something that can be handed on is full, wherever records go.
  bool end_is_full() const { return end_ != nullptr ? end_->full() : full(); }
  /// Seals and takes the batches: the full ones, or, with `flush`, all.
  std::vector<batch_ptr> take(bool flush);
  std::vector<rejected_input> take_rejected() { return std::exchange(rejected_, {}); }
  /// Positions given so far: the position of the next record.
  std::uint64_t position() const noexcept { return position_; }
  void seek(std::uint64_t position) noexcept { position_ = position; }

 protected:
  void make_room();
  bool is_full() const noexcept {
    return open_.full() || open_.bytes() >= limits_.max_bytes ||
           position_ - open_.first_position() >= UINT32_MAX;
  }
  /// The first `n` records of the block are there, at the positions before `position_`.
  void run_block(std::uint32_t n);

  const record_type* type_;
  std::uint32_t source_;
  batch_limits limits_;
  std::shared_ptr<byte_budget> budget_;
  time_point now_{};
  std::uint32_t demand_ = 0;
  std::uint32_t emitted_ = 0;
  std::uint64_t position_ = 0;
  batch_builder open_;
  std::vector<batch_ptr> filled_;
  std::vector<rejected_input> rejected_;
  bool through_blocks_ = false;
  std::byte* block_ = nullptr;
  std::uint32_t held_ = 0; ///< records in the block that have their positions and went nowhere yet

 private:
  void put(const record_block& block) override;

  std::unique_ptr<block_steps> steps_;
  block_end* end_ = nullptr;
  block_counts counts_;
};

template <class T>
class source_output final : public source_output_base {
 public:
  source_output(std::uint32_t source, batch_limits limits, std::shared_ptr<byte_budget> budget)
      : source_output_base(record_type_of<T>(), source, limits, std::move(budget)) {
    if constexpr (buffered<T>)
      block_ = own_block_.bytes;
  }
  bool has_blocks() const noexcept override { return buffered<T>; }

  void push(T&& record) {
    std::size_t bytes = sizeof(T);
    if constexpr (!std::is_trivially_copyable_v<T>) {
      bytes = byte_size(record);
      if (bytes > limits_.max_record_bytes) [[unlikely]] {
        std::string payload = payload_text(record); // may throw: then the record counts as never emitted
        rejected_.push_back({position_++, std::move(payload),
                             permanent("record of " + std::to_string(bytes) + " bytes is over the limit of " +
                                           std::to_string(limits_.max_record_bytes),
                                       {}, "raise max_record_bytes or make the record smaller"),
                             true});
        ++emitted_;
        return;
      }
    }
    if constexpr (buffered<T>)
      if (through_blocks_) {
        ::new (block_ + held_ * sizeof(T)) T(std::move(record));
        ++position_;
        ++emitted_;
        if (++held_ == block_records)
          run_block(block_records);
        return;
      }
    if (!open_ || is_full()) [[unlikely]]
      make_room();
    ::new (open_.slot()) T(std::move(record));
    if constexpr (!std::is_trivially_copyable_v<T>)
      open_.add_bytes(bytes);
    open_.commit(static_cast<std::uint32_t>(position_++ - open_.first_position()));
    ++emitted_;
  }
  std::span<T> prepare(std::size_t n) {
    if constexpr (buffered<T>)
      if (through_blocks_)
        return {reinterpret_cast<T*>(block_) + held_, std::min<std::size_t>(n, block_records - held_)};
    if (!open_ || is_full())
      make_room();
    return {static_cast<T*>(open_.slot()), std::min<std::size_t>(n, open_.room())};
  }
  void commit(std::size_t n) {
    if (n == 0)
      return;
    if (through_blocks_) {
      position_ += n;
      emitted_ += static_cast<std::uint32_t>(n);
      held_ += static_cast<std::uint32_t>(n);
      if (held_ == block_records)
        run_block(block_records);
      return;
    }
    open_.commit_run(static_cast<std::uint32_t>(position_ - open_.first_position()),
                     static_cast<std::uint32_t>(n));
    position_ += n;
    emitted_ += static_cast<std::uint32_t>(n);
  }

 private:
  struct no_block {};
  struct alignas(64) block {
    std::byte bytes[block_records * sizeof(T)];
  };
  [[no_unique_address]] std::conditional_t<buffered<T>, block, no_block> own_block_;
};

} // namespace detail
} // namespace weir
