#include <apps/review_stream/learning/run_all.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace weir::reviews {

void run_all(std::span<const std::function<void()>> jobs, unsigned threads) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++)
      jobs[i]();
  };
  std::vector<std::jthread> helpers;
  for (unsigned i = 1; i < std::min<std::size_t>(threads, jobs.size()); ++i)
    helpers.emplace_back(work);
  work();
}

} // namespace weir::reviews
