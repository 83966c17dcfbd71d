#include <tests/support/catch.hpp>
#include <weir/resource/connection_pool.hpp>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;

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
