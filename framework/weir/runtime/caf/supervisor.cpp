#include <weir/runtime/caf/supervisor.hpp>

#include <algorithm>
#include <utility>

namespace weir::detail {

supervisor::supervisor(caf::actor_config& cfg, executor& on, std::shared_ptr<run_state> run)
    : caf::event_based_actor(cfg), on_(on), run_(std::move(run)), done_(run_->nodes.size(), false),
      left_(run_->nodes.size()) {
  set_down_handler([this](caf::down_msg& m) {
    const auto found =
        std::ranges::find_if(actors_->nodes, [&](const caf::actor& a) { return a.address() == m.source; });
    if (found == actors_->nodes.end())
      return;
    const auto node = static_cast<std::uint32_t>(found - actors_->nodes.begin());
    if (done_[node])
      return;
    run_->fail(permanent("the actor of node '" + run_->nodes[node].id +
                             "' died unexpectedly: " + system().render(m.reason),
                         "node '" + run_->nodes[node].id + "'", "this is a fault of Weir: please report it"),
               run_status::failed);
    node_done(node);
    tell(order::stop, false);
  });
}

caf::behavior supervisor::make_behavior() {
  for (std::uint32_t n = 0; n < run_->nodes.size(); ++n) {
    actors_->nodes.push_back(on_.spawn<node_actor>(on_, run_, n, actors_, caf::actor_cast<caf::actor>(this)));
    actors_->at.push_back(
        static_cast<node_actor*>(caf::actor_cast<caf::abstract_actor*>(actors_->nodes.back())));
    monitor(actors_->nodes.back());
  }
  return {
      [this](control_message m) {
        switch (m.what) {
        case order::start:
          tell(order::start, false);
          break;
        case order::drain:
          tell(order::drain, true);
          break;
        case order::stop:
        case order::replay:
          tell(m.what, false);
          break;
        }
      },
      [this](node_done_message m) { node_done(m.node); },
      [this](node_failed_message& m) {
        if (stopping_)
          return;
        run_->fail(std::move(m.why), m.status);
        tell(order::stop, false);
      },
  };
}

void supervisor::tell(order what, bool sources_only) {
  if (what == order::stop && std::exchange(stopping_, true))
    return;
  for (std::uint32_t n = 0; n < run_->nodes.size(); ++n)
    if (!done_[n] && (!sources_only || run_->nodes[n].definition.role == node_role::source))
      send<caf::message_priority::high>(actors_->nodes[n], control_message{what});
}

void supervisor::node_done(std::uint32_t node) {
  if (done_[node])
    return;
  done_[node] = true;
  if (--left_ > 0)
    return;
  run_->complete();
  quit();
}

void supervisor::on_exit() {
  if (actors_)
    actors_->nodes.clear(); // nobody sends any more: all nodes are done
  actors_.reset();
}

} // namespace weir::detail
