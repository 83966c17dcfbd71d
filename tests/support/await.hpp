#pragma once

// An end to waiting.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace weir_tests {

/// Waits for `done` at most a minute: a hang ends the test, not the patience of whoever runs it.
template <class Done>
void await(Done&& done, const char* what) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) {
      std::fprintf(stderr, "HANGS: %s\n", what);
      std::abort();
    }
    std::this_thread::yield();
  }
}

} // namespace weir_tests
