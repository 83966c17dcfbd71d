#include <weir/cluster/options.hpp>

#include <weir/cluster/wire.hpp>

#include <algorithm>
#include <thread>

#include <unistd.h>

namespace weir::cluster {

namespace {

std::string machine_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
    return "host";
  return name;
}

} // namespace

std::vector<error> mistakes_in(const cluster_options& options) {
  std::vector<error> all;
  if (options.name.empty() || options.name.size() > max_name)
    all.push_back(permanent("a cluster's name has 1 to " + std::to_string(max_name) + " bytes",
                            "--cluster-name", "give it one"));
  if (options.host_name.size() > max_name)
    all.push_back(permanent("a host's name has " + std::to_string(max_name) + " bytes at most", "--host-name",
                            "make it shorter"));
  if (!options.listen.empty() && !options.join.empty())
    all.push_back(permanent("a process is the coordinator or a host, not both",
                            "--cluster-listen, --cluster-join", "leave one of them out"));
  if (!options.listen.empty())
    if (const auto at = parse_host_port(options.listen); !at)
      all.push_back(permanent(at.error().what, "--cluster-listen " + options.listen, at.error().fix));
  for (const auto& seed : options.join)
    if (const auto at = parse_host_port(seed); !at)
      all.push_back(permanent(at.error().what, "--cluster-join " + seed, at.error().fix));
  if (options.tls.empty() && !options.insecure)
    for (const auto& seed : options.join)
      if (const auto at = parse_host_port(seed); at && !is_loopback(at->host))
        all.push_back(permanent("joining without TLS over a network that others can read",
                                "--cluster-join " + seed,
                                "give --tls-ca, --tls-cert and --tls-key, or say --insecure"));
  if (options.min_hosts > options.membership.max_hosts)
    all.push_back(
        permanent("a cluster has " + std::to_string(options.membership.max_hosts) + " hosts at most",
                  "--cluster-min-hosts", "ask for fewer"));
  if (options.listen.empty() && options.min_hosts > 0)
    all.push_back(permanent("hosts can join a coordinator only", "--cluster-min-hosts",
                            "give --cluster-listen HOST:PORT too"));
  if (const auto wrong = mistake_in(options.membership))
    all.push_back(*wrong);
  if (all.empty())
    if (const auto ok = check(transport_of(options)); !ok)
      all.push_back(ok.error());
  return all;
}

cluster_identity identity_of(const cluster_options& options, const workflow& w) {
  return {options.name, fingerprint_of(w, options.program), protocol_version};
}

host_identity host_identity_of(const cluster_options& options, std::uint64_t boot) {
  host_identity own;
  const std::string machine = machine_name();
  own.name = options.host_name.empty() ? (machine + '-' + std::to_string(::getpid())).substr(0, max_name)
                                       : options.host_name;
  own.boot = boot;
  own.capacity = options.capacity > 0 ? options.capacity : std::max(1U, std::thread::hardware_concurrency());
  own.labels = options.labels;
  own.labels.emplace("host", machine);
  own.version = WEIR_VERSION;
  return own;
}

transport_options transport_of(const cluster_options& options) {
  transport_options to;
  to.tls = options.tls;
  to.insecure = options.insecure;
  to.seeds = options.join;
  if (!options.listen.empty())
    if (const auto at = parse_host_port(options.listen)) {
      to.listen = at->host;
      to.port = at->port;
    }
  return to;
}

} // namespace weir::cluster
