#include <tests/framework/weir/resource/worker.hpp>
#include <tests/support/catch.hpp>
#include <weir/resource/cache.hpp>

#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;
using weir::test::worker;

namespace {

using words = cache<std::string, std::string>;
using numbers = cache<int, int>;

/// Every entry weighs its value.
std::size_t by_value(int, int value) { return static_cast<std::size_t>(value); }
/// Every entry weighs one byte.
std::size_t one_each(int, int) { return 1; }

template <class Cache>
void await_joined(const Cache& c, std::uint64_t callers) {
  while (c.figures().coalesced < callers)
    std::this_thread::yield();
}

int value_of(const result<std::shared_ptr<const int>>& r) { return r ? **r : -1; }

} // namespace

TEST_CASE("a cache answers what was put until it is erased") {
  words c;
  CHECK(c.get("a") == nullptr);
  c.put("a", "one");
  c.put("b", "two");
  REQUIRE(c.get("a"));
  CHECK(*c.get("a") == "one");
  c.put("a", "three");
  const auto held = c.get("a");
  CHECK(*held == "three");
  CHECK(c.erase("a"));
  CHECK_FALSE(c.erase("a"));
  CHECK(c.get("a") == nullptr);
  CHECK(*held == "three");
  c.clear();
  CHECK(c.get("b") == nullptr);
  const auto figures = c.figures();
  CHECK(figures.hits == 3);
  CHECK(figures.misses == 3);
  CHECK(figures.entries == 0);
  CHECK(figures.bytes == 0);
}

TEST_CASE("a value is computed when there is none, and kept") {
  words c;
  int calls = 0;
  const auto compute = [&] { return "value " + std::to_string(++calls); };
  const auto first = c.get_or_compute("a", compute);
  const auto second = c.get_or_compute("a", compute);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(**first == "value 1");
  CHECK(*first == *second);
  CHECK(c.get("a") == *first);
  const auto figures = c.figures();
  CHECK(figures.hits == 2);
  CHECK(figures.misses == 1);
  CHECK(figures.computed == 1);
  CHECK(figures.entries == 1);
}

