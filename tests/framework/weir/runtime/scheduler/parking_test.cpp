#include <tests/framework/weir/runtime/scheduler/job.hpp>
#include <tests/support/catch.hpp>
#include <weir/runtime/scheduler/parking.hpp>

#include <atomic>
#include <thread>

using weir::detail::parking;
using weir_tests::await;

TEST_CASE("a worker does not fall asleep over work that came meanwhile") {
  parking lot{1};
  parking::place mine;
  lot.sleep(mine, [] { return true; }); // returns
  lot.end_looking();
  CHECK(lot.sleepers() == 0);
}

TEST_CASE("one sleeper is woken for one job, and none while it is on its way") {
  parking lot{2};
  std::atomic<int> awake{0};
  std::atomic<bool> go_on{false};
  parking::place places[2];
  const auto sleeper = [&](int which) {
    lot.sleep(places[which], [] { return false; });
    ++awake;
    await([&] { return go_on.load(); }, "the order to go on");
    lot.end_looking();
  };
  std::thread first{sleeper, 0}, second{sleeper, 1};
  await([&] { return lot.sleepers() == 2; }, "both asleep");
  lot.wake_one();
  lot.wake_one(); // the first one woken has not yet found the first job
  CHECK(lot.sleepers() == 1);
  await([&] { return awake == 1; }, "one awake");
  lot.wake_one(); // nor now
  CHECK(lot.sleepers() == 1);
  lot.wake_all();
  await([&] { return awake == 2; }, "both awake");
  go_on = true;
  first.join();
  second.join();
}

TEST_CASE("nobody is woken while somebody looks for work, and only so many look as are allowed") {
  parking lot{2};
  parking::place mine;
  std::thread sleeper{[&] {
    lot.sleep(mine, [] { return false; });
    lot.end_looking();
  }};
  await([&] { return lot.sleepers() == 1; }, "asleep");
  REQUIRE(lot.begin_looking(1));
  CHECK_FALSE(lot.begin_looking(1));
  lot.wake_one();
  CHECK(lot.sleepers() == 1);
  lot.end_looking();
  lot.wake_one();
  CHECK(lot.sleepers() == 0);
  sleeper.join();
}

TEST_CASE("no wake-up is lost between who brings work and who falls asleep") {
  parking lot{1};
  std::atomic<int> work{0};
  constexpr int rounds = 20'000;
  parking::place mine;
  std::thread worker{[&] {
    for (int done = 0; done < rounds;) {
      if (work.load() > done) {
        ++done;
        continue;
      }
      lot.sleep(mine, [&] { return work.load() > done; });
      lot.end_looking();
    }
  }};
  for (int i = 0; i < rounds; ++i) {
    ++work;
    lot.wake_one();
    if (i % 64 == 0) // lets it fall asleep now and then
      await([&] { return lot.sleepers() == 1; }, "a wake-up was lost");
  }
  worker.join(); // hangs if one was lost
  SUCCEED();
}

TEST_CASE("a certain sleeper is woken, and only once") {
  parking lot{2};
  std::atomic<int> woken{-1};
  parking::place places[2];
  const auto sleeper = [&](int which) {
    lot.sleep(places[which], [] { return false; });
    woken = which;
    lot.end_looking();
  };
  std::thread first{sleeper, 0};
  await([&] { return lot.sleepers() == 1; }, "the first asleep");
  std::thread second{sleeper, 1};
  await([&] { return lot.sleepers() == 2; }, "both asleep");
  lot.wake(places[0]);
  lot.wake(places[0]);
  first.join();
  CHECK(woken == 0);
  CHECK(lot.sleepers() == 1);
  lot.wake(places[1]);
  second.join();
  CHECK(woken == 1);
}
