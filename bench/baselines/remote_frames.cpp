#include <bench/baselines/remote_frames.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

namespace weir::bench {

namespace {

/// As large as on Weir's edges between hosts.
constexpr int window = 32;
constexpr std::chrono::seconds hang_guard{60};

/// The only message type that crosses: opaque bytes.
struct wire_frame {
  std::vector<char> bytes;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_frame& x) {
  return f(caf::meta::type_name("wire_frame"), x.bytes);
}

struct setup : caf::actor_system_config {
  explicit setup(const remote_way& way) {
    config_file_path = "";
    set("scheduler.policy", caf::atom("sharing"));
    add_message_type<wire_frame>("wire_frame");
    way.configure(*this);
  }
};

/// Confirms each frame with its size.
class receiver : public caf::event_based_actor {
 public:
  explicit receiver(caf::actor_config& config) : event_based_actor(config) {}
  caf::behavior make_behavior() override {
    return {[](const wire_frame& frame) { return std::uint64_t{frame.bytes.size()}; }};
  }
};

template <class T>
T must(caf::actor_system& system, caf::expected<T> answer) {
  if (!answer)
    throw std::runtime_error(system.render(answer.error()));
  return std::move(*answer);
}

/// Runs `work(client system, the receiver's handle there)`.
template <class Work>
outcome between_systems(const remote_way& way, Work work) {
  setup server_config{way};
  setup client_config{way};
  caf::actor_system server{server_config};
  caf::actor_system client{client_config};
  const auto server_side = way.start(server);
  const auto client_side = way.start(client);
  const caf::actor local = server.spawn<receiver>();
  const std::uint16_t port = way.publish(server, server_side.get(), local);
  outcome o = work(client, way.connect(client, client_side.get(), port));
  caf::anon_send_exit(local, caf::exit_reason::user_shutdown);
  return o;
}

void confirmed(std::uint64_t size) {
  if (size != remote_frame_bytes)
    throw std::runtime_error("a frame of " + std::to_string(size) + " bytes arrived");
}

/// Waits for one confirmation.
void take(caf::scoped_actor& self) {
  self->receive([](std::uint64_t size) { confirmed(size); },
                caf::after(hang_guard) >> [] { throw std::runtime_error("no confirmation in a minute"); });
}

remote_way caf_sockets() {
  return {.configure = [](caf::actor_system_config& config) { config.load<caf::io::middleman>(); },
          .start = [](caf::actor_system&) { return std::shared_ptr<void>{}; },
          .publish =
              [](caf::actor_system& system, void*, const caf::actor& whom) {
                return must(system, system.middleman().publish(whom, 0, "127.0.0.1"));
              },
          .connect =
              [](caf::actor_system& system, void*, std::uint16_t port) {
                return must(system, system.middleman().remote_actor("127.0.0.1", port));
              }};
}

} // namespace

remote_way caf_plain() { return caf_sockets(); }

remote_way caf_tls(const tls_paths& files) {
  remote_way way = caf_sockets();
  way.configure = [files](caf::actor_system_config& config) {
    config.load<caf::io::middleman>();
    config.load<caf::openssl::manager>();
    config.openssl_cafile = files.ca;
    config.openssl_certificate = files.certificate;
    config.openssl_key = files.key;
  };
  way.publish = [](caf::actor_system& system, void*, const caf::actor& whom) {
    return must(system, caf::openssl::publish(whom, 0, "127.0.0.1"));
  };
  way.connect = [](caf::actor_system& system, void*, std::uint16_t port) {
    return must(system, caf::openssl::remote_actor<caf::actor>(system, "127.0.0.1", port));
  };
  return way;
}

outcome remote_frames(const remote_way& way, std::uint64_t frames) {
  return between_systems(way, [&](caf::actor_system& client, const caf::actor& far) {
    caf::scoped_actor self{client};
    const auto send = [&] { self->send(far, wire_frame{std::vector<char>(remote_frame_bytes, 'f')}); };
    send();
    take(self);
    const auto began = std::chrono::steady_clock::now();
    int in_flight = 0;
    for (std::uint64_t i = 0; i < frames; ++i) {
      send();
      if (++in_flight == window) {
        take(self);
        --in_flight;
      }
    }
    for (; in_flight > 0; --in_flight)
      take(self);
    outcome o;
    o.seconds = std::chrono::duration<double>{std::chrono::steady_clock::now() - began}.count();
    o.figures["gb_per_s"] = static_cast<double>(frames * remote_frame_bytes) / *o.seconds / 1e9;
    return o;
  });
}

outcome remote_round_trips(const remote_way& way, std::uint64_t trips) {
  return between_systems(way, [&](caf::actor_system& client, const caf::actor& far) {
    caf::scoped_actor self{client};
    const auto began = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < trips; ++i) {
      self->send(far, wire_frame{std::vector<char>(remote_frame_bytes, 'f')});
      take(self);
    }
    outcome o;
    o.seconds = std::chrono::duration<double>{std::chrono::steady_clock::now() - began}.count();
    o.figures["round_trip_us"] = *o.seconds / static_cast<double>(trips) * 1e6;
    return o;
  });
}

} // namespace weir::bench
