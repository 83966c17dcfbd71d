#include <tests/framework/weir/resource/worker.hpp>
#include <tests/support/catch.hpp>
#include <weir/resource/connection_pool.hpp>

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;
using weir::test::worker;

namespace {

/// How many there are, and were at most, and whether one was ever used twice at once.
struct watch {
  std::atomic<int> made{0};
  std::atomic<int> alive{0};
  std::atomic<int> most{0};
  std::atomic<bool> shared{false};
};

struct connection {
  explicit connection(watch& w) : seen(&w) {
    ++w.made;
    const int now = ++w.alive;
    int most = w.most;
    while (now > most && !w.most.compare_exchange_weak(most, now)) {
    }
  }
  ~connection() { --seen->alive; }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  void use() {
    if (busy.exchange(true))
      seen->shared = true;
    std::this_thread::yield();
    ++uses; // not atomic: the pool must hand it over cleanly
    busy = false;
  }
  watch* seen;
  std::atomic<bool> busy{false};
  int uses = 0;
  bool healthy = true;
};

auto factory_of(watch& w) {
  return [&w] { return std::make_unique<connection>(w); };
}

/// Waits until `pool` has `waits` waits behind or before it.
void await_waits(const connection_pool<connection>& pool, std::uint64_t waits) {
  while (pool.figures().waits < waits)
    std::this_thread::yield();
}

} // namespace

TEST_CASE("connections are made on demand and used again") {
  watch w;
  connection_pool<connection> pool{factory_of(w)};
  CHECK(pool.size() == 20);
  CHECK(w.made == 0);
  {
    auto first = pool.acquire();
    auto second = pool.acquire();
    REQUIRE(first);
    REQUIRE(second);
    CHECK(&**first != &**second);
    CHECK(pool.figures().in_use == 2);
  }
  CHECK(pool.figures().idle == 2);
  {
    CHECK(pool.acquire());
  }
  CHECK(w.made == 2);
  CHECK(pool.figures().created == 2);
  CHECK(pool.figures().lost == 0);
}

TEST_CASE("a broken connection is thrown away and replaced on demand") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1}};
  {
    auto lease = pool.acquire();
    REQUIRE(lease);
    lease->broken();
  }
  CHECK(w.alive == 0);
  CHECK(pool.figures().lost == 1);
  CHECK(pool.acquire());
  CHECK(w.made == 2);
}

TEST_CASE("an exception on the way gives the connection back and a broken one not") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1}};
  const auto work = [&](bool break_it) {
    auto lease = pool.acquire();
    if (break_it)
      lease->broken();
    throw std::runtime_error("no");
  };
  CHECK_THROWS(work(false));
  CHECK(pool.figures().idle == 1);
  CHECK_THROWS(work(true));
  CHECK(pool.figures().idle == 0);
  CHECK(pool.figures().in_use == 0);
  CHECK(pool.figures().lost == 1);
}

TEST_CASE("an idle connection that fails its health check is replaced") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1}, [](connection& c) { return c.healthy; }};
  {
    auto lease = pool.acquire();
    REQUIRE(lease);
    (*lease)->healthy = false;
  }
  auto lease = pool.acquire();
  REQUIRE(lease);
  CHECK((*lease)->healthy);
  CHECK(pool.figures().lost == 1);
  CHECK(w.alive == 1);
  CHECK(w.most == 1);
}

TEST_CASE("a factory that fails is a transient error and takes no place") {
  bool fail = true;
  watch w;
  connection_pool<connection> pool{[&] {
                                     if (fail)
                                       throw std::runtime_error("refused");
                                     return std::make_unique<connection>(w);
                                   },
                                   {.size = 1}};
  for (int i = 0; i < 3; ++i) {
    const auto lease = pool.acquire();
    REQUIRE_FALSE(lease);
    CHECK(lease.error() == transient("cannot connect: refused"));
  }
  fail = false;
  CHECK(pool.acquire());
  connection_pool<int> none{[] { return std::unique_ptr<int>{}; }};
  CHECK_FALSE(none.acquire());
}

TEST_CASE("a wait that takes too long is a transient error that says what to do") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1, .wait_limit = 1ms}};
  const auto held = pool.acquire();
  const auto late = pool.acquire();
  REQUIRE_FALSE(late);
  CHECK(late.error().kind == error_kind::transient);
  CHECK(late.error().message() ==
        "no connection became free in time (all 1 are in use): make the pool larger or give "
        "connections back sooner");
  CHECK(pool.figures().waits == 1);
  CHECK(pool.figures().timed_out == 1);
}

TEST_CASE("a wait ends when the caller is asked to stop") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1, .wait_limit = 1h}};
  const auto held = pool.acquire();
  std::stop_source stop;
  std::string what;
  std::thread waiter{[&] {
    const auto lease = pool.acquire(stop.get_token());
    what = lease ? "served" : lease.error().what;
  }};
  await_waits(pool, 1);
  stop.request_stop();
  waiter.join();
  CHECK(what == "stopped while waiting for a connection");
}

