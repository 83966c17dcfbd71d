#pragma once

// What simulated_hosts.cpp (processes, faults) and simulated_hosts_network.cpp share; for them only.

#include <weir/testkit/simulated_hosts.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace weir::detail {

using cluster::link_id;
using bytes_ptr = std::shared_ptr<const cluster::bytes>;

struct simulated_hosts::connection {
  struct one_way {
    std::deque<bytes_ptr> frames; ///< null: the other side has closed it
    time_point last{};            ///< when the last of them is due
  };
  link_id id = 0;
  std::uint64_t host = 0;
  bool open = false; ///< both sides know it
  one_way to_host;
  one_way to_coordinator;
  one_way& way(bool towards_host) { return towards_host ? to_host : to_coordinator; }
};

struct simulated_hosts::host {
  std::uint64_t number = 0;
  std::string name;
  std::shared_ptr<run_state> run; ///< of this process; null: it does not run
  std::unique_ptr<cluster::hosted_workers> workers;
  time_point paused_until{};
  time_point unheard_until{}; ///< what it says does not come through
  time_point deaf_until{};    ///< what is said to it does not come through
  time_point look_at{};       ///< the timer there is
  std::uint64_t life = 0;
  bool pumping = false;
  link_id on = 0; ///< its connection, or the one it makes
};

} // namespace weir::detail
