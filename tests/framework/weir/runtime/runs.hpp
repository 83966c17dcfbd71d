#pragma once

// What engine tests share: bounded runs, sinks that collect, and the books: nothing is lost, nothing doubled.

#include <tests/support/await.hpp>
#include <tests/support/catch.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace weir_tests {

/// Code that hangs and honours the stop token.
inline void wait_for_stop(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock{mutex};
  std::condition_variable_any changed;
  changed.wait(lock, stop, [] { return false; });
}

/// Waits for the end of a run; one that does not end says where it stands and aborts.
inline void await_end(weir::running job) {
  if (!job.wait_for(std::chrono::seconds{60})) {
    for (const auto& n : job.figures())
      std::fprintf(
          stderr,
          "HANGS: %s received %llu sent %llu delivered %llu filtered %llu dead %llu queued %llu busy "
          "%llu/%llu\n",
          n.id.c_str(), static_cast<unsigned long long>(n.received), static_cast<unsigned long long>(n.sent),
          static_cast<unsigned long long>(n.delivered), static_cast<unsigned long long>(n.filtered),
          static_cast<unsigned long long>(n.dead_letters), static_cast<unsigned long long>(n.queued),
          static_cast<unsigned long long>(n.busy_workers), static_cast<unsigned long long>(n.workers));
    std::abort();
  }
}

inline weir::run_result end_of(weir::running job) {
  await_end(job);
  return job.wait();
}

/// A run on an engine of its own with two scheduler threads.
inline weir::run_result run_to_end(const weir::workflow& w, std::uint32_t threads = 2) {
  weir::engine e{{.threads = threads}};
  return end_of(e.start(w));
}

/// Collects what a sink gets; any thread.
template <class T>
class collected {
 public:
  void add(const T& x) {
    const std::lock_guard lock{all_->mutex};
    all_->records.push_back(x);
  }
  /// A sink callable.
  auto sink() const {
    return [all = all_](const T& x) {
      const std::lock_guard lock{all->mutex};
      all->records.push_back(x);
    };
  }
  std::vector<T> records() const {
    const std::lock_guard lock{all_->mutex};
    return all_->records;
  }
  std::vector<T> sorted() const {
    auto all = records();
    std::ranges::sort(all);
    return all;
  }
  std::size_t size() const {
    const std::lock_guard lock{all_->mutex};
    return all_->records.size();
  }

 private:
  struct state {
    std::mutex mutex;
    std::vector<T> records;
  };
  std::shared_ptr<state> all_ = std::make_shared<state>();
};

/// 0 … n-1
inline std::vector<int> count_to(int n) {
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

inline int plus_one(const int& x) { return x + 1; }
inline bool even(const int& x) { return x % 2 == 0; }

/// An infinite source: 0, 1, 2, …
inline auto endless() {
  return weir::generate([n = 0]() mutable -> std::optional<int> { return n++; });
}

/// Keeps a processor busy for about so many steps.
inline void spin(int steps) {
  for (volatile int left = steps; left > 0;)
    left = left - 1;
}

/// Checks the books of a run from its figures alone: what nodes sent was received, and what a node received
/// was sent on, delivered, filtered, aggregated, or is a dead letter. `many`: nodes that make several records
/// of one.
inline void check_books(const weir::run_result& r, const weir::workflow& w,
                        const std::vector<std::string>& many = {}) {
  std::uint64_t sent = 0, received = 0, left = 0;
  for (const auto& u : r.undelivered)
    left += u.records;
  for (std::uint32_t n = 0; n < r.nodes.size(); ++n) {
    const auto& node = r.nodes[n];
    INFO("node " << node.id);
    const auto edges =
        std::ranges::count_if(w.edges(), [n](const auto& e) { return e.from == n && e.port == 0; });
    sent += node.sent * static_cast<std::uint64_t>(edges);
    if (!node.is_source)
      received += node.received;
    const bool aggregates = node.aggregated > 0;
    if (!aggregates && std::ranges::find(many, node.id) == many.end()) {
      const auto decided = node.sent + node.delivered + node.filtered + node.dead_letters;
      if (left == 0)
        CHECK(node.received == decided);
      else {
        CHECK(node.received >= decided);
        CHECK(node.received <= decided + left);
      }
    }
    if (r.ok())
      CHECK(node.workers == 0);
    CHECK(node.queued <= left);
  }
  if (left == 0)
    CHECK(received == sent);
  if (r.ok())
    CHECK(left == 0);
}

/// Batches that exist when a test begins must be all that exist when it ends.
class no_batch_leaks {
 public:
  ~no_batch_leaks() { CHECK(weir::batch::live() == before_); }

 private:
  std::int64_t before_ = weir::batch::live();
};

} // namespace weir_tests