TEST_CASE("who waits is served in order of arrival") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1, .wait_limit = 1h}};
  std::vector<int> order; // guarded by the only connection
  std::vector<std::thread> threads;
  {
    const auto held = pool.acquire();
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&, i] {
        const auto lease = pool.acquire();
        order.push_back(i);
      });
      await_waits(pool, static_cast<std::uint64_t>(i) + 1);
    }
  }
  for (auto& thread : threads)
    thread.join();
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
}

TEST_CASE("a lease may outlive its pool") {
  watch w;
  auto pool = std::make_unique<connection_pool<connection>>(factory_of(w));
  {
    auto lease = pool->acquire();
    REQUIRE(lease);
    pool.reset();
    (*lease)->use();
    CHECK(w.alive == 1);
  }
  CHECK(w.alive == 0);
}

TEST_CASE("many threads never share a connection and never exceed the size") {
  watch w;
  std::atomic<int> calls{0};
  connection_pool<connection> pool{[&] {
                                     if (++calls % 7 == 0)
                                       throw std::runtime_error("refused");
                                     return std::make_unique<connection>(w);
                                   },
                                   {.size = 3, .wait_limit = 1min},
                                   [](connection& c) { return c.uses % 50 != 49; }};
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        auto lease = pool.acquire();
        if (!lease)
          continue;
        (*lease)->use();
        ++served;
        if ((i + t) % 40 == 0)
          lease->broken();
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(w.most <= 3);
  CHECK_FALSE(w.shared);
  CHECK(served > 3000);
  const auto figures = pool.figures();
  CHECK(figures.in_use == 0);
  CHECK(figures.idle == static_cast<std::size_t>(w.alive.load()));
  CHECK(figures.created == figures.lost + figures.idle);
}

TEST_CASE("what an abandoned worker holds is lost and its place is free at once") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1, .wait_limit = 1h}};
  std::latch held{1}, wake_up{1};
  worker hung{[&] {
    auto lease = pool.acquire();
    held.count_down();
    wake_up.wait();
    (*lease)->use(); // still its own
  }};
  held.wait();
  std::string served;
  std::thread waiter{[&] {
    const auto lease = pool.acquire();
    served = lease ? "served" : lease.error().what;
  }};
  await_waits(pool, 1);

  hung.abandon();
  waiter.join();
  CHECK(served == "served");
  CHECK(w.made == 2);
  auto figures = pool.figures();
  CHECK(figures.in_use == 0);
  CHECK(figures.idle == 1);
  CHECK(figures.lost == 1);
  CHECK(figures.abandoned == 1);
  CHECK(w.alive == 2);

  wake_up.count_down();
  hung.join();
  CHECK(w.alive == 1); // destroyed by the late worker
  figures = pool.figures();
  CHECK(figures.in_use == 0);
  CHECK(figures.idle == 1);
  CHECK(figures.lost == 1);
  CHECK(figures.abandoned == 1);
}

TEST_CASE("a late lease that is reported broken is counted once") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 2}};
  std::latch held{1}, wake_up{1};
  worker hung{[&] {
    auto lease = pool.acquire();
    held.count_down();
    wake_up.wait();
    lease->broken();
  }};
  held.wait();
  hung.abandon();
  wake_up.count_down();
  hung.join();
  CHECK(w.alive == 0);
  CHECK(pool.figures().lost == 1);
  CHECK(pool.figures().in_use == 0);
}

TEST_CASE("leases given back before the abandonment are not lost") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 2}};
  std::latch back{1}, wake_up{1};
  worker hung{[&] {
    {
      const auto lease = pool.acquire();
    }
    back.count_down();
    wake_up.wait();
  }};
  back.wait();
  hung.abandon();
  CHECK(pool.figures().idle == 1);
  CHECK(pool.figures().lost == 0);
  CHECK(pool.figures().abandoned == 0);
  wake_up.count_down();
}

TEST_CASE("a lease that was moved to another thread stays with the worker that acquired it") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1}};
  std::optional<connection_pool<connection>::lease> moved;
  std::latch handed{1}, wake_up{1};
  worker hung{[&] {
    moved.emplace(*pool.acquire());
    handed.count_down();
    wake_up.wait();
  }};
  handed.wait();
  CHECK(pool.figures().in_use == 1);
  hung.abandon();
  CHECK(pool.figures().in_use == 0);
  CHECK(pool.figures().lost == 1);
  CHECK(w.alive == 1);
  moved.reset();
  CHECK(w.alive == 0);
  CHECK(pool.figures().lost == 1);
  wake_up.count_down();
}

