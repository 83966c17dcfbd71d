#include <bench/workloads/remote.hpp>

#include <bench/baselines/remote_frames.hpp>

#include <weir/cluster/certificates/files.hpp>
#include <weir/cluster/transport/transport.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <unistd.h>

namespace weir::bench {

namespace {

template <class T>
T must(result<T> made) {
  if (!made)
    throw std::runtime_error(made.error().message());
  return std::move(*made);
}

/// Certificates for 127.0.0.1, removed with the last variant that uses them.
class certificates {
 public:
  certificates()
      : folder_(std::filesystem::temp_directory_path() / ("weir-bench-" + std::to_string(::getpid()))) {}
  ~certificates() {
    // Variants run in children of this process: only it may clean up.
    std::error_code ignored;
    if (made_by_ == ::getpid())
      std::filesystem::remove_all(folder_, ignored);
  }
  certificates(const certificates&) = delete;
  certificates& operator=(const certificates&) = delete;

  void make() {
    if (made_by_ == 0)
      must(cluster::make_certificate_files(folder_, {{"bench", "127.0.0.1"}}));
    made_by_ = ::getpid();
  }
  cluster::tls_files files() const {
    return {folder_ / "ca.pem", folder_ / "bench.pem", folder_ / "bench.key"};
  }
  tls_paths paths() const {
    const auto of = files();
    return {of.ca.string(), of.certificate.string(), of.key.string()};
  }

 private:
  std::filesystem::path folder_;
  ::pid_t made_by_ = 0;
};

remote_way over_transport(const cluster::tls_files& tls) {
  const auto of = [](void* started) -> cluster::transport& {
    return *static_cast<cluster::transport*>(started);
  };
  return {.configure = cluster::load_transport,
          .start =
              [tls](caf::actor_system& system) {
                cluster::transport_options options;
                options.tls = tls;
                return std::shared_ptr<void>{std::shared_ptr<cluster::transport>{
                    must(cluster::transport::start(system, std::move(options)))}};
              },
          .publish = [of](caf::actor_system&, void* started,
                          const caf::actor& whom) { return must(of(started).publish(whom, 0)); },
          .connect = [of](caf::actor_system&, void* started,
                          std::uint16_t port) { return must(of(started).remote_actor("127.0.0.1", port)); }};
}

} // namespace

std::vector<variant> remote_variants(const sizes& of) {
  const std::uint64_t frames = of.records(16'000);
  const std::uint64_t trips = of.records(4'000);
  const auto certs = std::make_shared<certificates>();
  std::vector<variant> made;
  const auto add = [&](std::string name, std::uint64_t records, bool caf, work run) {
    std::vector<std::pair<std::string, std::string>> beside;
    if (!caf)
      beside.emplace_back("caf", "caf-" + name);
    made.push_back({.name = (caf ? "caf-" : "") + name,
                    .records = records,
                    .compared_with = std::move(beside),
                    .prepare = [certs] { certs->make(); },
                    .run = std::move(run)});
  };
  for (const bool tls : {false, true}) {
    const std::string suffix = tls ? "tls" : "plain";
    const auto weir_way = [certs, tls] {
      return over_transport(tls ? certs->files() : cluster::tls_files{});
    };
    const auto caf_way = [certs, tls] { return tls ? caf_tls(certs->paths()) : caf_plain(); };
    add(suffix, frames, false, [=] { return remote_frames(weir_way(), frames); });
    add(suffix, frames, true, [=] { return remote_frames(caf_way(), frames); });
    add(suffix + "-one-at-a-time", trips, false, [=] { return remote_round_trips(weir_way(), trips); });
    add(suffix + "-one-at-a-time", trips, true, [=] { return remote_round_trips(caf_way(), trips); });
  }
  return made;
}

} // namespace weir::bench
