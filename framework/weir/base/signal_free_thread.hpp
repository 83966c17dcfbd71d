#pragma once

// A thread that leaves signals to the others: the kernel gives it none but those that it causes itself
// (SIGSEGV and the like). Whoever waits for a signal, or is to be interrupted by one, stays its receiver.

#include <csignal>
#include <initializer_list>
#include <pthread.h>
#include <thread>
#include <utility>

namespace weir {

/// Throws std::system_error where no thread can be made.
template <class Run>
std::thread signal_free_thread(Run&& run) {
  sigset_t others;
  sigfillset(&others);
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP})
    sigdelset(&others, own);
  struct masked { // a thread inherits what is blocked
    explicit masked(const sigset_t& set) { pthread_sigmask(SIG_BLOCK, &set, &before); }
    ~masked() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    masked(const masked&) = delete;
    masked& operator=(const masked&) = delete;
    sigset_t before;
  } const now{others};
  return std::thread{std::forward<Run>(run)};
}

} // namespace weir
