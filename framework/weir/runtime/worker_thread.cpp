#include <weir/runtime/worker_thread.hpp>

#include <condition_variable>
#include <deque>
#include <thread>
#include <utility>

#include <pthread.h>

namespace weir::detail {

namespace {

struct inbox {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<task> tasks;
  bool ending = false;
};

class thread_handle final : public worker_handle {
 public:
  thread_handle(std::shared_ptr<inbox> in, std::shared_ptr<current_index> current)
      : in_(std::move(in)), current_(std::move(current)) {}
  ~thread_handle() override {
    const std::lock_guard lock{in_->mutex};
    in_->ending = true;
    in_->changed.notify_one();
  }
  void submit(task t) override {
    const std::lock_guard lock{in_->mutex};
    in_->tasks.push_back(std::move(t));
    in_->changed.notify_one();
  }
  std::shared_ptr<current_index> current() const override { return current_; }

 private:
  std::shared_ptr<inbox> in_;
  std::shared_ptr<current_index> current_;
};

} // namespace

std::unique_ptr<worker_handle> make_worker_thread(std::shared_ptr<run_state> run,
                                                  std::shared_ptr<const worker_setup> setup,
                                                  std::uint32_t worker, std::uint32_t incarnation,
                                                  std::shared_ptr<answer_gate> answers) {
  auto in = std::make_shared<inbox>();
  auto core = std::make_shared<worker_core>(std::move(setup), worker, incarnation);
  auto handle = std::make_unique<thread_handle>(in, core->current());
  auto count = run->threads;
  count->began();
  std::thread thread;
  try {
    thread = std::thread{
        [in, core = std::move(core), run = std::move(run), answers = std::move(answers), count]() mutable {
          for (;;) {
            task next;
            {
              std::unique_lock lock{in->mutex};
              in->changed.wait(lock, [&] { return in->ending || !in->tasks.empty(); });
              if (in->ending)
                break;
              next = std::move(in->tasks.front());
              in->tasks.pop_front();
            }
            answers->put(core->run(next));
          }
          // The node object ends on its own thread; nothing of the run is held when this thread counts itself
          // out.
          core.reset();
          answers.reset();
          in.reset();
          run.reset();
          count->ended();
        }};
  } catch (...) { // the system has no more threads
    count->ended();
    throw;
  }
  pthread_setname_np(thread.native_handle(), "weir.worker");
  thread.detach();
  return handle;
}

} // namespace weir::detail
