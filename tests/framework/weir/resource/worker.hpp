#pragma once

#include <weir/base/abandonment.hpp>

#include <memory>
#include <thread>
#include <utility>

namespace weir::test {

/// A worker thread that can be abandoned. `work` runs on it.
class worker {
 public:
  template <class Work>
  explicit worker(Work work)
      : mine_(std::make_shared<abandonment>()), thread_([mine = mine_, work = std::move(work)]() mutable {
          const abandonment::scope scope{mine};
          work();
        }) {}
  ~worker() { join(); }
  void abandon() { mine_->abandon(); }
  void join() {
    if (thread_.joinable())
      thread_.join();
  }

 private:
  const std::shared_ptr<abandonment> mine_;
  std::thread thread_;
};

} // namespace weir::test
