#include <tests/support/catch.hpp>
#include <weir/supervision/watchdog.hpp>

#include <memory>
#include <thread>

using namespace weir;
using namespace weir::detail;
using namespace std::chrono_literals;

namespace {

struct watched {
  std::shared_ptr<manual_clock> time = std::make_shared<manual_clock>();
  watchdog dog{time};
  std::shared_ptr<watched_call> call = std::make_shared<watched_call>();
  std::stop_source stop;
  int hung = 0;
  watched() {
    time->advance(1h);
    dog.watch(call, 1s, 100ms, [this] { ++hung; });
  }
  void enter(std::uint32_t index, bool by_record = true) {
    stop = std::stop_source{};
    call->current = index;
    call->began(stop, by_record);
    dog.look();
  }
  void pass(duration d) {
    time->advance(d);
    dog.look();
  }
};

} // namespace

TEST_CASE("a call that runs out of time is asked to stop, then, after the grace period, reported as hung") {
  watched w;
  w.enter(1);
  w.pass(999ms);
  CHECK_FALSE(w.stop.stop_requested());
  w.call->current = 2; // another record: its own time begins
  w.dog.look();
  w.pass(999ms);
  CHECK_FALSE(w.stop.stop_requested());
  w.pass(1ms);
  CHECK(w.stop.stop_requested());
  CHECK(w.call->asked == 2);
  w.pass(99ms);
  CHECK(w.hung == 0);
  w.pass(1ms);
  CHECK(w.hung == 1);
  w.pass(1h);
  CHECK(w.hung == 1);
}

TEST_CASE("a worker that returns after it was asked is not hung, and its next call has its own time") {
  watched w;
  w.enter(1);
  w.pass(1s);
  CHECK(w.stop.stop_requested());
  w.call->ended();
  w.pass(100ms);
  w.enter(1);
  w.pass(999ms);
  CHECK(w.hung == 0);
  CHECK_FALSE(w.stop.stop_requested());
  w.pass(1ms);
  CHECK(w.stop.stop_requested());
}

TEST_CASE("a worker that moves on after it was asked must still end its task") {
  watched w;
  w.enter(1);
  w.pass(1s);
  w.call->current = 2;
  w.pass(100ms);
  CHECK(w.hung == 1);
}

TEST_CASE("between records no time runs, in a call of its own it does") {
  watched w;
  w.enter(no_index);
  w.pass(10s);
  CHECK_FALSE(w.stop.stop_requested());
  w.call->ended();
  w.enter(no_index, false);
  w.pass(1s);
  CHECK(w.stop.stop_requested());
}

TEST_CASE("a worker that is gone is no longer watched") {
  watched w;
  w.enter(1);
  w.call.reset();
  CHECK_FALSE(w.dog.look().has_value());
  CHECK(w.hung == 0);
}

TEST_CASE("the watchdog's thread reports a call that hangs") {
  watchdog_thread dog{std::make_shared<steady_clock>()};
  const auto call = std::make_shared<watched_call>();
  std::atomic<bool> hung = false;
  std::stop_source stop;
  call->current = 0;
  call->began(stop, true);
  dog.watch(call, 5ms, 5ms, [&] {
    hung = true;
    hung.notify_one();
  });
  hung.wait(false);
  CHECK(stop.stop_requested());
}
