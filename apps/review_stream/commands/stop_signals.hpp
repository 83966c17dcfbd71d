#pragma once

// Signals that ask for an end, or for the configuration to be read again.

#include <csignal>
#include <initializer_list>

namespace weir::reviews {

/// Taken by waiting instead of by handlers: block() before any thread is made.
class stop_signals {
 public:
  static void block() {
    const sigset_t set = all();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  /// The signal that came since, or 0. Does not wait.
  static int take() {
    const sigset_t set = all();
    const timespec none{};
    const int signal = ::sigtimedwait(&set, nullptr, &none);
    return signal > 0 ? signal : 0;
  }

 private:
  static sigset_t all() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGINT, SIGTERM, SIGHUP})
      sigaddset(&set, s);
    return set;
  }
};

} // namespace weir::reviews
