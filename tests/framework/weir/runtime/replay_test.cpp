#include <tests/framework/weir/runtime/runs.hpp>
#include <weir/testkit/workflow_probe.hpp>

#include <map>
#include <set>
#include <stdexcept>
#include <vector>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

namespace {

/// Fails the records in it, until they are taken out.
using bad_set = std::shared_ptr<std::set<int>>;
bad_set bad(std::set<int> all) { return std::make_shared<std::set<int>>(std::move(all)); }

auto unless_bad(bad_set of) {
  return [of](const int& x) -> result<int> {
    if (of->contains(x))
      return permanent("bad number");
    return 10 * x;
  };
}

workflow tens(const bad_set& of, node_options options = {}) {
  workflow w{"tens"};
  w.settings().max_dead_letters.share = 1;
  w.from("numbers", from_range(std::vector<int>{}))
      .map("times ten", unless_bad(of), options)
      .to("print", [](const int&) {});
  return w;
}

struct run_of_tens {
  explicit run_of_tens(const workflow& w) : probe(w) {}
  workflow_probe probe;
  probe_source<int> numbers = probe.replace_source<int>("numbers");
  std::shared_ptr<const std::vector<int>> printed = probe.capture_sink<int>("print");

  void feed(int to) {
    for (int i = 0; i < to; ++i)
      numbers.feed(i);
    probe.settle();
  }
  replay_result replay(const std::vector<std::string>& ids = {}, std::string_view node = {}) {
    auto said = probe.sim().replay(ids, node);
    probe.settle();
    return said;
  }
  std::vector<std::string> ids() {
    std::vector<std::string> all;
    for (const auto& l : probe.dead_letters())
      all.push_back(l.id);
    return all;
  }
};

} // namespace

TEST_CASE("a dead letter that is replayed with success is delivered, and a dead letter no more") {
  const no_batch_leaks leaks;
  const auto of = bad({2, 4});
  workflow w = tens(of);
  run_of_tens run{w};
  run.feed(5);
  CHECK(run.printed->size() == 3);
  CHECK(run.ids() == std::vector<std::string>{"numbers:2", "numbers:4"});
  of->clear();
  const auto said = run.replay({{"numbers:4"}});
  CHECK(said.replayed == std::vector<std::string>{"numbers:4"});
  CHECK(said.refused.empty());
  CHECK(run.printed->back() == 40);
  CHECK(run.ids() == std::vector<std::string>{"numbers:2"});
  CHECK(run.probe.figures("times ten").dead_letters == 1);
  CHECK(run.probe.figures("times ten").replayed == 1);
  CHECK(run.replay().replayed == std::vector<std::string>{"numbers:2"});
  run.numbers.end();
  REQUIRE(run.probe.run());
  const auto r = run.probe.result();
  CHECK(r.status == run_status::completed);
  CHECK(r.dead_letters == 0);
  CHECK(r.last_dead_letters.empty());
  CHECK(r.node("print").delivered == 5);
  check_books(r, w);
}

TEST_CASE("one that fails again is a new dead letter with the attempts of the new try") {
  const no_batch_leaks leaks;
  const auto of = bad({1});
  workflow w = tens(of, {.retry = fixed_backoff{1s, 3}});
  run_of_tens run{w};
  run.feed(3);
  for (int again = 1; again <= 3; ++again) {
    CHECK(run.replay().replayed.size() == 1);
    REQUIRE(run.ids() == std::vector<std::string>{"numbers:1"});
    CHECK(run.probe.dead_letters()[0].attempts == 1);
    CHECK(run.probe.figures("times ten").dead_letters == 1);
    CHECK(run.probe.figures("times ten").replayed == static_cast<std::uint64_t>(again));
    CHECK(run.probe.figures("times ten").received == 3);
  }
  run.numbers.end();
  REQUIRE(run.probe.run());
  check_books(run.probe.result(), w);
}

TEST_CASE("a replayed record is retried like any other, in virtual time") {
  const no_batch_leaks leaks;
  const auto of = bad({1});
  workflow w = tens(of, {.retry = fixed_backoff{1s, 3}});
  run_of_tens run{w};
  run.feed(2);
  of->clear();
  run.probe.fail("times ten", transient("busy"), 2);
  CHECK(run.replay().replayed.size() == 1);
  CHECK(run.printed->size() == 1);
  run.probe.advance(1s);
  CHECK(run.printed->size() == 1);
  run.probe.advance(1s);
  CHECK(*run.printed == std::vector<int>{0, 10});
}

