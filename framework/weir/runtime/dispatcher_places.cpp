// Workers of a pool that are on other hosts: their places come and go.

#include <weir/runtime/dispatcher.hpp>

#include <utility>

namespace weir::detail {

void dispatcher::vacate_worker(std::uint32_t index) {
  worker& w = workers_[index];
  if (w.vacant)
    return;
  if (w.state != worker_state::drained || !w.ledger.empty()) {
    slice s = take_back(index, w.marks);
    if (s.from)
      requeue_front(std::move(s), index);
  }
  leaving_ -= std::exchange(w.leaving, false) ? 1 : 0;
  w.state = worker_state::drained;
  w.vacant = true;
  ++vacant_;
  show(index, time_point{});
  show_workers();
  show_queue();
}

void dispatcher::dismiss_worker(std::uint32_t index) {
  worker& w = workers_[index];
  if (w.vacant || w.leaving)
    return;
  if (w.state == worker_state::made) // nothing was asked of it yet
    return vacate_worker(index);
  w.leaving = true;
  ++leaving_;
}

void dispatcher::occupy_worker(std::uint32_t index, std::shared_ptr<call_marks> marks) {
  worker& w = workers_[index];
  w.vacant = false;
  --vacant_;
  ++w.incarnation;
  w.state = worker_state::made;
  w.marks = std::move(marks);
  w.not_before = {};
  w.in_a_row = 0;
  show(index, time_point{});
  show_workers();
}

} // namespace weir::detail
