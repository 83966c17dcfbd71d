#pragma once

// Frames of 64 KiB from one CAF actor system to another over loopback, a window of them in flight, each
// confirmed: the same actors over CAF's sockets, CAF's TLS, or whatever `remote_way` brings along.

#include <bench/outcome.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace caf {
class actor;
class actor_system;
class actor_system_config;
} // namespace caf

namespace weir::bench {

constexpr std::uint64_t remote_frame_bytes = std::uint64_t{64} * 1024;

/// How two systems meet. All throw when it is impossible.
struct remote_way {
  std::function<void(caf::actor_system_config&)> configure;
  /// Called for each system before it publishes or connects; what it answers is kept until both are done.
  std::function<std::shared_ptr<void>(caf::actor_system&)> start;
  std::function<std::uint16_t(caf::actor_system&, void* started, const caf::actor&)> publish;
  std::function<caf::actor(caf::actor_system&, void* started, std::uint16_t port)> connect;
};

/// PEM files for CAF's own TLS.
struct tls_paths {
  std::string ca;
  std::string certificate;
  std::string key;
};

remote_way caf_plain();
remote_way caf_tls(const tls_paths& files);

/// Sends them all. `seconds` without starts, ends and the first frame; `gb_per_s` beside it.
outcome remote_frames(const remote_way& way, std::uint64_t frames);
/// The same two actors one message at a time: `round_trip_us`.
outcome remote_round_trips(const remote_way& way, std::uint64_t trips);

} // namespace weir::bench