TEST_CASE("replays that fail again neither end the run nor count as an outage") {
  const auto of = bad({});
  workflow w = tens(of, {.retry = fixed_backoff{1ms, 2}});
  w.settings().max_dead_letters = {.share = 0.1, .window = 100};
  run_of_tens run{w};
  run.feed(100);
  of->insert({100, 101, 102, 103, 104});
  for (int i = 100; i < 105; ++i)
    run.numbers.feed(i);
  run.probe.settle();
  for (int again = 0; again < 10; ++again)
    CHECK(run.replay().replayed.size() == 5);
  CHECK_FALSE(run.probe.ended());
  CHECK(run.probe.ready());
  CHECK(run.probe.figures("times ten").dead_letters == 5);
}

TEST_CASE("what cannot be replayed says why, letter by letter") {
  const auto of = bad({1});
  workflow w{"refusals"};
  w.settings().max_dead_letters.share = 1;
  struct source {
    int next = 0;
    poll_result poll(emitter<int>& out, std::size_t) {
      if (next == 3)
        return poll_result::idle();
      if (next == 2)
        out.reject("{broken", permanent("not a number"));
      else
        out(next);
      ++next;
      return poll_result::more();
    }
  };
  w.from("numbers", source{}).map("times ten", unless_bad(of)).to("print", [](const int&) {});
  workflow_probe probe{w};
  probe.settle();
  REQUIRE(probe.dead_letters().size() == 2);
  const auto said = probe.sim().replay(std::vector<std::string>{"numbers:1", "numbers:2", "numbers:77"});
  CHECK(said.replayed == std::vector<std::string>{"numbers:1"});
  REQUIRE(said.refused.size() == 2);
  CHECK(said.refused[0].id == "numbers:2");
  CHECK(said.refused[0].node == "numbers");
  CHECK_THAT(said.refused[0].why, Catch::Contains("rejected this input"));
  CHECK(said.refused[1].id == "numbers:77");
  CHECK_THAT(said.refused[1].why, Catch::Contains("no such dead letter"));
  probe.settle();
  CHECK(probe.dead_letters().size() == 2);
  probe.stop();
  REQUIRE(probe.ended());
  const auto late = probe.sim().replay();
  CHECK(late.replayed.empty());
  REQUIRE(late.refused.size() == 2);
  CHECK(late.refused[0].why == "the run has ended");
}

TEST_CASE("a node that has had all its input takes no replay, and the letter stays") {
  const no_batch_leaks leaks;
  const auto of = bad({1});
  run_of_tens run{tens(of)};
  run.probe.fail("print", transient("locked"), 1); // keeps the run going
  run.feed(3);
  run.numbers.end();
  run.probe.settle();
  REQUIRE_FALSE(run.probe.ended());
  const auto said = run.replay();
  REQUIRE(said.refused.size() == 1);
  CHECK_THAT(said.refused[0].why, Catch::Contains("all its input"));
  CHECK(run.ids() == std::vector<std::string>{"numbers:1"});
}

TEST_CASE("a run does not end while a replay is on its way") {
  const no_batch_leaks leaks;
  const auto of = bad({1});
  workflow w = tens(of);
  run_of_tens run{w};
  run.feed(2);
  of->clear();
  REQUIRE(run.probe.sim().replay().replayed.size() == 1); // nothing has happened since: the end comes at once
  run.numbers.end();
  REQUIRE(run.probe.run());
  CHECK(run.printed->size() == 2);
  CHECK(run.probe.result().dead_letters == 0);
  check_books(run.probe.result(), w);
}

TEST_CASE("a replay that a stop overtakes is a dead letter still, or undelivered: it is in the books once") {
  for (const bool taken_in : {false, true}) {
    const no_batch_leaks leaks;
    const auto of = bad({1});
    workflow w = tens(of, {.retry = fixed_backoff{1h, 2}});
    run_of_tens run{w};
    run.feed(2);
    of->clear();
    if (taken_in)
      run.probe.fail("times ten", transient("busy"));
    REQUIRE(run.probe.sim().replay().replayed.size() == 1);
    if (taken_in)
      run.probe.settle();
    run.probe.stop();
    REQUIRE(run.probe.ended());
    const auto r = run.probe.result();
    std::uint64_t left = 0;
    for (const auto& u : r.undelivered)
      left += u.records;
    CHECK(r.node("print").delivered + r.dead_letters + left == 2);
    CHECK(r.last_dead_letters.size() == r.dead_letters);
    check_books(r, w);
  }
}

