#pragma once

// Blocks of small records on their way from a source into batches.
//
// A batch of 128 KiB does not fit the first-level cache: what a source writes into it has to be fetched again
// by whoever takes it next. So where the first thing that is done with a source's records is known when the
// workflow is built, and cannot fail (steps fused into the source, a split by key), records are made in a
// block of some kilobytes that is used again and again, and only what is left of them is copied to a batch.
//
// Source: the block-at-a-time execution of column stores (Boncz, Zukowski, Nes: MonetDB/X100, CIDR 2005).

#include <weir/base/clock.hpp>

#include <cstdint>
#include <type_traits>

namespace weir::detail {

inline constexpr std::uint32_t block_records = 128;

/// Records of this type may lie in a block.
template <class T>
inline constexpr bool buffered = std::is_trivially_copyable_v<T> && sizeof(T) <= 256;

/// `size` records: the k-th is records[places[k]], and was made of what the source emitted at
/// first_position + index[k].
struct record_block {
  const void* records;
  const std::uint32_t* places; ///< rising; null: k
  const std::uint32_t* index;  ///< rising; null: k
  std::uint32_t size;
  std::uint64_t first_position;
  time_point origin; ///< when it left its source
};

/// Where the records of blocks are copied to. Of the source's thread; may throw for want of memory only.
class block_end {
 public:
  virtual ~block_end() = default;
  virtual void put(const record_block& block) = 0;
  /// What was put can be handed on.
  virtual bool full() const = 0;
};

/// Steps that a block goes through before its end. They may change the block; none of them can fail.
class block_steps {
 public:
  virtual ~block_steps() = default;
  /// The `n` records that a source emitted at consecutive positions from `first_position`. Answers how many
  /// came out at the other side, put into `end`, which is null for steps that deliver.
  virtual std::uint32_t run(void* records, std::uint32_t n, std::uint64_t first_position, time_point origin,
                            block_end* end) = 0;
};

} // namespace weir::detail
