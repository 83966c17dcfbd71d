#include <bench/workloads/actors.hpp>

#include <bench/baselines/plain_actors.hpp>

#include <weir/runtime/caf/scheduler_policy.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir::bench {

namespace {

using detail::scheduler_policy;

/// As many threads as processors.
template <scheduler_policy P>
void set_up(caf::actor_system_config& config) {
  detail::configure(config, P, 0);
}

std::vector<variant> under_each(std::uint64_t records, outcome (*work)(scheduler_setup, std::uint64_t)) {
  std::vector<variant> made;
  const auto add = [&](std::string name, scheduler_setup with,
                       std::vector<std::pair<std::string, std::string>> beside) {
    made.push_back(
        {.name = std::move(name), .records = records, .compared_with = std::move(beside), .run = [=] {
           return work(with, records);
         }});
  };
  add("weir", set_up<scheduler_policy::weir>, {{"stealing", "caf-stealing"}, {"sharing", "caf-sharing"}});
  add("caf-stealing", set_up<scheduler_policy::caf_stealing>, {});
  add("caf-sharing", set_up<scheduler_policy::caf_sharing>, {});
  return made;
}

} // namespace

std::vector<variant> ping_pong_variants(const sizes& of) {
  return under_each(of.records(800'000), ping_pong);
}
std::vector<variant> spawn_variants(const sizes& of) {
  return under_each(of.records(400'000), spawn_and_stop);
}
std::vector<variant> mailbox_variants(const sizes& of) { return under_each(of.records(1'600'000), fan_in); }

} // namespace weir::bench
