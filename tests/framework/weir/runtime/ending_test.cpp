#include <tests/framework/weir/runtime/runs.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("drain stops an endless source and delivers what is in flight") {
  const no_batch_leaks leaks;
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    workflow w{"endless"};
    w.settings().mode = mode;
    std::atomic<std::uint64_t> got{0};
    w.from("numbers", endless()).map("add", plus_one, {.workers = {2}}).to("count", [&got](const int&) {
      ++got;
    });
    engine e{{.threads = 2}};
    auto job = e.start(w);
    await([&] { return got > 1000; }, "an endless run gets going");
    CHECK_FALSE(job.ended());
    job.drain(60s);
    const auto r = end_of(job);
    CHECK(r.status == run_status::drained);
    CHECK(r.ok());
    check_books(r, w);
    CHECK(r.node("numbers").received == got);
  }
}

TEST_CASE("stop ends an endless run at once and lists what was in hand") {
  const no_batch_leaks leaks;
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    workflow w{"stopped"};
    w.settings().mode = mode;
    std::atomic<std::uint64_t> got{0};
    w.from("numbers", endless()).map("add", plus_one, {.workers = {2}}).to("count", [&got](const int&) {
      ++got;
    });
    engine e{{.threads = 2}};
    auto job = e.start(w);
    await([&] { return got > 1000; }, "an endless run gets going");
    job.stop();
    const auto r = end_of(job);
    CHECK(r.status == run_status::stopped);
    std::uint64_t left = 0;
    for (const auto& u : r.undelivered)
      left += u.records;
    CHECK(r.node("numbers").received == r.node("count").delivered + left);
    CHECK(r.exit_code() == (left > 0 ? 3 : 0));
  }
}

TEST_CASE("stopping or draining a run that has completed does not change how it ended") {
  workflow w{"done"};
  w.from("numbers", from_range(count_to(10))).to("drop", [](const int&) {});
  engine e{{.threads = 2}};
  auto job = e.start(w);
  CHECK(end_of(job).status == run_status::completed);
  job.drain(1s);
  job.stop();
  CHECK(job.wait().status == run_status::completed);
}

TEST_CASE("a node that cannot start fails the run, names the node and runs no record") {
  const no_batch_leaks leaks;
  struct no_start {
    void on_start(context<int>&) { throw std::runtime_error("no model file"); }
    void on_record(const int& x, context<int>& out) { out.emit(x); }
  };
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential})
    for (const auto where : {isolation::shared, isolation::thread})
      for (int round = 0; round < 20; ++round) {
        workflow w{"no start"};
        w.settings().mode = mode;
        w.from("numbers", endless())
            .node("model", no_start{},
                  {.workers = {2}, .isolation = where, .restart = {.max = 2, .backoff = {.first = 1ms}}})
            .to("drop", [](const int&) {});
        const auto r = run_to_end(w);
        CHECK(r.status == run_status::failed);
        REQUIRE_FALSE(r.errors.empty());
        CHECK(r.errors[0].message() == "no model file (node 'model')");
        CHECK(r.node("drop").delivered == 0);
      }
}

TEST_CASE("a node whose factory throws fails the run instead of crashing it") {
  const no_batch_leaks leaks;
  struct plain {
    int add = 1;
    void on_record(const int& x, context<int>& out) { out.emit(x + add); }
  };
  for (const auto where : {isolation::shared, isolation::thread})
    for (int round = 0; round < 20; ++round) {
      workflow w{"no node"};
      w.from("numbers", endless())
          .node("made", []() -> plain { throw std::runtime_error("no such device"); },
                {.workers = {2}, .isolation = where, .restart = {.max = 2, .backoff = {.first = 1ms}}})
          .to("drop", [](const int&) {});
      const auto r = run_to_end(w);
      CHECK(r.status == run_status::failed);
      REQUIRE_FALSE(r.errors.empty());
      CHECK(r.errors[0].message() == "no such device (node 'made')");
    }
}

