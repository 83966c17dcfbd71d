#pragma once

// A record that counts what happens to it: how often it was copied, and how many are alive.

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace weir_tests {

struct tracked {
  static inline std::atomic<std::int64_t> alive{0};
  static inline std::atomic<std::int64_t> copies{0};
  static inline std::atomic<std::int64_t> moves{0};
  static void reset() {
    copies = 0;
    moves = 0;
  }

  tracked(int n = 0) : number(n) { ++alive; }
  tracked(const tracked& other) : number(other.number), text(other.text) {
    ++alive;
    ++copies;
  }
  tracked(tracked&& other) noexcept : number(std::exchange(other.number, -1)), text(std::move(other.text)) {
    ++alive;
    ++moves;
  }
  tracked& operator=(const tracked& other) {
    number = other.number;
    text = other.text;
    ++copies;
    return *this;
  }
  tracked& operator=(tracked&& other) noexcept {
    number = std::exchange(other.number, -1);
    text = std::move(other.text);
    ++moves;
    return *this;
  }
  ~tracked() { --alive; }

  int number; ///< -1 when moved from
  std::string text = "a text that is long enough to live on the heap";
};

} // namespace weir_tests
