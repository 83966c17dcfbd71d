#pragma once

// Recycled memory for batches.
//
// Blocks come in powers of two from 256 bytes to 1 MiB; larger ones go to the allocator. Each thread keeps a
// few blocks a size, last in first out, so that the block it gets is the one still in its cache; the rest are
// shared behind a lock, and what exceeds a bound is freed. It is an allocator: it holds memory, no state of a
// run. Thread-safe.

#include <cstddef>

namespace weir::block_pool {

/// At least `bytes` bytes aligned to 64; `bytes` is set to the size of the block.
void* take(std::size_t& bytes);
/// Returns a block; `bytes` as `take` set it.
void give(void* block, std::size_t bytes) noexcept;

} // namespace weir::block_pool
