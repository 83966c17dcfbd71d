#pragma once

// Is the peer alive? It is taken for lost when nothing was heard of it for too long.
//
// Time in which we did not look does not count: a process that was stopped, or starved of processor time,
// finds what its peers said meanwhile still unread, and must not take its own pause for their silence.
// Single-threaded.

#include <weir/base/clock.hpp>

#include <algorithm>

namespace weir::cluster {

class liveness {
 public:
  /// `look_every`: how often silent() is called by intent.
  liveness(duration silence, duration look_every, time_point now) noexcept
      : silence_(silence), late_after_(2 * look_every), heard_(now), looked_(now) {}

  /// Something came.
  void heard(time_point now) noexcept { heard_ = std::max(heard_, now); }
  /// It has been silent too long. To be called regularly.
  bool silent(time_point now) noexcept {
    const duration own_pause = now - looked_ - late_after_;
    if (own_pause.count() > 0)
      heard_ = std::min(heard_ + own_pause, now);
    looked_ = now;
    return now - heard_ > silence_;
  }
  /// How long nothing was heard, own pauses left out.
  duration quiet_for(time_point now) const noexcept { return now - heard_; }

 private:
  duration silence_;
  duration late_after_;
  time_point heard_;
  time_point looked_;
};

/// Numbers heartbeats and tells from the other side's echo how long the round trip took.
class round_trip {
 public:
  std::uint64_t next(time_point now) noexcept {
    sent_at_[++sequence_ % kept] = now;
    return sequence_;
  }
  /// The other side echoes our heartbeat `echo`, which it held so long.
  void echoed(std::uint64_t echo, duration held, time_point now) noexcept {
    if (echo == 0 || echo > sequence_ || sequence_ - echo >= kept || held.count() < 0)
      return;
    const duration took = now - sent_at_[echo % kept] - held;
    if (took.count() >= 0)
      took_ = took;
  }
  /// Its heartbeat came.
  void heard(std::uint64_t sequence, time_point now) noexcept {
    their_sequence_ = sequence;
    their_at_ = now;
  }
  std::uint64_t echo() const noexcept { return their_sequence_; }
  duration held(time_point now) const noexcept {
    return their_sequence_ == 0 ? duration{0} : now - their_at_;
  }
  /// The last one; 0 = not known yet.
  duration took() const noexcept { return took_; }

 private:
  static constexpr std::uint64_t kept = 16;
  std::uint64_t sequence_ = 0;
  time_point sent_at_[kept] = {};
  std::uint64_t their_sequence_ = 0;
  time_point their_at_{};
  duration took_{0};
};

} // namespace weir::cluster
