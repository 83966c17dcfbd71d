#include <tests/framework/weir/runtime/runs.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

namespace {

std::size_t count_of(const std::vector<event>& events, event_kind kind) {
  return static_cast<std::size_t>(std::ranges::count(events, kind, &event::kind));
}

} // namespace

TEST_CASE("an observation of a run shows nodes, edges, workers and what they are at") {
  std::atomic<bool> open{false};
  std::atomic<bool> working{false};
  workflow w{"seen"};
  collected<int> got;
  w.from("numbers", from_range(count_to(10)))
      .map("work",
           [&](const int& n) {
             working.store(true);
             await([&] { return open.load(); }, "the test opens the gate");
             return n;
           },
           {.workers = {2}, .isolation = isolation::thread})
      .to("collect", got.sink());
  engine e{{.threads = 2}};
  auto job = e.start(w);
  await([&] { return working.load(); }, "a worker works");
  await(
      [&] {
        return std::ranges::any_of(job.observe().nodes[1].workers, [](const auto& one) {
          return one.state == worker_state::busy && one.task_age > 1ms;
        });
      },
      "a worker is seen at work");
  const observation seen = job.observe();
  CHECK(seen.workflow == "seen");
  CHECK(seen.state == "running");
  CHECK(seen.up > 0ns);
  CHECK(seen.memory_limit > 0);
  REQUIRE(seen.nodes.size() == 3);
  CHECK(seen.nodes[0].figures.id == "numbers");
  CHECK(seen.nodes[0].figures.is_source);
  CHECK(seen.nodes[0].workers.empty());
  CHECK(seen.nodes[1].workers_max == 2);
  CHECK(seen.nodes[1].workers.size() == 2);
  REQUIRE(seen.edges.size() == 2);
  CHECK(seen.edges[0].from == "numbers");
  CHECK(seen.edges[0].to == "work");
  CHECK(seen.edges[0].records == 10);
  CHECK(seen.edges[0].window == 8);
  open = true;
  end_of(job);
  const observation after = job.observe();
  CHECK(after.state == "completed");
  CHECK_FALSE(after.ready);
  CHECK(after.nodes[2].record_latency.count() == 10);
  CHECK(after.nodes[1].task_duration.count() > 0);
}

TEST_CASE("a paused run takes nothing in until it is resumed, and a pause does not keep it from ending") {
  workflow w{"paused"};
  std::atomic<int> got{0};
  w.from("numbers", endless(), {.max_delay = 1ms}).to("count", [&got](const int&) { ++got; });
  engine e{{.threads = 2}};
  auto job = e.start(w);
  await([&] { return got.load() > 1'000; }, "records flow");
  job.pause();
  CHECK(job.observe().state == "paused");
  const auto nothing_more = [&] {
    const auto all = job.observe();
    return all.nodes[0].figures.received == all.nodes[1].figures.delivered;
  };
  await(nothing_more, "what was in flight arrives");
  const int then = got.load();
  CHECK(nothing_more());
  CHECK(got.load() == then);
  job.resume();
  await([&] { return got.load() > then; }, "records flow again");
  job.pause();
  job.drain(10s);
  CHECK(end_of(job).status == run_status::drained);
  const auto events = job.events();
  CHECK(count_of(events, event_kind::paused) == 2);
  CHECK(count_of(events, event_kind::resumed) == 1);
  CHECK(count_of(events, event_kind::drain) == 1);
  REQUIRE_FALSE(events.empty());
  CHECK(events.front().kind == event_kind::started);
  CHECK(events.back().kind == event_kind::ended);
  CHECK(events.back().cause == "drained");
}

TEST_CASE("restarts, hung workers and dead letters are told as events, with their cause") {
  workflow w{"events"};
  w.settings().max_dead_letters.share = 1;
  collected<int> got;
  w.from("numbers", from_range(count_to(40)))
      .map("work",
           [](const int& n, worker_context& c) -> int {
             if (n == 7) {
               wait_for_stop(c.stop());
               throw std::runtime_error("stopped");
             }
             if (n % 10 == 3)
               throw std::runtime_error("broken");
             return n;
           },
           {.workers = {2}, .isolation = isolation::thread, .timeout = 50ms, .grace = 50ms})
      .to("collect", got.sink());
  engine e{{.threads = 2}};
  auto job = e.start(w);
  const auto r = end_of(job);
  REQUIRE(r.status == run_status::completed);
  const auto events = job.events();
  const auto dead = std::ranges::find(events, event_kind::dead_letter, &event::kind);
  REQUIRE(dead != events.end());
  CHECK(dead->node == "work");
  CHECK_FALSE(dead->cause.empty());
  const observation seen = job.observe();
  CHECK(seen.nodes[1].dead_letters_by[static_cast<std::size_t>(failure_kind::error)] == 4);
  CHECK(seen.nodes[1].dead_letters_by[static_cast<std::size_t>(failure_kind::timeout)] == 1);
  CHECK(seen.nodes[1].errors_by[static_cast<std::size_t>(failure_kind::error)] == 4);
  CHECK(job.dead_letters().size() == 5);
}

TEST_CASE("a worker that is rebuilt is an event that says why") {
  struct fragile {
    void on_record(const int& n, context<int>& out) {
      if (n == 3)
        throw std::runtime_error("lost its connection");
      out.emit(n);
    }
  };
  workflow w{"rebuilt"};
  w.settings().max_dead_letters.share = 1;
  collected<int> got;
  w.from("numbers", from_range(count_to(10)))
      .node("work", fragile{}, {.restart = {.on_throw = after_throw::rebuild}})
      .to("collect", got.sink());
  engine e{{.threads = 2}};
  auto job = e.start(w);
  REQUIRE(end_of(job).status == run_status::completed);
  const auto events = job.events();
  const auto restart = std::ranges::find(events, event_kind::restart, &event::kind);
  REQUIRE(restart != events.end());
  CHECK(restart->node == "work");
  CHECK(restart->worker == 0);
  CHECK(restart->cause == "thrown: lost its connection");
}
