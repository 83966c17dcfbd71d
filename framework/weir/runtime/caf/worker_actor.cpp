#include <weir/runtime/caf/worker_actor.hpp>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <utility>

namespace weir::detail {

worker_actor::worker_actor(caf::actor_config& cfg, std::unique_ptr<worker_core> core, answer_call answers,
                           caf::execution_unit* home)
    : inbox_actor(cfg), core_(std::move(core)), answers_(std::move(answers)) {
  live_at(home);
}

caf::behavior worker_actor::make_behavior() {
  return {[](caf::unit_t) {}}; // without one CAF ends an actor
}

void worker_actor::on_exit() {
  inbox_.close();
  core_.reset();
  answers_ = nullptr;
}

void worker_actor::receive(std::unique_ptr<errand> e) {
  if (inbox_.push(std::move(e)))
    wake(nullptr);
}

void worker_actor::work(std::size_t most) {
  for (; most > 0; --most) {
    std::unique_ptr<errand> e = inbox_.pop();
    if (!e)
      break;
    e->said = answer_of(*core_, e->what);
    answers_(std::move(e), context());
  }
}

worker_actor_handle::worker_actor_handle(caf::actor to, std::shared_ptr<watched_call> call)
    : to_(std::move(to)), worker_(*static_cast<worker_actor*>(caf::actor_cast<caf::abstract_actor*>(to_))),
      call_(std::move(call)) {}

worker_actor_handle::~worker_actor_handle() { caf::anon_send_exit(to_, caf::exit_reason::user_shutdown); }

void worker_actor_handle::submit(task t) {
  worker_.receive(std::make_unique<worker_actor::errand>(worker_actor::errand{std::move(t)}));
}

} // namespace weir::detail