TEST_CASE("a source and a sink that cannot start are named too") {
  struct bad_source {
    void on_start() { throw std::runtime_error("no such file"); }
    poll_result poll(emitter<int>&, std::size_t) { return poll_result::end(); }
  };
  struct bad_sink {
    void on_start() { throw std::runtime_error("no database"); }
    void write(std::span<const int>) {}
  };
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    workflow a{"bad source"};
    a.settings().mode = mode;
    a.from("rows", bad_source{}).to("drop", [](const int&) {});
    auto r = run_to_end(a);
    CHECK(r.status == run_status::failed);
    REQUIRE_FALSE(r.errors.empty());
    CHECK(r.errors[0].message() == "no such file (node 'rows')");
    workflow b{"bad sink"};
    b.settings().mode = mode;
    b.from("rows", endless()).to("store", bad_sink{});
    r = run_to_end(b);
    CHECK(r.status == run_status::failed);
    REQUIRE_FALSE(r.errors.empty());
    CHECK(r.errors[0].message() == "no database (node 'store')");
  }
}

TEST_CASE("what a node emits in on_start and on_drain is delivered, each record with an id of its own") {
  const no_batch_leaks leaks;
  struct eager {
    void on_start(context<int>& out) {
      out.emit(-1);
      out.emit(-1);
    }
    void on_record(const int& x, context<int>& out) { out.emit(x); }
    void on_drain(context<int>& out) {
      out.emit(-2);
      out.emit(-2);
    }
  };
  workflow w{"eager"};
  collected<std::string> ids;
  w.from("numbers", from_range(count_to(10)))
      .node("eager", eager{}, {.workers = {2}})
      .map("look",
           [](const int& x, worker_context& c) { return to_string(c.id(), x < 0 ? "eager" : "numbers"); })
      .to("collect", ids.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  auto all = ids.sorted();
  CHECK(all.size() == 18);
  CHECK(std::ranges::unique(all).empty());
}

TEST_CASE("a workflow with mistakes does not start and says all of them") {
  workflow w{"wrong"};
  (void)w.from("numbers", from_range(count_to(10)), {.workers = {0}});
  engine e{{.threads = 1}};
  auto job = e.start(w);
  CHECK(job.ended());
  const auto r = job.wait();
  CHECK(r.status == run_status::invalid);
  CHECK(r.exit_code() == 2);
  CHECK(r.errors.size() == 2);
  CHECK(job.figures().empty());
  job.drain(1s);
  job.stop();
}

TEST_CASE("a workflow may run twice, also at once, and be gone while it runs") {
  const no_batch_leaks leaks;
  struct sum {
    long total = 0;
    void add(const int& x) { total += x; }
    long result() const { return total; }
  };
  collected<long> got;
  engine e{{.threads = 2}};
  std::vector<running> jobs;
  {
    workflow w{"twice"};
    w.from("numbers", from_range(count_to(1000))).aggregate("sum", sum{}).to("collect", got.sink());
    CHECK(end_of(e.start(w)).status == run_status::completed);
    for (int i = 0; i < 3; ++i)
      jobs.push_back(e.start(w));
  }
  for (auto& job : jobs)
    CHECK(end_of(job).status == run_status::completed);
  CHECK(got.records() == std::vector<long>(4, 499'500));
}

TEST_CASE("an engine that goes stops its runs, and their handles stay usable") {
  const no_batch_leaks leaks;
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential})
    for (const auto where : {isolation::shared, isolation::thread}) {
      std::optional<running> job;
      std::atomic<int> got{0};
      {
        workflow w{"orphan"};
        w.settings().mode = mode;
        w.from("numbers", endless())
            .map("add", plus_one, {.workers = {2}, .isolation = where})
            .to("count", [&got](const int&) { ++got; });
        engine e{{.threads = 2}};
        job = e.start(w);
        if (mode == execution_mode::parallel)
          await([&] { return got > 0; }, "a run gets going");
      }
      CHECK(job->ended());
      CHECK(job->wait().status == run_status::stopped);
      job->drain(1s);
      job->stop();
    }
}
