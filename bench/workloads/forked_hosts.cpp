#include <bench/workloads/forked_hosts.hpp>

#include <bench/workloads/weir_streams.hpp>

#include <weir/cluster/host.hpp>
#include <weir/cluster/placement.hpp>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::bench {

namespace {

/// All of a host's process.
[[noreturn]] void be_host(const workflow& w, std::uint32_t number, int port_from) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::uint16_t port = 0;
  if (::read(port_from, &port, sizeof port) != sizeof port)
    ::_exit(EXIT_FAILURE);
  cluster::cluster_options o;
  o.join = {"127.0.0.1:" + std::to_string(port)};
  o.host_name = "host-" + std::to_string(number);
  o.labels = {{"bench", "yes"}};
  auto started = cluster::host::start(o, w);
  if (!started)
    ::_exit(EXIT_FAILURE);
  while (!(*started)->wait_for(std::chrono::hours{1})) {
  }
  ::_exit(EXIT_SUCCESS);
}

} // namespace

forked_hosts::forked_hosts(const workflow& w, std::uint32_t hosts) {
  for (std::uint32_t n = 0; n < hosts; ++n) {
    int ends[2];
    if (::pipe(ends) != 0)
      throw std::runtime_error("no pipe");
    const pid_t pid = ::fork();
    if (pid < 0)
      throw std::runtime_error("fork failed");
    if (pid == 0) {
      ::close(ends[1]);
      be_host(w, n + 1, ends[0]);
    }
    ::close(ends[0]);
    processes_.push_back({pid, ends[1]});
  }
}

forked_hosts::~forked_hosts() {
  for (const process& p : processes_) {
    ::close(p.port_to);
    ::kill(p.pid, SIGKILL);
    ::waitpid(p.pid, nullptr, 0);
  }
}

void forked_hosts::join(std::uint16_t port) const {
  for (const process& p : processes_)
    if (::write(p.port_to, &port, sizeof port) != sizeof port)
      throw std::runtime_error("a host is gone before it has begun");
}

void forked_hosts::send_signal(std::size_t host, int signal) const {
  ::kill(processes_.at(host).pid, signal);
}

void run_spread(const workflow& w, const spread& how) {
  const forked_hosts hosts{w, how.hosts};
  cluster::cluster_options o;
  o.listen = "127.0.0.1:0";
  o.min_hosts = how.hosts;
  o.placement.per_host = how.per_host;
  for (const auto index : cluster::movable_nodes(w))
    o.placement.nodes[w.nodes()[index].id] = {cluster::place::kind::label, "bench", "yes"};
  auto opened = cluster::coordinator::open(o, w);
  if (!opened)
    throw std::runtime_error(opened.error().message());
  hosts.join((*opened)->port());
  engine runs{{.threads = 2}};
  running job = (*opened)->start(runs, w);
  if (how.meanwhile) {
    while (!job.ready() && !job.wait_for(std::chrono::milliseconds{1})) {
    }
    how.meanwhile(hosts, job);
  }
  const run_result r = job.wait();
  (*opened)->close("the run is over");
  check(r);
}

} // namespace weir::bench
