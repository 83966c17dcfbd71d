#pragma once

// Worker hosts in processes of their own, and a run that is spread over them.

#include <weir/cluster/coordinator.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/workflow/workflow.hpp>

#include <cstdint>
#include <functional>
#include <vector>

#include <sys/types.h>

namespace weir::bench {

class forked_hosts {
 public:
  /// Forks them: before this process has threads. They wait for join(), and end with this process.
  forked_hosts(const workflow& w, std::uint32_t hosts);
  /// Kills them.
  ~forked_hosts();
  forked_hosts(const forked_hosts&) = delete;
  forked_hosts& operator=(const forked_hosts&) = delete;

  /// The coordinator listens at that port of 127.0.0.1.
  void join(std::uint16_t port) const;
  void send_signal(std::size_t host, int signal) const;

 private:
  struct process {
    pid_t pid;
    int port_to;
  };
  std::vector<process> processes_;
};

struct spread {
  std::uint32_t hosts = 1;
  std::uint32_t per_host = 1; ///< workers of each pool on each; none here
  /// Called once all have joined and the run has begun.
  std::function<void(const forked_hosts&, const running&)> meanwhile{};
};

/// Runs it to its end with the workers of its pools on hosts. Throws when it does not end well.
void run_spread(const workflow& w, const spread& how);

} // namespace weir::bench
