#include <bench/baselines/plain_actors.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>

#include <caf/all.hpp>

namespace weir::bench {

namespace {

using caf::actor;
using caf::event_based_actor;

constexpr std::uint64_t senders = 20;

/// Runs `work(system)`, which answers how many messages arrived, and times it without the system's start and
/// end.
template <class Work>
outcome in_system(scheduler_setup with, std::uint64_t expected, Work work) {
  caf::actor_system_config config;
  with(config);
  caf::actor_system system{config};
  const auto began = std::chrono::steady_clock::now();
  const std::uint64_t seen = work(system);
  outcome o;
  o.seconds = std::chrono::duration<double>{std::chrono::steady_clock::now() - began}.count();
  if (seen != expected)
    throw std::runtime_error(std::to_string(seen) + " messages arrived, not " + std::to_string(expected));
  return o;
}

std::uint64_t play(caf::actor_system& system, std::uint64_t trips) {
  std::promise<std::uint64_t> done;
  const actor pong = system.spawn([](event_based_actor*) -> caf::behavior {
    return {[](std::uint64_t n) { return n + 1; }}; // the answer goes to who asked
  });
  const actor ping = system.spawn([&done, pong, trips](event_based_actor* self) -> caf::behavior {
    return {[self, &done, pong, trips](std::uint64_t n) {
      if (n < trips)
        self->send(pong, n);
      else
        done.set_value(n);
    }};
  });
  caf::anon_send(ping, std::uint64_t{0});
  const std::uint64_t n = done.get_future().get();
  for (const actor& a : {ping, pong})
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  return n;
}

std::uint64_t spawn_all(caf::actor_system& system, std::uint64_t actors) {
  std::promise<std::uint64_t> done;
  // Bounded: a child that ended makes room for the next, a hundred live at a time.
  const actor parent = system.spawn([&done, actors](event_based_actor* self) -> caf::behavior {
    const auto child = [self] {
      const actor a = self->spawn([parent = caf::actor_cast<actor>(self)](event_based_actor* me) {
        return caf::behavior{[me, parent](std::uint64_t n) {
          me->send(parent, n);
          me->quit();
        }};
      });
      self->send(a, std::uint64_t{1});
    };
    for (std::uint64_t i = 0; i < 100; ++i)
      child();
    return {[child, self, &done, actors, ended = std::uint64_t{0},
             begun = std::uint64_t{100}](std::uint64_t n) mutable {
      ended += n;
      if (begun < actors) {
        ++begun;
        child();
      } else if (ended == actors) {
        done.set_value(ended);
        self->quit();
      }
    }};
  });
  return done.get_future().get();
}

std::uint64_t send_all(caf::actor_system& system, std::uint64_t messages) {
  std::promise<std::uint64_t> done;
  const actor to = system.spawn([&done, messages](event_based_actor* self) -> caf::behavior {
    return {[self, &done, messages, seen = std::uint64_t{0}](std::uint64_t n) mutable {
      seen += n;
      if (seen == messages) {
        done.set_value(seen);
        self->quit();
      }
    }};
  });
  const std::uint64_t share = messages / senders;
  for (std::uint64_t s = 0; s < senders; ++s) {
    const actor from = system.spawn([to, share](event_based_actor* self) -> caf::behavior {
      // A thousand a turn, so that the senders and the one that takes run beside each other.
      return {[self, to, share, sent = std::uint64_t{0}](caf::ok_atom again) mutable {
        for (const auto stop = std::min(share, sent + 1000); sent < stop; ++sent)
          self->send(to, std::uint64_t{1});
        if (sent < share)
          self->send(self, again);
        else
          self->quit();
      }};
    });
    caf::anon_send(from, caf::ok_atom::value);
  }
  return done.get_future().get();
}

} // namespace

outcome ping_pong(scheduler_setup with, std::uint64_t trips) {
  return in_system(with, trips, [trips](caf::actor_system& s) { return play(s, trips); });
}

outcome spawn_and_stop(scheduler_setup with, std::uint64_t actors) {
  return in_system(with, actors, [actors](caf::actor_system& s) { return spawn_all(s, actors); });
}

outcome fan_in(scheduler_setup with, std::uint64_t messages) {
  return in_system(with, messages, [messages](caf::actor_system& s) { return send_all(s, messages); });
}

} // namespace weir::bench