TEST_CASE("who is abandoned while it waits leaves the line and takes nothing") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1, .wait_limit = 1h}};
  std::string first, second;
  std::optional<worker> hung;
  std::thread behind;
  {
    const auto held = pool.acquire();
    hung.emplace([&] {
      const auto lease = pool.acquire();
      first = lease ? "served" : lease.error().message();
    });
    await_waits(pool, 1);
    behind = std::thread{[&] {
      const auto lease = pool.acquire();
      second = lease ? "served" : lease.error().message();
    }};
    await_waits(pool, 2);
    hung->abandon();
    hung->join(); // comes back although the connection is still in use
    CHECK(pool.figures().in_use == 1);
    CHECK(first == "no connection for an abandoned worker");
  }
  behind.join();
  CHECK(second == "served");
  CHECK(w.made == 1);
  CHECK(pool.figures().abandoned == 0);
  CHECK(pool.figures().timed_out == 0);
}

TEST_CASE("a worker that was abandoned before gets no connection") {
  const bool full = GENERATE(true, false);
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 1, .wait_limit = 1h}};
  std::optional<result<connection_pool<connection>::lease>> held;
  if (full)
    held.emplace(pool.acquire());
  std::latch go_on{1};
  std::optional<error> why;
  worker late{[&] {
    go_on.wait();
    if (const auto lease = pool.acquire(); !lease)
      why = lease.error();
  }};
  late.abandon();
  go_on.count_down();
  late.join();
  CHECK(why == transient("no connection for an abandoned worker"));
  CHECK(w.made == (full ? 1 : 0));
  CHECK(pool.figures().in_use == (full ? 1 : 0));
  CHECK(pool.figures().waits == 0);
}

TEST_CASE("a worker abandoned while it connects gives up its place and keeps nothing") {
  watch w;
  std::latch connecting{1}, wake_up{1};
  std::atomic<bool> hangs{true};
  connection_pool<connection> pool{[&] {
                                     if (hangs.exchange(false)) {
                                       connecting.count_down();
                                       wake_up.wait();
                                     }
                                     return std::make_unique<connection>(w);
                                   },
                                   {.size = 1}};
  bool served = true;
  worker hung{[&] { served = pool.acquire().has_value(); }};
  connecting.wait();
  CHECK(pool.figures().in_use == 1);
  hung.abandon();
  CHECK(pool.figures().in_use == 0);
  CHECK(pool.acquire());
  wake_up.count_down();
  hung.join();
  CHECK_FALSE(served);
  CHECK(w.alive == 1);
  const auto figures = pool.figures();
  CHECK(figures.abandoned == 1);
  CHECK(figures.lost == 0);
  CHECK(figures.created == 1);
  CHECK(figures.in_use == 0);
}

TEST_CASE("a worker abandoned in the health check loses the connection once, sound or not") {
  const bool sound = GENERATE(true, false);
  watch w;
  std::latch checking{1}, wake_up{1};
  connection_pool<connection> pool{factory_of(w), {.size = 1}, [&](connection&) {
                                     checking.count_down();
                                     wake_up.wait();
                                     return sound;
                                   }};
  CHECK(pool.acquire());
  bool served = true;
  worker hung{[&] { served = pool.acquire().has_value(); }};
  checking.wait();
  hung.abandon();
  CHECK(pool.figures().in_use == 0);
  wake_up.count_down();
  hung.join();
  CHECK_FALSE(served);
  CHECK(w.alive == 0);
  CHECK(w.made == 1);
  CHECK(pool.figures().lost == 1);
  CHECK(pool.figures().abandoned == 1);
}

TEST_CASE("a late lease may outlive its pool") {
  watch w;
  auto pool = std::make_unique<connection_pool<connection>>(factory_of(w));
  std::latch held{1}, wake_up{1};
  worker hung{[&] {
    const auto lease = pool->acquire();
    held.count_down();
    wake_up.wait();
  }};
  held.wait();
  hung.abandon();
  pool.reset();
  wake_up.count_down();
  hung.join();
  CHECK(w.alive == 0);
}

TEST_CASE("workers abandoned at any moment never let the others exceed the size or starve") {
  watch w;
  connection_pool<connection> pool{factory_of(w), {.size = 2, .wait_limit = 1h}};
  std::atomic<bool> end{false};
  std::atomic<int> together{0}, most{0};
  const auto use = [&](connection_pool<connection>::lease& lease) {
    const int now = ++together;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    lease->use();
    --together;
  };
  std::vector<std::thread> steady;
  for (int t = 0; t < 2; ++t)
    steady.emplace_back([&] {
      while (!end)
        if (auto lease = pool.acquire())
          use(*lease);
    });
  for (int round = 0; round < 200; ++round) {
    worker hung{[&] {
      for (int i = 0; i < 5; ++i)
        if (auto lease = pool.acquire())
          (*lease)->use();
    }};
    for (int i = 0; i < round; ++i)
      std::this_thread::yield();
    hung.abandon();
  }
  end = true;
  for (auto& thread : steady)
    thread.join();
  CHECK(most <= 2);
  CHECK_FALSE(w.shared);
  const auto figures = pool.figures();
  CHECK(figures.in_use == 0);
  CHECK(figures.idle == static_cast<std::size_t>(w.alive.load()));
  CHECK(figures.created == figures.lost + figures.idle);
}