TEST_CASE("a replayed record goes to the worker of its key") {
  const no_batch_leaks leaks;
  workflow w{"keyed"};
  w.settings().max_dead_letters.share = 1;
  const auto seen = std::make_shared<std::map<int, std::set<std::uint32_t>>>();
  const auto broken = std::make_shared<bool>(true);
  w.from("numbers", from_range(std::vector<int>{}))
      .key_by([](const int& x) { return x % 10; })
      .map("by key",
           [seen, broken](const int& x, worker_context& at) -> result<int> {
             (*seen)[x % 10].insert(at.worker());
             if (x < 10 && *broken)
               return permanent("bad number");
             return x;
           },
           {.workers = {4}})
      .to("print", [](const int&) {});
  run_of_tens run{w};
  run.feed(40);
  REQUIRE(run.ids().size() == 10);
  *broken = false;
  CHECK(run.replay().replayed.size() == 10);
  CHECK(run.printed->size() == 40);
  std::set<std::uint32_t> workers;
  for (const auto& [key, by] : *seen) {
    INFO("key " << key);
    CHECK(by.size() == 1);
    workers.insert(*by.begin());
  }
  CHECK(workers.size() > 1);
}

TEST_CASE("a record without a key fails at the door again, until it has one") {
  const no_batch_leaks leaks;
  workflow w{"keyless"};
  w.settings().max_dead_letters.share = 1;
  const auto broken = std::make_shared<bool>(true);
  w.from("numbers", from_range(std::vector<int>{}))
      .key_by([broken](const int& x) {
        if (x == 1 && *broken)
          throw std::runtime_error("one has no key");
        return x;
      })
      .map("by key", [](const int& x) { return x; }, {.workers = {3}})
      .to("print", [](const int&) {});
  run_of_tens run{w};
  run.feed(3);
  REQUIRE(run.ids().size() == 1);
  CHECK(run.replay().replayed.size() == 1);
  REQUIRE(run.ids().size() == 1);
  CHECK(run.probe.dead_letters()[0].cause == "no key: one has no key");
  CHECK(run.probe.figures("by key").dead_letters == 1);
  *broken = false;
  CHECK(run.replay().replayed.size() == 1);
  CHECK(run.ids().empty());
  run.numbers.end();
  REQUIRE(run.probe.run());
  CHECK(run.printed->size() == 3);
  check_books(run.probe.result(), w);
}

TEST_CASE("what fused steps gave up goes back into them") {
  const no_batch_leaks leaks;
  const auto of = bad({1});
  workflow w{"fused"};
  w.settings().max_dead_letters.share = 1;
  w.from("numbers", from_range(std::vector<int>{})).map(unless_bad(of)).to("print", [](const int&) {});
  run_of_tens run{w};
  run.feed(3);
  REQUIRE(run.ids() == std::vector<std::string>{"numbers:1"});
  CHECK(run.printed->size() == 2);
  of->clear();
  CHECK(run.replay().replayed.size() == 1);
  CHECK(run.printed->back() == 10);
  run.numbers.end();
  REQUIRE(run.probe.run());
  CHECK(run.probe.result().dead_letters == 0);
}

TEST_CASE("batch functions, ordered pools and sinks take replays too") {
  const no_batch_leaks leaks;
  const auto of = bad({3});
  const auto sink_of = bad({50});
  workflow w{"all kinds"};
  w.settings().max_dead_letters.share = 1;
  const auto stored = std::make_shared<std::vector<int>>();
  w.from("numbers", from_range(std::vector<int>{}))
      .map_batch("batches",
                 [of](std::span<const int> all) -> result<std::vector<int>> {
                   for (const int x : all)
                     if (of->contains(x))
                       return permanent("bad number");
                   return std::vector<int>(all.begin(), all.end());
                 })
      .map("ordered", unless_bad(bad({})), {.workers = {2}, .order = ordering::ordered})
      .to("store", [sink_of, stored](const int& x) -> result<> {
        if (sink_of->contains(x))
          return permanent("bad number");
        stored->push_back(x);
        return {};
      });
  workflow_probe probe{w};
  auto numbers = probe.replace_source<int>("numbers");
  for (int i = 0; i < 8; ++i)
    numbers.feed(i);
  probe.settle();
  CHECK(stored->size() == 6);
  CHECK(probe.dead_letters().size() == 2);
  of->clear();
  sink_of->clear();
  CHECK(probe.sim().replay({}, "store").replayed == std::vector<std::string>{"numbers:5"});
  CHECK(probe.sim().replay({}, "batches").replayed == std::vector<std::string>{"numbers:3"});
  probe.settle();
  CHECK(stored->size() == 8);
  CHECK(std::set<int>(stored->begin(), stored->end()).size() == 8);
  numbers.end();
  REQUIRE(probe.run());
  CHECK(probe.result().dead_letters == 0);
  check_books(probe.result(), w);
}

