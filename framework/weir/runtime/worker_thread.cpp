#include <weir/runtime/worker_thread.hpp>

#include <weir/base/abandonment.hpp>

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
  std::shared_ptr<abandonment> fate = std::make_shared<abandonment>();
};

class thread_handle final : public worker_handle {
 public:
  thread_handle(std::shared_ptr<inbox> in, std::shared_ptr<watched_call> call)
      : in_(std::move(in)), call_(std::move(call)) {}
  ~thread_handle() override {
    {
      const std::lock_guard lock{in_->mutex};
      in_->ending = true;
      in_->changed.notify_one();
    }
    call_->request_stop(); // nobody waits for what it is at
  }
  void submit(task t) override {
    const std::lock_guard lock{in_->mutex};
    in_->tasks.push_back(std::move(t));
    in_->changed.notify_one();
  }
  std::shared_ptr<watched_call> call() const override { return call_; }
  bool abandon() override {
    in_->fate->abandon();
    return true;
  }

 private:
  std::shared_ptr<inbox> in_;
  std::shared_ptr<watched_call> call_;
};

} // namespace

std::unique_ptr<worker_handle> make_worker_thread(std::shared_ptr<run_state> run,
                                                  std::unique_ptr<worker_core> made,
                                                  std::shared_ptr<answer_gate> answers) {
  auto in = std::make_shared<inbox>();
  std::shared_ptr<worker_core> core = std::move(made);
  auto handle = std::make_unique<thread_handle>(in, core->call());
  auto count = run->threads;
  count->began();
  std::thread thread;
  try {
    thread = std::thread{
        [in, core = std::move(core), run = std::move(run), answers = std::move(answers), count]() mutable {
          const abandonment::scope fate{in->fate}; // what pools lend to this thread is tied to it
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
            answer a = answer_of(*core, next);
            if (core->call()->given_up())
              break; // another does its work by now
            answers->put(std::move(a));
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
