#pragma once

// The supervisor of a run: starts the node actors, watches them, and ends the run: when all are done, or when
// one cannot go on. Its messages travel with high priority; no user code runs here.

#include <weir/runtime/caf/node_actor.hpp>

#include <caf/event_based_actor.hpp>

#include <memory>
#include <vector>

namespace weir::detail {

class supervisor final : public caf::event_based_actor {
 public:
  supervisor(caf::actor_config& cfg, executor& on, std::shared_ptr<run_state> run);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.supervisor"; }

 private:
  void tell(order what, bool sources_only);
  void node_done(std::uint32_t node);

  executor& on_;
  std::shared_ptr<run_state> run_;
  std::shared_ptr<run_actors> actors_ = std::make_shared<run_actors>();
  std::vector<bool> done_;
  std::size_t left_ = 0;
  bool stopping_ = false;
};

} // namespace weir::detail
