#include <weir/runtime/process/child_worker.hpp>

#include <weir/runtime/process/frames.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/runtime/task_bytes.hpp>

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/socket.h>

namespace weir::detail {

namespace {

/// What the reader has for the thread that works.
struct desk {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::vector<std::byte>> frames; ///< the order, then tasks
  bool ended = false;
  std::shared_ptr<watched_call> call; ///< once there is a worker
};

/// Reads all the time, so that a stop is heard while a task runs.
void read_all(int socket, desk& to) {
  frame_reader in;
  const auto call = [&] {
    const std::lock_guard lock{to.mutex};
    return to.call;
  };
  for (;;) {
    const auto room = in.room();
    const auto got = ::recv(socket, room.data(), room.size(), 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    in.arrived(static_cast<std::size_t>(got));
    while (const auto f = in.next()) {
      if (f->kind == frame_kind::stop) {
        if (const auto at = read_stop_frame(f->body))
          if (const auto now = call())
            if (auto stop =
                    now->ask({.running = true, .by_record = true, .number = at->first, .index = at->second});
                stop.stop_possible())
              stop.request_stop();
        continue;
      }
      const std::lock_guard lock{to.mutex};
      to.frames.emplace_back(f->body.begin(), f->body.end());
      to.changed.notify_one();
    }
    if (in.broken())
      break;
  }
  {
    const std::lock_guard lock{to.mutex};
    to.ended = true;
    to.changed.notify_one();
  }
  if (const auto now = call())
    now->request_stop(); // nobody waits for what it is at
}

std::optional<std::vector<std::byte>> next_frame(desk& from) {
  std::unique_lock lock{from.mutex};
  from.changed.wait(lock, [&] { return from.ended || !from.frames.empty(); });
  if (from.ended)
    return std::nullopt;
  auto frame = std::move(from.frames.front());
  from.frames.pop_front();
  return frame;
}

int says_died(int socket, const error& why) {
  const std::string words = why.message();
  write_frame(socket, frame_kind::died, std::as_bytes(std::span{words}));
  return EXIT_FAILURE;
}

} // namespace

int serve_worker(const workflow& w, int socket, child_page& page) {
  pthread_setname_np(pthread_self(), "weir.worker");
  desk work;
  std::thread reader{[&] { read_all(socket, work); }};
  reader.detach(); // the process ends with this function
  const auto first = next_frame(work);
  if (!first)
    return EXIT_SUCCESS;
  auto order = decode_order(*first);
  if (!order)
    return says_died(socket, order.error());
  const auto run = std::make_shared<run_state>(w, std::make_shared<steady_clock>());
  const node_definition& definition = run->nodes[order->node].definition;
  worker_core core{make_worker_setup_elsewhere(*run, order->node), order->worker, order->incarnation,
                   std::move(order->last_crash)};
  core.mark(page.marks);
  {
    const std::lock_guard lock{work.mutex};
    work.call = core.call();
  }
  while (const auto frame = next_frame(work)) {
    auto t = decode_task(*frame, definition.input, run->budget);
    if (!t)
      return says_died(socket, t.error());
    page.marks.current.store(no_index);
    page.by_record.store(t->what.kind == task_kind::run);
    page.task.store(t->what.id);
    page.calls.fetch_add(1);
    page.running.store(true);
    const answer a = answer_of(core, t->what);
    page.running.store(false);
    if (a.died)
      return says_died(socket, *a.died);
    const auto said = encode_answer(a, t->begin);
    if (!said)
      return says_died(socket, said.error());
    if (!write_frame(socket, frame_kind::answer, *said)) { // the run is gone, or user code closed it
      page.no_socket.store(true);
      break;
    }
  }
  return EXIT_SUCCESS;
}

} // namespace weir::detail
