#pragma once

// The command line's cluster flags, the same in every program: --cluster-name, --cluster-listen,
// --cluster-join, --cluster-min-hosts, --host-name, --labels, --place, --per-host, --cluster-compress,
// --tls-ca, --tls-cert,
// --tls-key, --insecure. Written for CLI11, without including it:
//
//     weir::cluster::cluster_flags flags;
//     flags.add_coordinator_flags(*app.add_subcommand("run"));    // or add_host_flags
//     …
//     auto options = flags.understand();

#include <weir/base/result.hpp>
#include <weir/cluster/options.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::cluster {

class cluster_flags {
 public:
  /// For the command that runs the workflow. `insecure`: --insecure is among these; else the program has one
  /// that means this too, and sets it by set_insecure().
  template <class App>
  void add_coordinator_flags(App& app, bool insecure = true) {
    common(app, insecure);
    group(app.add_option("--cluster-listen", listen_,
                         "HOST:PORT: hosts may join here, and share the work; port 0 = a free one"));
    group(app.add_option("--cluster-min-hosts", min_hosts_, "Begin when so many hosts have joined"));
    group(app.add_option("--place", places_,
                         "NODE=label:KEY=VALUE, NODE=host:NAME or NODE=spread: where a node's workers run; "
                         "repeatable (spread, here too)"))
        ->take_all();
    group(app.add_option("--per-host", per_host_,
                         "Workers of each node on each host (as many as it has processors)"));
    group(app.add_flag("--cluster-compress", compress_,
                       "Pack what travels between hosts by zstd: for networks below about 300 MB/s"));
  }
  /// For the command that joins as a worker host.
  template <class App>
  void add_host_flags(App& app, bool insecure = true) {
    common(app, insecure);
    group(app.add_option("--cluster-join", join_,
                         "HOST:PORT of the coordinator; several with commas: the first that answers"))
        ->required();
    group(app.add_option("--host-name", host_name_,
                         "This host's name, once in a cluster (machine and process id)"));
    group(app.add_option("--labels", labels_, "KEY=VALUE,…: what --place NODE=label:KEY=VALUE looks for"));
    group(app.add_option("--capacity", capacity_, "Workers it offers to each node (its processors)"));
  }
  void set_insecure(bool insecure) noexcept { insecure_ = insecure; }
  /// The values, checked as far as they can be without a workflow.
  result<cluster_options> understand() const;

 private:
  template <class Option>
  static Option* group(Option* option) {
    option->group("Cluster");
    return option;
  }
  template <class App>
  void common(App& app, bool insecure) {
    group(app.add_option("--cluster-name", name_, "Only processes of the same name work together (weir)"));
    group(
        app.add_option("--tls-ca", ca_, "PEM file of the cluster's CA; weir cluster certs makes all three"));
    group(app.add_option("--tls-cert", certificate_, "PEM file of this host's certificate"));
    group(app.add_option("--tls-key", key_, "PEM file of its key"));
    if (insecure)
      group(app.add_flag("--insecure", insecure_, "The cluster may use plain connections off this machine"));
  }

  std::string name_ = "weir";
  std::string listen_;
  std::string join_;
  std::uint32_t min_hosts_ = 0;
  std::string host_name_;
  std::string labels_;
  std::uint32_t capacity_ = 0;
  std::vector<std::string> places_;
  std::uint32_t per_host_ = 0;
  bool compress_ = false;
  std::string ca_;
  std::string certificate_;
  std::string key_;
  bool insecure_ = false;
};

} // namespace weir::cluster
