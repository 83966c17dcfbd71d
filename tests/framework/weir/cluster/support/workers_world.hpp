#pragma once

// A coordinator's remote_workers and hosts' hosted_workers on wires that carry at once, unless they are cut,
// on virtual time. Workers run when the test says so, in its thread.

#include <weir/cluster/hosted_workers.hpp>
#include <weir/cluster/remote_workers.hpp>
#include <weir/workflow/workflow.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weir_tests {

/// numbers -> twice (a pool) -> tens (a pool) -> end. `twice` fails for 13 and throws for 99.
weir::workflow number_workflow();
/// A batch of first, first + 1, … as the source 0 makes them.
weir::batch_ptr numbers(int first, std::uint32_t count);

class workers_world {
 public:
  struct settings {
    std::size_t hosts = 1;
    weir::cluster::placement placement{};
    std::uint32_t min_hosts = 0;
    std::uint32_t capacity = 2;
    std::size_t most_in_hand = std::size_t{1} << 20U;
    weir::cluster::link_limits limits{};
    bool compress = false;
  };
  explicit workers_world(settings s);
  workers_world(const workers_world&) = delete;
  workers_world& operator=(const workers_world&) = delete;

  // ---- what happens
  void carry();
  void pass(weir::duration time);
  /// Nothing goes between them; the connections stay.
  void hold(std::size_t host, bool held) { held_[host] = held; }
  /// The connection breaks: what was not carried is gone.
  void cut(std::size_t host);
  /// One task of one worker of the host. False when none has any.
  bool work(std::size_t host);
  void work_all();
  /// The watchdog of the host says that its first worker in a task hangs.
  bool hangs(std::size_t host);

  // ---- the run's side
  struct heard {
    std::vector<weir::detail::answer> answers;
    std::vector<weir::failure_kind> losses;
    weir::error why{};
  };
  struct started {
    std::unique_ptr<weir::detail::worker_handle> handle;
    std::shared_ptr<heard> of = std::make_shared<heard>();
  };
  /// A worker with number `worker` in the incarnation 7, at the first place of the node on the host.
  started start(std::uint32_t node, std::size_t host, std::uint32_t worker = 0);
  static weir::detail::task task_of(std::uint64_t id, weir::batch_ptr b, std::uint32_t begin,
                                    std::uint32_t end);

  std::uint64_t incarnation(std::size_t host) const;

  weir::workflow flow = number_workflow();
  weir::time_point now{};
  std::shared_ptr<weir::cluster::remote_workers> coordinator;
  std::vector<std::unique_ptr<weir::cluster::hosted_workers>> hosts;
  std::vector<weir::cluster::host_event> at_hosts;
  std::vector<weir::cluster::member_event> at_coordinator;
  std::uint32_t wakes = 0;

 private:
  struct floor_worker;
  std::vector<std::deque<std::weak_ptr<floor_worker>>> floors_;
  std::vector<std::vector<std::function<void()>>> hung_;
  std::vector<std::shared_ptr<weir::detail::run_state>> runs_;
  std::vector<bool> held_;
  std::set<weir::cluster::link_id> open_;
  std::map<weir::cluster::link_id, std::size_t> owner_;
  weir::cluster::link_id last_ = 0;
};

} // namespace weir_tests
