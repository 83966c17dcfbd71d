#include <tests/framework/weir/runtime/runs.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("an update of one branch does not show in the other") {
  const no_batch_leaks leaks;
  workflow w{"fan-out"};
  collected<int> changed, kept;
  auto numbers = w.from("numbers", from_range(count_to(50'000)));
  numbers.update("change", [](int& x) { x = -x; }).to("changed", changed.sink());
  numbers.filter("odd", [](const int& x) { return x % 2 == 1; }).to("kept", kept.sink());
  const auto r = run_to_end(w);
  CHECK(r.ok());
  check_books(r, w);
  CHECK(changed.records().size() == 50'000);
  REQUIRE(kept.records().size() == 25'000);
  for (const int x : kept.records())
    if (x % 2 != 1 || x < 0)
      FAIL(x);
}

TEST_CASE("what a chain that cannot fail does to its input does not show in another branch") {
  for (const std::uint32_t workers : {1U, 3U}) {
    const no_batch_leaks leaks;
    workflow w{"fan-out"};
    std::atomic<std::int64_t> sum{0};
    collected<int> kept;
    auto numbers = w.from("numbers", from_range(count_to(50'000)));
    numbers.update("change", [](int& x) noexcept { x = -x; }, {.workers = {workers}})
        .filter([](const int& x) noexcept { return x % 2 == 0; })
        .to([&sum](const int& x) noexcept { sum += x; });
    numbers.to("kept", kept.sink());
    const auto r = run_to_end(w);
    CHECK(r.ok());
    check_books(r, w);
    CHECK(sum == -25'000LL * 24'999);
    auto records = kept.records();
    std::ranges::sort(records);
    CHECK(records == count_to(50'000));
  }
}

TEST_CASE("a record whose update failed half way is tried again as it was") {
  for (const std::uint32_t workers : {1U, 3U}) {
    const no_batch_leaks leaks;
    workflow w{"retry"};
    collected<int> got;
    w.from("numbers", from_range(count_to(20'000)))
        .update("add",
                [](int& x, worker_context& c) {
                  x += 1'000'000; // done twice if the first attempt left a trace
                  if (c.attempt() == 1 && x % 500 == 7)
                    throw error{transient("try again")};
                },
                {.workers = {workers}, .retry = fixed_backoff{.wait = 1ms, .max_attempts = 3}})
        .to("collect", got.sink());
    const auto r = run_to_end(w);
    CHECK(r.ok());
    check_books(r, w);
    CHECK(r.node("add").retries == 40);
    auto records = got.records();
    std::ranges::sort(records);
    REQUIRE(records.size() == 20'000);
    for (int i = 0; i < 20'000; ++i)
      if (records[static_cast<std::size_t>(i)] != 1'000'000 + i)
        FAIL("at " << i);
  }
}

TEST_CASE("a record that fails in place for good is a dead letter as it was, with its id") {
  workflow w{"dead"};
  collected<int> got;
  w.from("numbers", from_range(count_to(2'000)))
      .update("halve",
              [](int& x) -> result<> {
                const int was = x;
                x /= 2;
                if (was == 1'500)
                  return permanent("not this one");
                return {};
              })
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  REQUIRE(r.last_dead_letters.size() == 1);
  CHECK(r.last_dead_letters[0].payload == "1500");
  CHECK(r.last_dead_letters[0].id == "numbers:1500");
  CHECK(got.records().size() == 1'999);
}

TEST_CASE("a sink fused into the steps before it is one node with them") {
  workflow w{"fused"};
  std::uint64_t sum = 0;
  w.from("numbers", from_range(count_to(30'000)))
      .map("all", [](const int& x) { return 2L * x; })
      .filter([](const long& x) { return x % 4 == 0; })
      .to([&sum](const long& x) { sum += static_cast<std::uint64_t>(x); });
  const auto r = run_to_end(w);
  CHECK(r.ok());
  CHECK(r.nodes.size() == 2);
  CHECK(sum == 2 * 14'999ULL * 15'000ULL);
  CHECK(r.node("all").delivered == 30'000);
}

TEST_CASE("a source that fills its batches itself emits what it commits, in order") {
  struct filler {
    int next = 0;
    poll_result poll(emitter<int>& out, std::size_t demand) {
      while (demand > 0 && next < 10'000) {
        auto room = out.prepare(demand);
        std::size_t n = 0;
        for (; n < room.size() && n < 333 && next < 10'000; ++n)
          room[n] = next++;
        out.commit(n);
        demand -= n;
      }
      return next == 10'000 ? poll_result::end() : poll_result::more();
    }
  };
  workflow w{"filler"};
  collected<int> got;
  w.from("numbers", filler{}).to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.ok());
  CHECK(r.node("numbers").sent == 10'000);
  CHECK(got.records() == count_to(10'000));
}
