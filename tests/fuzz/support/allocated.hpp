#pragma once

// How much memory code that is fuzzed asks for: it must not be more than its input explains.

#include <cstddef>
#include <cstdio>
#include <cstdlib>

/// As <sanitizer/allocator_interface.h> declares it; that header comes with the compiler that fuzzes only.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*, std::size_t),
                                                         void (*freed)(const volatile void*));

namespace weir::fuzz {

/// Bytes allocated since it was made, by any thread, what was freed in between included.
class allocated {
 public:
  allocated() {
    static const bool counts =
        __sanitizer_install_malloc_and_free_hooks(&add, [](const volatile void*) {}) != 0;
    if (!counts)
      std::abort();
    total = 0;
  }
  std::size_t bytes() const noexcept { return total; }
  /// Ends the program where it is more.
  void at_most(std::size_t most) const {
    if (const auto seen = bytes(); seen > most) {
      std::fprintf(stderr, "%zu bytes were allocated, and no more than %zu may be\n", seen, most);
      std::abort();
    }
  }

 private:
  static void add(const volatile void* /*at*/, std::size_t size) {
    __atomic_fetch_add(&total, size, __ATOMIC_RELAXED);
  }
  static inline std::size_t total = 0; // also counted while nobody asks
};

} // namespace weir::fuzz
