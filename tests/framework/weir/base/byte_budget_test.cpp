#include <tests/support/catch.hpp>
#include <weir/base/byte_budget.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace weir;

TEST_CASE("a budget without limit is never exceeded") {
  byte_budget budget;
  budget.charge(std::size_t{1} << 40U);
  CHECK_FALSE(budget.exceeded([] { FAIL("nobody waits"); }));
  CHECK(budget.used() == std::uint64_t{1} << 40U);
  budget.release(std::size_t{1} << 40U);
  CHECK(budget.used() == 0);
}

TEST_CASE("at its limit a budget is not exceeded, one byte more and it is") {
  byte_budget budget{100};
  int calls = 0;
  budget.charge(100);
  CHECK_FALSE(budget.exceeded([&] { ++calls; }));
  budget.charge(1);
  CHECK(budget.exceeded([&] { ++calls; }));
  CHECK(calls == 0);
  budget.release(1);
  CHECK(calls == 1);
}

TEST_CASE("a waiter is called once, when the level has fallen to the limit and not before") {
  byte_budget budget{100};
  int calls = 0;
  budget.charge(300);
  REQUIRE(budget.exceeded([&] { ++calls; }));
  budget.release(100);
  CHECK(calls == 0);
  budget.release(100);
  CHECK(calls == 1);
  budget.charge(500);
  budget.release(500);
  budget.release(100);
  CHECK(calls == 1);
}

TEST_CASE("all who wait are called") {
  byte_budget budget{10};
  budget.charge(11);
  int first = 0, second = 0;
  REQUIRE(budget.exceeded([&] { ++first; }));
  REQUIRE(budget.exceeded([&] { ++second; }));
  budget.release(11);
  CHECK(first == 1);
  CHECK(second == 1);
}

TEST_CASE("a waiter may ask again from its own call") {
  byte_budget budget{10};
  budget.charge(20);
  int calls = 0;
  REQUIRE(budget.exceeded([&] {
    ++calls;
    CHECK_FALSE(budget.exceeded([] {}));
  }));
  budget.release(20);
  CHECK(calls == 1);
}

TEST_CASE("no wake-up is lost between threads that charge, wait and release") {
  // Each round: one thread asks to wait while another releases. Whoever was told to wait must be called.
  byte_budget budget{1};
  for (int round = 0; round < 20'000; ++round) {
    budget.charge(2);
    std::atomic<int> calls{0};
    std::atomic<int> ready{0};
    bool waits = false;
    if (round % 100 == 0) { // with a thread of its own now and then: expensive
      std::thread other{[&] {
        ++ready;
        while (ready < 2) {
        }
        budget.release(2);
      }};
      ++ready;
      while (ready < 2) {
      }
      waits = budget.exceeded([&] { ++calls; });
      other.join();
    } else {
      waits = budget.exceeded([&] { ++calls; });
      budget.release(2);
    }
    if (calls != (waits ? 1 : 0))
      FAIL("round " << round << ": waits " << waits << ", calls " << calls);
  }
  CHECK(budget.used() == 0);
}
