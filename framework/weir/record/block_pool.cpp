#include <weir/record/block_pool.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

namespace weir::block_pool {

namespace {

constexpr std::size_t smallest = 256;
constexpr std::size_t largest = std::size_t{1} << 20U;
constexpr std::size_t classes = 13; // 256 << 12 == 1 MiB
constexpr std::size_t kept_by_thread = 8;
constexpr std::size_t shared_bytes = std::size_t{16} << 20U; // of each class

struct shared_stack {
  std::mutex mutex;
  std::vector<void*> blocks;
};

// Never destroyed: threads that outlive main may still give blocks back.
std::array<shared_stack, classes>& shared() {
  static auto* stacks = new std::array<shared_stack, classes>;
  return *stacks;
}

struct thread_cache {
  std::array<std::array<void*, kept_by_thread>, classes> blocks{};
  std::array<std::size_t, classes> count{};
  ~thread_cache() {
    for (std::size_t c = 0; c < classes; ++c)
      for (std::size_t i = 0; i < count[c]; ++i)
        std::free(blocks[c][i]);
    gone = true;
  }
  static thread_local bool gone;
};
thread_local bool thread_cache::gone = false;
thread_local thread_cache cache;

std::size_t class_of(std::size_t bytes) {
  return static_cast<std::size_t>(std::countr_zero(std::bit_ceil(std::max(bytes, smallest)) / smallest));
}

void* allocate(std::size_t bytes) {
  void* memory = std::aligned_alloc(64, bytes);
  if (memory == nullptr)
    throw std::bad_alloc{};
  return memory;
}

} // namespace

void* take(std::size_t& bytes) {
  if (bytes > largest) {
    bytes = (bytes + 63) / 64 * 64;
    return allocate(bytes);
  }
  const std::size_t c = class_of(bytes);
  bytes = smallest << c;
  if (!thread_cache::gone && cache.count[c] > 0)
    return cache.blocks[c][--cache.count[c]];
  auto& stack = shared()[c];
  {
    const std::lock_guard lock{stack.mutex};
    if (!stack.blocks.empty()) {
      void* block = stack.blocks.back();
      stack.blocks.pop_back();
      return block;
    }
  }
  return allocate(bytes);
}

void give(void* block, std::size_t bytes) noexcept {
  if (bytes > largest) {
    std::free(block);
    return;
  }
  const std::size_t c = class_of(bytes);
  if (!thread_cache::gone && cache.count[c] < kept_by_thread) {
    cache.blocks[c][cache.count[c]++] = block;
    return;
  }
  auto& stack = shared()[c];
  {
    const std::lock_guard lock{stack.mutex};
    if (stack.blocks.size() * bytes < shared_bytes) {
      stack.blocks.push_back(block); // only grows to its bound: no throw after that
      return;
    }
  }
  std::free(block);
}

} // namespace weir::block_pool
