#include <tests/framework/weir/runtime/runs.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("a record that runs out of time and honours the stop token is a dead letter of kind timeout") {
  const no_batch_leaks leaks;
  workflow w{"timeout"};
  collected<int> got;
  w.from("numbers", from_range(count_to(200)))
      .map("work",
           [](const int& x, worker_context& c) {
             if (x == 50) {
               await([&] { return c.stop_requested(); }, "a stop request after the timeout");
               throw std::runtime_error("gave up");
             }
             return x;
           },
           {.workers = {2}, .timeout = 250ms, .grace = 30s})
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.size() == 199);
  CHECK(r.node("work").timeouts == 1);
  CHECK(r.node("work").restarts == 0);
  REQUIRE(r.dead_letters == 1);
  CHECK(r.last_dead_letters[0].kind == failure_kind::timeout);
  CHECK(r.last_dead_letters[0].payload == "50");
}

TEST_CASE("a worker that ignores the stop token is abandoned, and everything but its record goes through") {
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  const auto inside = std::make_shared<std::atomic<int>>(0);
  for (const auto order : {ordering::unordered, ordering::ordered}) {
    *gate = false;
    workflow w{"hung"};
    collected<int> got;
    w.from("numbers", from_range(count_to(200)))
        .map("work",
             [gate, inside](const int& x) {
               if (x == 50) {
                 ++*inside;
                 await([&] { return gate->load(); }, "the test opens the gate");
                 --*inside;
               }
               return x;
             },
             {.workers = {2}, .order = order, .timeout = 250ms, .grace = 10ms})
        .to("collect", got.sink());
    {
      engine e{{.threads = 2}};
      const auto job = e.start(w);
      await_end(job);
      CHECK(*inside == 1);
      *gate = true;
      await([&] { return *inside == 0; }, "the abandoned function returns");
      const auto r = end_of(job);
      CHECK(r.status == run_status::completed);
      check_books(r, w);
      CHECK(r.node("work").restarts == 1);
      CHECK(r.node("work").timeouts == 1);
      REQUIRE(r.dead_letters == 1);
      CHECK(r.last_dead_letters[0].kind == failure_kind::timeout);
      CHECK(r.last_dead_letters[0].payload == "50");
      auto expected = count_to(200);
      expected.erase(expected.begin() + 50);
      if (order == ordering::ordered)
        CHECK(got.records() == expected);
      else
        CHECK(got.sorted() == expected);
    }
  }
}

TEST_CASE("a batch function that hangs on one record loses only that record") {
  const no_batch_leaks leaks;
  workflow w{"slow batch"};
  collected<int> got;
  w.from("numbers", from_range(count_to(64)))
      .map_batch("work",
                 [](std::span<const int> in, worker_context& c) -> result<std::vector<int>> {
                   if (std::ranges::find(in, 20) != in.end()) {
                     await([&] { return c.stop_requested(); }, "a stop request after the timeout");
                     return permanent("too slow");
                   }
                   return std::vector<int>(in.begin(), in.end());
                 },
                 {.timeout = 100ms, .grace = 30s, .batch_size = 16})
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.size() == 63);
  REQUIRE(r.dead_letters == 1);
  CHECK(r.last_dead_letters[0].kind == failure_kind::timeout);
  CHECK(r.last_dead_letters[0].payload == "20");
}
