#include <tests/framework/weir/runtime/runs.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("a sink that fails five times and then works has lost and doubled nothing") {
  const no_batch_leaks leaks;
  struct sink {
    collected<int>* got;
    int fails = 5;
    result<> write(std::span<const int> all) {
      if (fails > 0 && fails-- > 0)
        return transient("database is away");
      for (const int x : all)
        got->add(x);
      return {};
    }
  };
  workflow w{"sink outage"};
  collected<int> got;
  w.from("numbers", from_range(count_to(5000))).to("store", sink{&got}, {.retry = fixed_backoff{1ms, 0}});
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(r.dead_letters == 0);
  CHECK(got.records().size() == 5000);
  CHECK(got.sorted() == count_to(5000));
}

TEST_CASE("a permanent error of a sink isolates the record at fault") {
  const no_batch_leaks leaks;
  struct sink {
    collected<int>* got;
    result<> write(std::span<const int> all) {
      if (std::ranges::find(all, 777) != all.end())
        return permanent("777 is not welcome");
      for (const int x : all)
        got->add(x);
      return {};
    }
  };
  workflow w{"culprit"};
  collected<int> got;
  w.from("numbers", from_range(count_to(2000))).to("store", sink{&got});
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  REQUIRE(r.dead_letters == 1);
  CHECK(r.last_dead_letters[0].payload == "777");
  CHECK(r.last_dead_letters[0].id == "numbers:777");
  CHECK(got.size() == 1999);
}

TEST_CASE("a full disk ends the run uncleanly: the sink is left alone and what was left is listed") {
  const no_batch_leaks leaks;
  struct sink {
    std::atomic<int>* calls;
    result<> write(std::span<const int>) {
      ++*calls;
      return exhausted("disk is full", "/data", "free some space");
    }
  };
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    workflow w{"disk full"};
    w.settings().mode = mode;
    std::atomic<int> calls{0};
    w.from("numbers", from_range(count_to(50'000))).to("store", sink{&calls});
    const auto r = run_to_end(w);
    CHECK(r.status == run_status::drained_uncleanly);
    CHECK(r.exit_code() == 3);
    CHECK(r.dead_letters == 0);
    CHECK(calls == 1);
    REQUIRE(r.errors.size() == 1);
    CHECK(r.errors[0].message() == "disk is full (/data): free some space");
    std::uint64_t left = 0;
    for (const auto& u : r.undelivered)
      left += u.records;
    CHECK(left == r.node("numbers").received);
  }
}

TEST_CASE("a sink that keeps failing does not stop a drain from ending at its deadline") {
  const no_batch_leaks leaks;
  workflow w{"stuck"};
  w.from("numbers", from_range(count_to(5000))).to("store", [](const int&) -> result<> {
    return transient("away");
  });
  engine e{{.threads = 2}};
  auto job = e.start(w);
  job.drain(30ms);
  const auto r = end_of(job);
  CHECK(r.status == run_status::drained_uncleanly);
  check_books(r, w);
}