TEST_CASE("records that cannot be copied are replayed where they are") {
  const no_batch_leaks leaks;
  using number = std::unique_ptr<int>;
  workflow w{"moved"};
  w.settings().max_dead_letters.share = 1;
  const auto broken = std::make_shared<bool>(true);
  w.from("numbers", from_range(std::vector<int>{}))
      .map("wrap", [](const int& x) { return std::make_unique<int>(x); })
      .map("unwrap",
           [broken](const number& x) -> result<int> {
             if (*x == 1 && *broken)
               return permanent("bad number");
             return *x;
           })
      .to("print", [](const int&) {});
  run_of_tens run{w};
  run.feed(3);
  *broken = false;
  CHECK(run.replay().replayed.size() == 1);
  CHECK(*run.printed == std::vector<int>{0, 2, 1});
  run.numbers.end();
  REQUIRE(run.probe.run());
  check_books(run.probe.result(), w);
}

TEST_CASE("the oldest records are let go where all would take too much memory; their letters stay") {
  const no_batch_leaks leaks;
  workflow w{"large"};
  w.settings().max_dead_letters.share = 1;
  w.settings().memory_budget = 64 * 1024; // an eighth of it for records of dead letters
  w.from("texts", from_range(std::vector<std::string>{}))
      .map("fail", [](const std::string&) -> result<int> { return permanent("no"); })
      .to("print", [](const int&) {});
  workflow_probe probe{w};
  auto texts = probe.replace_source<std::string>("texts");
  for (int i = 0; i < 12; ++i)
    texts.feed(std::string(1000, 'x'));
  probe.settle();
  REQUIRE(probe.dead_letters().size() == 12);
  const auto said = probe.sim().replay();
  CHECK(said.replayed.size() == 7);
  REQUIRE(said.refused.size() == 5);
  CHECK(said.refused[0].id == "texts:0");
  CHECK_THAT(said.refused[0].why, Catch::Contains("no longer kept"));
  probe.settle();
  CHECK(probe.dead_letters().size() == 12);
}

TEST_CASE("on the real engine, in both modes, letters are replayed while the run goes on") {
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    const no_batch_leaks leaks;
    const auto broken = std::make_shared<std::atomic<bool>>(true);
    const auto end = std::make_shared<std::atomic<bool>>(false);
    workflow w{"real"};
    w.settings().mode = mode;
    w.settings().max_dead_letters.share = 1;
    struct until_told {
      std::shared_ptr<std::atomic<bool>> end;
      int next = 0;
      poll_result poll(emitter<int>& out, std::size_t) {
        if (next < 100)
          return out(next++), poll_result::more();
        return end->load() ? poll_result::end() : poll_result::idle_for(1ms);
      }
    };
    collected<int> got;
    w.from("numbers", until_told{end})
        .map("work",
             [broken](const int& x) -> result<int> {
               if (x % 10 == 0 && broken->load())
                 return permanent("bad number");
               return x;
             },
             {.workers = {2}})
        .to("collect", got.sink());
    engine e{{.threads = 2}};
    running job = e.start(w);
    await([&] { return got.size() == 90 && job.dead_letters().size() == 10; }, "the first try");
    broken->store(false);
    CHECK(job.replay().replayed.size() == 10);
    await([&] { return got.size() == 100; }, "the second try");
    CHECK(job.dead_letters().empty());
    CHECK(job.observe().nodes[1].figures.dead_letters == 0);
    bool told = false;
    for (const auto& ev : job.events())
      told |= ev.kind == event_kind::replay && ev.cause == "10 dead letters are tried again";
    CHECK(told);
    end->store(true);
    const auto r = end_of(job);
    CHECK(r.status == run_status::completed);
    CHECK(r.dead_letters == 0);
    CHECK(got.sorted() == count_to(100));
    check_books(r, w);
    CHECK(job.replay().refused.empty());
  }
}
