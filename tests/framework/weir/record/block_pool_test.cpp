#include <tests/support/catch.hpp>
#include <weir/record/block_pool.hpp>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace weir;

TEST_CASE("a block is at least as large as asked for, aligned, and its own") {
  std::set<void*> blocks;
  std::vector<std::pair<void*, std::size_t>> taken;
  for (const std::size_t asked :
       {1UL, 255UL, 256UL, 257UL, 4096UL, 100'000UL, 1UL << 20U, (1UL << 20U) + 1, 5UL << 20U}) {
    for (int i = 0; i < 3; ++i) {
      std::size_t bytes = asked;
      void* block = block_pool::take(bytes);
      CHECK(bytes >= asked);
      CHECK(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
      CHECK(blocks.insert(block).second);
      std::memset(block, 0xAB, bytes);
      taken.emplace_back(block, bytes);
    }
  }
  for (const auto& [block, bytes] : taken)
    block_pool::give(block, bytes);
}

TEST_CASE("a block just given back is the next one taken by the same thread") {
  std::size_t bytes = 1000;
  void* first = block_pool::take(bytes);
  block_pool::give(first, bytes);
  std::size_t again = 700;
  void* second = block_pool::take(again);
  CHECK(second == first);
  CHECK(again == bytes);
  block_pool::give(second, again);
}

TEST_CASE("blocks travel between threads and none is held by two at once") {
  struct box {
    std::mutex mutex;
    std::deque<std::pair<unsigned char*, std::size_t>> blocks;
  } shared;
  std::atomic<int> broken{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::minstd_rand random{t + 1};
      for (int i = 0; i < 5000; ++i) {
        std::size_t bytes = 1U << (random() % 13);
        auto* mine = static_cast<unsigned char*>(block_pool::take(bytes));
        std::memset(mine, static_cast<int>(t), bytes);
        for (std::size_t b = 0; b < bytes; b += 61)
          broken += mine[b] != t;
        std::pair<unsigned char*, std::size_t> other{nullptr, 0};
        {
          const std::lock_guard lock{shared.mutex};
          shared.blocks.emplace_back(mine, bytes);
          if (shared.blocks.size() > 50) {
            other = shared.blocks.front();
            shared.blocks.pop_front();
          }
        }
        if (other.first != nullptr) {
          for (std::size_t b = 1; b < other.second; b += 97)
            broken += other.first[b] != other.first[0];
          block_pool::give(other.first, other.second);
        }
      }
    });
  for (auto& t : threads)
    t.join();
  for (const auto& [block, bytes] : shared.blocks)
    block_pool::give(block, bytes);
  CHECK(broken == 0);
}

TEST_CASE("blocks may come back while a thread's own cache is already gone") {
  // The guard is constructed before the cache, so it is destroyed after it.
  struct late {
    void* block = nullptr;
    std::size_t bytes = 512;
    ~late() {
      if (block != nullptr)
        block_pool::give(block, bytes);
    }
  };
  std::thread{[] {
    thread_local late guard;
    guard.bytes = 512;
    guard.block = block_pool::take(guard.bytes);
  }}.join();
}
