#pragma once

// A program as coordinator of a cluster: hosts join it, and the pools of its workflow that can be spread have
// workers on them.
//
//     weir::engine host;
//     auto opened = weir::cluster::coordinator::open(options, flow);   // listens
//     if (!opened) …                                                   // says why not
//     weir::running job = (*opened)->start(host, flow);                // begins when min_hosts have joined
//     weir::run_result r = job.wait();
//     (*opened)->close("the run is over");                             // before the engine goes
//
// Every host runs the same program as cluster::host. What is promised: a record is delivered once to the
// sinks here, whatever hosts do; user code of spread nodes may see it more than once.

#include <weir/base/result.hpp>
#include <weir/cluster/options.hpp>
#include <weir/cluster/remote_link.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/workflow/workflow.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::cluster {

/// Thread-safe.
class coordinator {
 public:
  /// Errors: mistakes_in the options or the placement (the first; all are in `all` where it is given), and
  /// what keeps it from listening.
  static result<std::unique_ptr<coordinator>> open(const cluster_options& options, const workflow& w,
                                                   std::vector<error>* all = nullptr);
  /// As close().
  ~coordinator();
  coordinator(const coordinator&) = delete;
  coordinator& operator=(const coordinator&) = delete;

  /// Starts the workflow that it was opened with. Once.
  running start(engine& on, const workflow& w);
  /// Every host is told that it is over, and has five seconds to hear it. After that nobody can join.
  void close(const std::string& why);

  /// Port it listens on.
  std::uint16_t port() const noexcept;
  /// The host finishes what it has and leaves. False when there is none of that name.
  bool drain(const std::string& host);
  /// Reads the TLS files again; connections that are open stay. On an error the old ones stay in use.
  result<> reload_certificates();

  /// GET /api/v1/cluster: {"name","hosts_wanted","begun","members":[{"name","state","workers",…}]}.
  std::string json() const;
  /// weir_cluster_members, weir_remote_bytes_total, as Prometheus reads them.
  std::string metrics() const;

 private:
  struct impl;
  explicit coordinator(std::unique_ptr<impl> impl);
  std::unique_ptr<impl> impl_;
};

} // namespace weir::cluster
