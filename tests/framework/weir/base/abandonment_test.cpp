#include <tests/support/catch.hpp>
#include <weir/base/abandonment.hpp>

#include <atomic>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

using namespace weir;

TEST_CASE("who is registered hears of the abandonment, once, on the thread that abandons") {
  abandonment worker;
  std::vector<std::thread::id> heard;
  const auto first = worker.on_abandon([&] { heard.push_back(std::this_thread::get_id()); });
  const auto second = worker.on_abandon([&] { heard.push_back(std::this_thread::get_id()); });
  CHECK_FALSE(worker.abandoned());
  CHECK(heard.empty());
  std::thread supervisor{[&] { worker.abandon(); }};
  const auto id = supervisor.get_id();
  supervisor.join();
  CHECK(worker.abandoned());
  CHECK(heard == std::vector{id, id});
  worker.abandon();
  CHECK(heard.size() == 2);
}

TEST_CASE("who registers with an abandoned worker hears at once") {
  abandonment worker;
  worker.abandon();
  int heard = 0;
  const auto late = worker.on_abandon([&] { ++heard; });
  CHECK(heard == 1);
}

TEST_CASE("a registration that has ended is not heard from, one that was moved is") {
  abandonment worker;
  int ended = 0, moved = 0;
  abandonment::registration kept;
  {
    const auto gone = worker.on_abandon([&] { ++ended; });
    auto inner = worker.on_abandon([&] { ++moved; });
    kept = std::move(inner);
  }
  worker.abandon();
  CHECK(ended == 0);
  CHECK(moved == 1);
}

TEST_CASE("assigning to a registration ends what it held") {
  abandonment worker;
  int heard = 0;
  auto one = worker.on_abandon([&] { ++heard; });
  one = {};
  worker.abandon();
  CHECK(heard == 0);
}

TEST_CASE("a registration may end in its own callback") {
  abandonment worker;
  std::optional<abandonment::registration> own;
  int heard = 0;
  own = worker.on_abandon([&] {
    ++heard;
    own.reset(); // and with it the callback's captures
  });
  worker.abandon();
  CHECK(heard == 1);
}

TEST_CASE("ending a registration waits for its callback") {
  abandonment worker;
  std::latch running{1}, go_on{1};
  std::atomic<bool> done{false}, ending{false};
  bool done_first = false;
  auto one = worker.on_abandon([&] {
    running.count_down();
    go_on.wait();
    done = true;
  });
  std::thread supervisor{[&] { worker.abandon(); }};
  running.wait();
  std::thread ender{[&] {
    ending = true;
    one = {};
    done_first = done;
  }};
  while (!ending)
    std::this_thread::yield();
  go_on.count_down();
  ender.join();
  supervisor.join();
  CHECK(done_first);
}

TEST_CASE("registrations that end while the worker is abandoned") {
  // What a callback writes dies right after its registration: the sanitizers see a callback that comes late.
  for (int round = 0; round < 300; ++round) {
    abandonment worker;
    std::latch start{3};
    const auto lend = [&] {
      start.arrive_and_wait();
      for (int i = 0; i < 10; ++i) {
        auto heard = std::make_unique<int>(0);
        const auto one = worker.on_abandon([&h = *heard] { ++h; });
        const auto two = worker.on_abandon([] {});
      }
    };
    std::thread a{lend}, b{lend};
    start.arrive_and_wait();
    worker.abandon();
    a.join();
    b.join();
    if (!worker.abandoned())
      FAIL("round " << round);
  }
}

TEST_CASE("the current abandonment is that of the thread's innermost scope") {
  const auto outer = std::make_shared<abandonment>(), inner = std::make_shared<abandonment>();
  CHECK(abandonment::current() == nullptr);
  std::shared_ptr<abandonment> seen_elsewhere = outer;
  {
    const abandonment::scope first{outer};
    CHECK(abandonment::current() == outer);
    {
      const abandonment::scope second{inner};
      CHECK(abandonment::current() == inner);
    }
    CHECK(abandonment::current() == outer);
    std::thread{[&] { seen_elsewhere = abandonment::current(); }}.join();
  }
  CHECK(seen_elsewhere == nullptr);
  CHECK(abandonment::current() == nullptr);
}
