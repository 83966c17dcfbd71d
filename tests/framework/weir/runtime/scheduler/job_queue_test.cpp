#include <tests/framework/weir/runtime/scheduler/job.hpp>
#include <tests/support/catch.hpp>
#include <weir/runtime/scheduler/job_queue.hpp>

#include <atomic>
#include <thread>
#include <vector>

using weir::detail::job_queue;
using weir_tests::job;

TEST_CASE("jobs leave the queue in the order in which they came") {
  job_queue<job> queue;
  job a, b, c;
  CHECK(queue.pop() == nullptr);
  queue.push(&a);
  queue.push(&b);
  CHECK(queue.pop() == &a);
  queue.push(&c);
  CHECK(queue.waiting() == 2);
  CHECK(queue.pop() == &b);
  CHECK(queue.pop() == &c);
  CHECK(queue.pop() == nullptr);
  CHECK(queue.waiting() == 0);
}

TEST_CASE("a queue that grows while it is half used keeps its order") {
  job_queue<job> queue;
  std::vector<job> jobs(5'000);
  std::size_t next = 0, expected = 0;
  for (int round = 0; round < 5; ++round) { // 1,000 more each round than leave
    for (int i = 0; i < 1'000; ++i)
      queue.push(&jobs[next++]);
    for (int i = 0; i < 300; ++i)
      if (queue.pop() != &jobs[expected++])
        FAIL("job " << expected - 1 << " is not the next");
  }
  CHECK(queue.waiting() == 3'500);
  while (expected < jobs.size())
    if (queue.pop() != &jobs[expected++])
      FAIL("job " << expected - 1 << " is not the next");
  CHECK(queue.pop() == nullptr);
}

TEST_CASE("a closed queue gives out what was there, keeps the rest, and never looks empty") {
  job_queue<job> queue;
  job before, after;
  queue.push(&before);
  queue.close();
  queue.push(&after);
  CHECK_FALSE(queue.drained());
  CHECK(queue.waiting() != 0);
  CHECK(queue.pop() == &before);
  CHECK(queue.drained());
  CHECK(queue.pop() == nullptr);
  CHECK(queue.waiting() != 0);
  std::vector<job*> rest;
  queue.take_rest([&](job* j) { rest.push_back(j); });
  CHECK(rest == std::vector<job*>{&after});
}

TEST_CASE("an empty queue is drained as soon as it is closed") {
  job_queue<job> queue;
  CHECK_FALSE(queue.drained());
  queue.close();
  CHECK(queue.drained());
}

TEST_CASE(
    "threads that push and pop at the same time neither lose nor double a job, nor change their order") {
  constexpr int threads = 4, each = 20'000;
  job_queue<job> queue;
  std::vector<std::vector<job>> jobs(threads, std::vector<job>(each));
  std::vector<std::vector<int>> seen(threads); // by the poppers: thread * each + number
  std::atomic<int> popped{0};
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        jobs[t][i].number = t * each + i;
        queue.push(&jobs[t][i]);
      }
    });
    all.emplace_back([&, t] {
      while (popped.load() < threads * each)
        if (job* const j = queue.pop()) {
          seen[t].push_back(j->number);
          ++popped;
        }
    });
  }
  for (auto& t : all)
    t.join();
  std::vector<int> times(threads * each);
  for (const auto& by : seen) {
    std::vector<int> last(threads, -1);
    for (const int number : by) {
      ++times[number];
      if (last[number / each] >= number)
        FAIL("job " << number << " came after " << last[number / each]);
      last[number / each] = number;
    }
  }
  CHECK(times == std::vector<int>(threads * each, 1));
}
