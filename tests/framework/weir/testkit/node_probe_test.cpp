#include <tests/support/catch.hpp>
#include <weir/testkit/node_probe.hpp>

#include <stdexcept>
#include <string>

using namespace weir;
using namespace std::chrono_literals;

namespace {

/// Emits how many records came, every second.
struct counter {
  int records = 0;
  std::string told;
  void on_start(context<std::string>& c) {
    if (c.last_crash() != nullptr)
      told = c.last_crash()->why.what;
    c.wake_after(1s);
  }
  void on_record(const int& x, context<std::string>& c) {
    if (x < 0)
      throw std::invalid_argument("negative");
    ++records;
    if (!told.empty())
      c.emit("after: " + told);
  }
  void on_timer(context<std::string>& c) {
    c.emit(std::to_string(records));
    c.wake_after(1s);
  }
};

struct splitter {
  void on_record(const int& x, context<ports<port<"odd", int>, port<"even", std::string>>>& c) {
    if (x % 2 != 0)
      c.emit<"odd">(int{x});
    else
      c.emit<"even">(std::to_string(x));
  }
};

struct echo {
  void on_record(const int& x, context<int>& c) { c.emit(x); }
};

} // namespace

TEST_CASE("a probe drives a node's timer by virtual time") {
  node_probe probe{counter{}};
  probe.feed({1, 2, 3});
  CHECK(probe.outputs().empty());
  probe.advance(1s);
  CHECK(probe.outputs() == std::vector<std::string>{"3"});
  probe.feed(4);
  probe.advance(2s);
  CHECK(probe.outputs() == std::vector<std::string>{"3", "4", "4"});
}

TEST_CASE("a probe shows retries, timeouts and dead letters") {
  node_probe probe{echo{}, {.timeout = 1s, .retry = fixed_backoff{10s, 2}}};
  probe.fail_next();
  probe.feed(1);
  CHECK(probe.outputs().empty());
  probe.advance(10s);
  CHECK(probe.outputs() == std::vector<int>{1});
  probe.hang_next();
  probe.feed(2);
  probe.advance(1s + 125ms);
  probe.advance(1s);
  CHECK(probe.figures().timeouts == 1);
  probe.advance(10s);
  CHECK(probe.outputs() == std::vector<int>{1, 2});
  probe.fail_next(permanent("broken"));
  probe.feed(3);
  REQUIRE(probe.dead_letters().size() == 1);
  CHECK(probe.dead_letters()[0].cause == "broken");
  probe.end();
  CHECK(probe.ended());
  CHECK(probe.result().status == run_status::completed);
}

TEST_CASE("a probe captures every port by its name") {
  node_probe probe{splitter{}};
  probe.feed({1, 2, 3, 4});
  CHECK(probe.outputs_of<"odd">() == std::vector<int>{1, 3});
  CHECK(probe.outputs_of<"even">() == std::vector<std::string>{"2", "4"});
}

TEST_CASE("a crashed node is made anew and told why") {
  struct stateless {
    std::string told;
    void on_start(context<std::string>& c) {
      told = c.last_crash() == nullptr ? "first" : c.last_crash()->why.what;
    }
    void on_record(const int&, context<std::string>& c) { c.emit(told); }
  };
  node_probe probe{stateless{}};
  probe.feed(1);
  probe.crash_and_restore();
  probe.feed(2);
  CHECK(probe.outputs() == std::vector<std::string>{"first", "simulated: the worker died"});
  CHECK(probe.figures().restarts == 1);
}

TEST_CASE("a node that is lost with records in its state fails the run loudly") {
  node_probe probe{counter{}};
  probe.feed({1, 2});
  probe.crash_and_restore();
  CHECK(probe.ended());
  CHECK(probe.result().status == run_status::failed);
  REQUIRE_FALSE(probe.result().errors.empty());
  CHECK_THAT(probe.result().errors[0].message(), Catch::Contains("lost with 2 records in its state"));
}
