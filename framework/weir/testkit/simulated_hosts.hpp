#pragma once

// The hosts of a simulated cluster: places for the workers of pools, behind links with delay. Hosts come,
// vanish with all they had, leave in good order, and are given up although they live: what those still
// answer arrives, late, and the dispatcher's fence must hold. Single-threaded, like the machine it runs on.

#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/testkit/faults.hpp>
#include <weir/testkit/simulated_machine.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace weir::detail {

class simulated_hosts final : public remote_places {
 public:
  simulated_hosts(simulated_machine& on, std::shared_ptr<run_state> run, host_options options);

  bool spreads(std::uint32_t node) const override;
  std::uint32_t workers_here(std::uint32_t node) const override;
  std::vector<offer> places(std::uint32_t node) const override;
  void when_changed(std::function<void()> wake) override { wakes_.push_back(std::move(wake)); }
  std::unique_ptr<worker_handle> start(remote_place at, worker_order what,
                                       std::shared_ptr<answer_gate> answers, lost_call lost) override;
  void closed(std::uint32_t node, remote_place at) override;

  /// A host joins. Answers with its number.
  std::uint64_t join();
  /// It is gone, or (`lives`) only given up, so that what it had still answers. False when it is no host.
  bool lose(std::uint64_t host, bool lives);
  /// It gets no more work, and goes once what it has is done.
  bool drain(std::uint64_t host);
  std::vector<std::uint64_t> hosts() const;
  /// Hosts that have left in good order.
  std::uint64_t left() const noexcept { return left_; }

  class link;

 private:
  struct host {
    bool closing = false;
    std::set<std::pair<std::uint32_t, std::uint32_t>> closed; ///< node, slot
    std::vector<std::weak_ptr<link>> links;
  };
  void tell();
  void trouble();
  std::size_t places_a_host() const;

  simulated_machine& on_;
  std::weak_ptr<run_state> run_;
  host_options options_;
  std::map<std::uint64_t, host> hosts_;
  std::uint64_t next_ = 1;
  std::uint64_t left_ = 0;
  std::vector<std::function<void()>> wakes_;
};

} // namespace weir::detail
