#include <tests/framework/weir/runtime/scheduler/job.hpp>
#include <tests/support/catch.hpp>
#include <weir/runtime/scheduler/next_slot.hpp>

#include <atomic>
#include <thread>
#include <vector>

using weir::detail::next_slot;
using weir_tests::job;

TEST_CASE("a slot holds one job, and gives back the one that a second displaces") {
  next_slot<job> slot;
  job a, b;
  CHECK(slot.take() == nullptr);
  CHECK(slot.put(&a) == nullptr);
  CHECK(slot.look() == &a);
  CHECK(slot.put(&b) == &a);
  CHECK(slot.take() == &b);
  CHECK(slot.take() == nullptr);
}

TEST_CASE("of the owner and the thieves exactly one gets each job") {
  constexpr int jobs = 50'000;
  next_slot<job> slot;
  std::vector<job> all(jobs);
  std::vector<std::atomic<int>> times(jobs);
  std::atomic<bool> over{false};
  const auto took = [&](job* j) {
    if (j != nullptr)
      ++times[static_cast<std::size_t>(j - all.data())];
  };
  std::vector<std::thread> thieves;
  for (int t = 0; t < 2; ++t)
    thieves.emplace_back([&] {
      while (!over)
        took(slot.take());
    });
  for (auto& j : all) {
    took(slot.put(&j));
    if ((&j - all.data()) % 3 == 0)
      took(slot.take());
  }
  over = true;
  for (auto& t : thieves)
    t.join();
  took(slot.take());
  for (int i = 0; i < jobs; ++i)
    if (times[i] != 1)
      FAIL("job " << i << " was taken " << times[i] << " times");
  SUCCEED();
}