TEST_CASE("callers of the same key at the same time get one computation") {
  numbers c;
  std::atomic<int> calls{0};
  std::vector<const int*> got(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < got.size(); ++i)
    threads.emplace_back([&, i] {
      const auto value = c.get_or_compute(1, [&] {
        await_joined(c, 3);
        return ++calls;
      });
      got[i] = value ? value->get() : nullptr;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(calls == 1);
  const int* kept = c.get(1).get();
  CHECK(kept != nullptr);
  CHECK(got == std::vector<const int*>(4, kept));
  CHECK(c.figures().coalesced == 3);
  CHECK(c.figures().computed == 1);
}

TEST_CASE("while one key is computed others are served") {
  numbers c;
  int inner = 0;
  const auto outer = c.get_or_compute(1, [&] {
    c.put(2, 20);
    std::thread{[&] { inner = value_of(c.get_or_compute(3, [] { return 30; })) + *c.get(2); }}.join();
    return value_of(c.get_or_compute(4, [] { return 40; }));
  });
  CHECK(inner == 50);
  CHECK(value_of(outer) == 40);
}

TEST_CASE("a failure reaches all who wait and is not kept") {
  const bool throws = GENERATE(true, false);
  numbers c;
  const error why = permanent("no such page", "a.html", "look elsewhere");
  std::atomic<int> calls{0};
  const auto compute = [&]() -> result<int> {
    ++calls;
    await_joined(c, 2);
    if (throws)
      throw why;
    return why;
  };
  std::vector<std::optional<error>> seen(3);
  std::vector<std::thread> threads;
  for (auto& mine : seen)
    threads.emplace_back([&] {
      if (const auto value = c.get_or_compute(1, compute); !value)
        mine = value.error();
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(calls == 1);
  CHECK(seen == std::vector<std::optional<error>>(3, why));
  CHECK(c.figures().failed == 1);
  CHECK(c.figures().entries == 0);
  CHECK(value_of(c.get_or_compute(1, [] { return 7; })) == 7);
}

TEST_CASE("what is thrown is an error with its text") {
  numbers c;
  const auto value = c.get_or_compute(1, []() -> int { throw std::runtime_error("refused"); });
  REQUIRE_FALSE(value);
  CHECK(value.error() == transient("refused"));
}

TEST_CASE("a weigher that throws fails the call and nothing else") {
  numbers c{{}, [](int key, int) -> std::size_t {
              if (key == 1)
                throw std::runtime_error("too odd to weigh");
              return 1;
            }};
  CHECK_FALSE(c.get_or_compute(1, [] { return 1; }));
  CHECK_THROWS(c.put(1, 1));
  CHECK(c.get_or_compute(2, [] { return 2; }));
  CHECK(c.figures().entries == 1);
}

TEST_CASE("failures are answered again for as long as the options say") {
  const auto time = std::make_shared<manual_clock>();
  numbers c{{.max_age = 1h, .cache_failures_for = 10s, .time = time}};
  int calls = 0;
  const auto fail = [&]() -> result<int> {
    ++calls;
    return transient("down");
  };
  CHECK_FALSE(c.get_or_compute(1, fail));
  time->advance(9s);
  const auto again = c.get_or_compute(1, fail);
  REQUIRE_FALSE(again);
  CHECK(again.error() == transient("down"));
  CHECK(calls == 1);
  CHECK(c.get(1) == nullptr);
  CHECK(c.figures().bytes >= sizeof(error));
  time->advance(1s);
  CHECK_FALSE(c.get_or_compute(1, fail));
  CHECK(calls == 2);
  c.put(1, 5);
  CHECK(value_of(c.get_or_compute(1, fail)) == 5);
}

TEST_CASE("a value that has reached its age is computed again") {
  const auto time = std::make_shared<manual_clock>();
  numbers c{{.max_age = 10s, .time = time}};
  c.put(1, 1);
  time->advance(10s - 1ns);
  CHECK(c.get(1));
  time->advance(1ns);
  CHECK(c.get(1) == nullptr);
  CHECK(c.figures().expired == 1);
  CHECK(c.figures().entries == 0);
  CHECK(value_of(c.get_or_compute(1, [] { return 2; })) == 2);
  time->advance(10s);
  CHECK(value_of(c.get_or_compute(1, [] { return 3; })) == 3);
  CHECK(c.figures().expired == 2);
}

TEST_CASE("without an age values do not grow old") {
  const auto time = std::make_shared<manual_clock>();
  numbers c{{.time = time}};
  c.put(1, 1);
  time->advance(24h * 365 * 200);
  CHECK(c.get(1));
}

TEST_CASE("the weights never exceed the bound, and the default weigher sees long strings") {
  numbers c{{.max_bytes = 100}, by_value};
  for (int i = 0; i < 200; ++i) {
    c.put(i, 1 + i % 60);
    if (c.figures().bytes > 100)
      FAIL(c.figures().bytes << " bytes at " << i);
  }
  CHECK(c.figures().evicted > 150);
  CHECK(c.figures().entries == 200 - c.figures().evicted);

  words w;
  std::string text(1000, 'x');
  w.put("a", text);
  CHECK(w.figures().bytes >= 2 * sizeof(std::string) + 1000);
  CHECK(w.figures().bytes < 2 * sizeof(std::string) + 1100);
}

TEST_CASE("a value heavier than the bound is answered, not kept, and what it would replace goes") {
  numbers c{{.max_bytes = 100}, by_value};
  c.put(1, 50);
  c.put(2, 40);
  CHECK(value_of(c.get_or_compute(3, [] { return 101; })) == 101);
  CHECK(c.get(3) == nullptr);
  c.put(2, 101);
  CHECK(c.get(2) == nullptr);
  CHECK(c.get(1));
  CHECK(c.figures().bytes == 50);
  c.put(1, 100);
  CHECK(c.get(1));
  CHECK(c.figures().bytes == 100);
  CHECK(c.figures().evicted == 0);
}

TEST_CASE("with no room at all a cache still computes once for all who ask") {
  numbers c{{.max_bytes = 0}};
  CHECK(value_of(c.get_or_compute(1, [] { return 1; })) == 1);
  CHECK(value_of(c.get_or_compute(1, [] { return 2; })) == 2);
  CHECK(c.figures().entries == 0);
}

TEST_CASE("what was not used goes before what was") {
  numbers c{{.max_bytes = 4}, one_each};
  for (int i = 0; i < 4; ++i)
    c.put(i, i);
  for (int i = 0; i < 2; ++i) {
    CHECK(c.get(0));
    CHECK(c.get(2));
  }
  c.put(4, 4);
  c.put(5, 5);
  CHECK(c.get(0));
  CHECK(c.get(1) == nullptr);
  CHECK(c.get(2));
  CHECK(c.get(3) == nullptr);
  CHECK(c.get(4));
  CHECK(c.get(5));
}

TEST_CASE("many keys asked for once do not push out those asked for often") {
  numbers c{{.max_bytes = 100}, one_each};
  const auto ask = [&](int key) { return value_of(c.get_or_compute(key, [&] { return key; })); };
  for (int round = 0; round < 3; ++round)
    for (int hot = 0; hot < 50; ++hot)
      ask(hot);
  for (int key = 1000; key < 3000; ++key)
    ask(key);
  int there = 0;
  for (int hot = 0; hot < 50; ++hot)
    there += c.get(hot) ? 1 : 0;
  CHECK(there == 50);
  CHECK(c.figures().entries == 100);
}

TEST_CASE("who comes back soon after it was pushed out stays") {
  numbers c{{.max_bytes = 10}, one_each};
  for (int i = 0; i < 15; ++i)
    c.put(i, i);
  CHECK(c.get(4) == nullptr);
  c.put(4, 4);
  for (int i = 100; i < 150; ++i)
    c.put(i, i);
  CHECK(c.get(4));
}

TEST_CASE("old favourites make room for new ones") {
  numbers c{{.max_bytes = 10}, one_each};
  const auto use = [&](int key) {
    for (int i = 0; i < 5; ++i)
      c.get_or_compute(key, [&] { return key; }).has_value();
  };
  for (int i = 0; i < 10; ++i)
    use(i);
  for (int i = 100; i < 200; ++i)
    use(i);
  int old = 0;
  for (int i = 0; i < 10; ++i)
    old += c.get(i) ? 1 : 0;
  CHECK(old == 0);
}

TEST_CASE("what is new has a tenth of the room, whatever is old") {
  numbers c{{.max_bytes = 100}, one_each};
  for (int key = 0; key < 100; ++key)
    for (int i = 0; i < 5; ++i)
      c.get_or_compute(key, [&] { return key; }).has_value();
  for (int key = 100; key < 110; ++key)
    c.put(key, key);
  int there = 0;
  for (int key = 100; key < 110; ++key)
    there += c.get(key) ? 1 : 0;
  CHECK(there == 10);
}

TEST_CASE("a caller that is asked to stop does not wait for another's computation") {
  numbers c;
  std::stop_source stop;
  std::latch computing{1}, go_on{1};
  std::thread first{[&] {
    c.get_or_compute(1, [&] {
       computing.count_down();
       go_on.wait();
       return 1;
     }).has_value();
  }};
  computing.wait();
  std::optional<error> why;
  std::thread second{[&] {
    if (const auto value = c.get_or_compute(1, [] { return 2; }, stop.get_token()); !value)
      why = value.error();
  }};
  await_joined(c, 1);
  stop.request_stop();
  second.join(); // while the first still computes
  CHECK(why == transient("stopped while waiting for a value that another caller makes"));
  go_on.count_down();
  first.join();
  CHECK(*c.get(1) == 1);
}

TEST_CASE("what an abandoned worker computes is taken over by one who waits") {
  numbers c;
  std::latch computing{1}, wake_up{1};
  int late = 0;
  worker hung{[&] {
    late = value_of(c.get_or_compute(1, [&] {
      computing.count_down();
      wake_up.wait();
      return 1;
    }));
  }};
  computing.wait();
  std::atomic<int> calls{0};
  std::vector<int> got(3);
  std::vector<std::thread> threads;
  for (auto& mine : got)
    threads.emplace_back([&] { mine = value_of(c.get_or_compute(1, [&] { return 2 + calls++; })); });
  await_joined(c, 3);

  hung.abandon();
  for (auto& thread : threads)
    thread.join(); // while the worker still hangs
  CHECK(calls == 1);
  CHECK(got == std::vector{2, 2, 2});

  wake_up.count_down();
  hung.join();
  CHECK(late == 1);
  CHECK(*c.get(1) == 2); // the late value is not kept
  CHECK(c.figures().computed == 1);
  CHECK(c.figures().coalesced == 3);
}

TEST_CASE("what an abandoned worker computes, and nobody waits for, is computed by the next who asks") {
  numbers c;
  std::latch computing{1}, wake_up{1};
  worker hung{[&] {
    c.get_or_compute(1, [&] {
       computing.count_down();
       wake_up.wait();
       return 1;
     }).has_value();
  }};
  computing.wait();
  hung.abandon();
  CHECK(value_of(c.get_or_compute(1, [] { return 2; })) == 2);
  c.erase(1);
  wake_up.count_down();
  hung.join();
  CHECK(c.get(1) == nullptr);
}

TEST_CASE("a worker abandoned while it waits comes back with an error and computes nothing") {
  numbers c;
  std::latch computing{1}, go_on{1};
  std::thread first{[&] {
    c.get_or_compute(1, [&] {
       computing.count_down();
       go_on.wait();
       return 1;
     }).has_value();
  }};
  computing.wait();
  std::optional<error> why;
  worker hung{[&] {
    if (const auto value = c.get_or_compute(1, [] { return 2; }); !value)
      why = value.error();
  }};
  await_joined(c, 1);
  hung.abandon();
  hung.join();
  CHECK(why == transient("no value for an abandoned worker"));
  go_on.count_down();
  first.join();
  CHECK(*c.get(1) == 1);
}

TEST_CASE("a worker that was abandoned before computes nothing and holds up nobody") {
  numbers c;
  c.put(1, 1);
  std::latch go_on{1};
  bool computed = false;
  std::optional<error> why;
  int known = 0;
  worker late{[&] {
    go_on.wait();
    known = value_of(c.get_or_compute(1, [] { return 5; }));
    const auto value = c.get_or_compute(2, [&] {
      computed = true;
      return 5;
    });
    if (!value)
      why = value.error();
  }};
  late.abandon();
  go_on.count_down();
  late.join();
  CHECK(known == 1);
  CHECK_FALSE(computed);
  CHECK(why == transient("no value for an abandoned worker"));
  CHECK(value_of(c.get_or_compute(2, [] { return 2; })) == 2);
}

TEST_CASE("what is said about a key while it is computed holds") {
  numbers c;
  CHECK(value_of(c.get_or_compute(1, [&] {
          c.put(1, 10);
          return 1;
        })) == 1);
  CHECK(*c.get(1) == 10);
  CHECK(c.get_or_compute(2, [&] {
    c.erase(2);
    return 2;
  }));
  CHECK(c.get(2) == nullptr);
  CHECK(c.get_or_compute(3, [&] {
    c.clear();
    return 3;
  }));
  CHECK(c.get(3) == nullptr);
  CHECK(c.get_or_compute(4, [&] {
    c.erase(4);
    return value_of(c.get_or_compute(4, [] { return 40; })); // begun after the erase: kept
  }));
  CHECK(*c.get(4) == 40);
}

TEST_CASE("a computation begun before an erase does not end the one begun after it") {
  numbers c;
  std::latch before{1}, after{1}, end_before{1}, end_after{1};
  std::thread first{[&] {
    c.get_or_compute(1, [&] {
       before.count_down();
       end_before.wait();
       return 1;
     }).has_value();
  }};
  before.wait();
  c.erase(1);
  std::thread second{[&] {
    c.get_or_compute(1, [&] {
       after.count_down();
       end_after.wait();
       return 2;
     }).has_value();
  }};
  after.wait();
  end_before.count_down();
  first.join();
  std::atomic<int> got{0};
  std::thread third{[&] { got = value_of(c.get_or_compute(1, [] { return 3; })); }};
  while (c.figures().coalesced == 0 && got == 0)
    std::this_thread::yield();
  end_after.count_down();
  second.join();
  third.join();
  CHECK(got == 2);
  CHECK(*c.get(1) == 2);
}

TEST_CASE("a computation that asks for itself is an error, not a wait without end") {
  numbers c;
  std::optional<error> inner;
  const auto outer = c.get_or_compute(1, [&] {
    if (const auto self = c.get_or_compute(1, [] { return 1; }); !self)
      inner = self.error();
    return 2;
  });
  REQUIRE(inner);
  CHECK(inner->kind == error_kind::permanent);
  CHECK(value_of(outer) == 2);
}

TEST_CASE("a computation may outlive the cache") {
  auto c = std::make_unique<numbers>();
  std::latch computing{1}, wake_up{1};
  int late = 0;
  worker hung{[&, from = c.get()] {
    late = value_of(from->get_or_compute(1, [&] {
      computing.count_down();
      wake_up.wait();
      return 1;
    }));
  }};
  computing.wait();
  hung.abandon();
  c.reset();
  wake_up.count_down();
  hung.join();
  CHECK(late == 1);
}

TEST_CASE("values may use the cache while they are destroyed") {
  struct farewell {
    explicit farewell(std::function<void()> f) : say(std::move(f)) {}
    farewell(farewell&& other) noexcept : say(std::exchange(other.say, nullptr)) {}
    farewell& operator=(farewell&&) = delete;
    ~farewell() {
      if (say)
        say();
    }
    std::function<void()> say;
  };
  cache<int, farewell> c{{.max_bytes = 2}, [](int, const farewell&) { return std::size_t{1}; }};
  int said = 0;
  const auto bye = [&] {
    ++said;
    c.figures();
  };
  c.put(1, farewell{bye});
  c.put(2, farewell{bye});
  c.put(3, farewell{bye}); // pushes out
  CHECK(said == 1);
  c.put(3, farewell{bye});
  CHECK(said == 2);
  c.erase(3);
  CHECK(said == 3);
  c.get_or_compute(4, [&] { return farewell{bye}; }).has_value();
  c.get_or_compute(5, [&] { return farewell{bye}; }).has_value();
  CHECK(said == 4);
  c.clear();
  CHECK(said == 6);
}

TEST_CASE("many threads with a small cache get right values within the bound") {
  const auto time = std::make_shared<manual_clock>();
  numbers c{{.max_bytes = 60, .max_age = 5ns, .time = time},
            [](int key, int) { return static_cast<std::size_t>(1 + key % 7); }};
  std::atomic<int> wrong{0}, failed{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      unsigned x = t * 7919 + 1;
      for (int i = 0; i < 2000; ++i) {
        x = x * 1664525 + 1013904223;
        const int key = static_cast<int>((x >> 16U) % 40);
        const unsigned what = (x >> 8U) % 16;
        if (what == 0)
          c.erase(key);
        else if (what == 1)
          c.put(key, key * 3);
        else if (what == 2)
          time->advance(1ns);
        else if (const auto value = c.get_or_compute(key, [&]() -> result<int> {
                   if (what == 3)
                     return transient("no");
                   return key * 3;
                 }))
          wrong += **value != key * 3 ? 1 : 0;
        else
          ++failed;
        wrong += c.figures().bytes > 60 ? 1 : 0;
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(wrong == 0);
  const auto figures = c.figures();
  CHECK(static_cast<std::uint64_t>(failed) >= figures.failed);
  CHECK(figures.hits > 0);
  CHECK(figures.misses == figures.computed + figures.failed);
  CHECK(figures.expired > 0);
  c.clear();
  CHECK(c.figures().bytes == 0);
  CHECK(c.figures().entries == 0);
}

TEST_CASE("workers abandoned at any moment leave no caller waiting") {
  numbers c{{.max_bytes = 0}};
  for (int round = 0; round < 200; ++round) {
    int a = 0, b = 0;
    const auto slow = [] {
      for (int i = 0; i < 20; ++i)
        std::this_thread::yield();
      return 1;
    };
    worker hung{[&] { c.get_or_compute(1, slow).has_value(); }};
    std::thread first{[&] { a = value_of(c.get_or_compute(1, slow)); }};
    std::thread second{[&] { b = value_of(c.get_or_compute(1, slow)); }};
    for (int i = 0; i < round % 50; ++i)
      std::this_thread::yield();
    hung.abandon();
    first.join();
    second.join();
    if (a != 1 || b != 1)
      FAIL("round " << round << ": " << a << ", " << b);
  }
}

namespace {

// [cache]
struct page {
  std::string text;
};

using pages = weir::cache<std::string, page>;

/// What a node does with a cache: one download for all workers that need the page at the same time.
weir::result<std::size_t> length_of(pages& known, const std::string& url, std::stop_token stop) {
  const auto found = known.get_or_compute(url, [&] { return page{"the text of " + url}; }, stop);
  if (!found)
    return found.error();
  return (*found)->text.size();
}

std::shared_ptr<pages> make_pages() {
  return std::make_shared<pages>(weir::cache_options{.max_bytes = 1 << 20, .max_age = 5min},
                                 [](const std::string& url, const page& p) {
                                   return sizeof(page) + url.capacity() + p.text.capacity();
                                 });
}
// [cache]

} // namespace

TEST_CASE("the cache of the documentation") {
  const auto known = make_pages();
  const auto length = length_of(*known, "a.html", {});
  REQUIRE(length);
  CHECK(*length == 18);
  CHECK(known->figures().entries == 1);
}
