#include <tests/framework/weir/runtime/runs.hpp>
#include <tests/support/catch.hpp>
#include <weir/runtime/caf/deferred_wakeups.hpp>
#include <weir/runtime/caf/scheduler_policy.hpp>

#include <caf/actor_ostream.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <latch>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir::detail::configure;
using weir::detail::deferred_wakeups;
using weir::detail::scheduler_policy;
using weir_tests::await;

namespace {

struct config : caf::actor_system_config {
  explicit config(std::uint32_t threads) { configure(*this, scheduler_policy::weir, threads); }
};

/// An actor system on Weir's scheduler.
struct scheduled {
  explicit scheduled(std::uint32_t threads) : settings(threads), system(settings) {}
  config settings;
  caf::actor_system system;
};

using on_int = std::function<void(caf::event_based_actor&, int)>;

/// Calls `handle` with itself and each number it is sent.
caf::behavior responder(caf::event_based_actor* self, on_int handle) {
  return {[self, handle = std::move(handle)](int n) { handle(*self, n); }};
}

struct thrower final : caf::event_based_actor {
  using caf::event_based_actor::event_based_actor;
  resume_result resume(caf::execution_unit*, std::size_t) override {
    throw std::runtime_error("thrown out of the turn");
  }
  caf::behavior make_behavior() override {
    return {[](int) {}};
  }
  const char* name() const override { return "thrower"; }
};

/// Ends with the objects of a test: whether actors were destroyed.
struct witness {
  explicit witness(std::atomic<int>& count) : count_(count) { ++count_; }
  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;
  ~witness() { --count_; }
  std::atomic<int>& count_;
};

std::vector<std::string> threads_of_process() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/task"})
    all.push_back(entry.path());
  return all;
}

struct spent {
  long ticks = 0; ///< of processor time, 10 ms each
  long waits = 0; ///< how often a thread gave its processor away
};

spent spent_by(const std::vector<std::string>& threads) {
  spent sum;
  for (const auto& thread : threads) {
    std::ifstream stat{thread + "/stat"}, status{thread + "/status"};
    std::string line;
    std::getline(stat, line);
    std::istringstream fields{line.substr(line.rfind(')') + 2)};
    for (int i = 3; i < 14; ++i) // field 3 is next; 14 and 15 are user and system time
      fields >> line;
    long user = 0, system = 0;
    fields >> user >> system;
    sum.ticks += user + system;
    while (std::getline(status, line))
      if (line.starts_with("voluntary_ctxt_switches:"))
        sum.waits += std::stol(line.substr(line.find(':') + 1));
  }
  return sum;
}

} // namespace

TEST_CASE("with 1 to 8 threads every message arrives, in the order of its sender") {
  const std::uint32_t threads = GENERATE(1U, 2U, 4U, 8U);
  constexpr int senders = 8, receivers = 3, each = 5'000;
  scheduled on{threads};
  std::atomic<int> arrived{0}, out_of_order{0};
  std::vector<caf::actor> to;
  for (int r = 0; r < receivers; ++r)
    to.push_back(on.system.spawn(responder, [&, last = std::vector<int>(senders, -1)](auto&, int n) mutable {
      int& before = last[static_cast<std::size_t>(n / each)];
      out_of_order += n <= before ? 1 : 0;
      before = n;
      ++arrived;
    }));
  for (int s = 0; s < senders; ++s) {
    auto from = on.system.spawn(responder, [&, s](caf::event_based_actor& self, int n) {
      for (int i = 0; i < 50 && n < each; ++i, ++n)
        for (auto& r : to)
          self.send(r, s * each + n);
      if (n < each)
        self.send(&self, n);
      else
        self.quit();
    });
    caf::anon_send(from, 0);
  }
  await([&] { return arrived == senders * receivers * each; }, "messages");
  CHECK(out_of_order == 0);
  for (auto& r : to)
    caf::anon_send_exit(r, caf::exit_reason::user_shutdown);
  on.system.await_all_actors_done(); // they use what ends with this test
}

TEST_CASE(
    "the actor just fed runs next; one woken for later runs after the running actor's own continuation") {
  scheduled on{1};
  std::vector<std::string> order; // one thread writes
  std::latch first_turns{3}, over{1};
  auto upstream = on.system.spawn(responder, [&](auto&, int n) {
    if (n < 0)
      return first_turns.count_down();
    order.emplace_back("upstream");
    over.count_down();
  });
  auto downstream = on.system.spawn(responder, [&](auto&, int n) {
    if (n < 0)
      return first_turns.count_down();
    order.emplace_back("downstream");
  });
  auto running = on.system.spawn(responder, [&](caf::event_based_actor& self, int n) {
    // More messages than one turn handles: it goes on after the turn.
    if (n < 0)
      return first_turns.count_down();
    if (n == 0) {
      for (int i = 1; i <= 20; ++i)
        self.send(&self, i);
    } else if (n == 1) {
      const deferred_wakeups::scope later;
      self.send(upstream, 0);
    } else if (n == 2) {
      self.send(downstream, 0);
    } else if (n == 20) {
      order.emplace_back("continuation");
    }
  });
  for (auto& a : {upstream, downstream, running}) // their first turns, those of spawning, are over
    caf::anon_send(a, -1);
  first_turns.wait();
  caf::anon_send(running, 0);
  over.wait();
  CHECK(order == std::vector<std::string>{"downstream", "continuation", "upstream"});
  for (auto& a : {upstream, downstream, running})
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  on.system.await_all_actors_done(); // they use what ends with this test
}

TEST_CASE("a bystander gets its turn within so many turns of a busy pair and a full pipeline") {
  // One thread, so that turns can be counted: all who run are the pair, four stages and those who ask.
  scheduled on{1};
  std::atomic<bool> over{false};
  long turns = 0, worst = 0; // messages of the busy, on the one thread
  std::atomic<int> answers{0};
  std::vector<caf::actor> busy;
  const auto add = [&](on_int handle) { busy.push_back(on.system.spawn(responder, std::move(handle))); };
  const auto go_on = [&](caf::event_based_actor& self, std::size_t to, int n) {
    ++turns;
    if (!over)
      self.send(busy[to], n);
  };
  std::latch all_there{1};
  add([&](auto& self, int n) {
    all_there.wait();
    go_on(self, 1, n);
  });
  add([&](auto& self, int n) { go_on(self, 0, n); });
  add([&](auto& self, int n) { go_on(self, 3, n); }); // the pipeline's source: a batch for each one credited
  add([&](auto& self, int n) { go_on(self, 4, n); });
  add([&](auto& self, int n) { go_on(self, 5, n); });
  add([&](auto& self, int n) {
    const deferred_wakeups::scope later;
    go_on(self, 2, n);
  });
  auto bystander = on.system.spawn(responder, [&](auto&, int asked_at) {
    worst = std::max(worst, turns - asked_at);
    ++answers;
  });
  auto asker = on.system.spawn(responder, [&](caf::event_based_actor& self, int n) {
    {
      const deferred_wakeups::scope later; // through the queue, as from outside
      self.send(bystander, static_cast<int>(turns));
    }
    if (n > 0) {
      const deferred_wakeups::scope later;
      self.send(&self, n - 1);
    } else {
      over = true;
    }
  });
  caf::anon_send(busy[0], 0);
  for (int i = 0; i < 8; ++i) // a window of eight
    caf::anon_send(busy[2], 0);
  caf::anon_send(asker, 500);
  all_there.count_down();
  await([&] { return answers == 501; }, "the bystander: it is starved");
  caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
  for (auto& a : busy)
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(bystander, caf::exit_reason::user_shutdown);
  on.system.await_all_actors_done();
  CHECK(answers == 501);
  CHECK(worst > 0);
  // 8 actors before it in the queue at most, each with a turn of its own and 32 from the slot, 16 messages
  // each.
  CHECK(worst <= 8 * 33 * 16);
}

TEST_CASE("from outside, too, everybody is answered while busy pairs keep all threads at work") {
  const std::uint32_t threads = GENERATE(1U, 2U, 8U);
  scheduled on{threads};
  std::atomic<bool> over{false};
  std::vector<caf::actor> busy;
  std::latch all_there{1};
  for (std::uint32_t i = 0; i < 2 * threads + 2; ++i)
    busy.push_back(on.system.spawn(responder, [&, peer = i ^ 1U](caf::event_based_actor& self, int n) {
      all_there.wait();
      if (!over)
        self.send(busy[peer], n);
    }));
  all_there.count_down();
  for (std::size_t i = 0; i < busy.size(); i += 2)
    caf::anon_send(busy[i], 0);
  std::atomic<int> answers{0};
  auto bystander = on.system.spawn(responder, [&](auto&, int) { ++answers; });
  for (int i = 0; i < 200; ++i) {
    caf::anon_send(bystander, i);
    await([&] { return answers == i + 1; }, "the bystander: it is starved");
  }
  over = true;
  for (auto& a : busy)
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(bystander, caf::exit_reason::user_shutdown);
  on.system.await_all_actors_done(); // they use what ends with this test
  SUCCEED();
}

TEST_CASE("an actor fed by one that does not return is run by another thread") {
  scheduled on{2};
  std::atomic<bool> fed{false}, over{false};
  auto waits = on.system.spawn(responder, [&](auto&, int) { fed = true; });
  auto blocks = on.system.spawn(responder, [&](caf::event_based_actor& self, int) {
    self.send(waits, 0);
    await([&] { return fed.load(); }, "the actor fed");
    over = true;
  });
  caf::anon_send(blocks, 0);
  await([&] { return over.load(); }, "the turn");
  for (auto& a : {waits, blocks})
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  on.system.await_all_actors_done(); // they use what ends with this test
  SUCCEED();
}

TEST_CASE("an exception that leaves a turn ends its actor, tells those who watch it, and no thread ends") {
  scheduled on{1};
  caf::scoped_actor self{on.system};
  for (int i = 0; i < 3; ++i) { // more often than there are threads
    auto bad = self->spawn<thrower, caf::monitored>();
    caf::anon_send(bad, 0);
    self->receive([](const caf::down_msg& m) { CHECK(m.reason == caf::exit_reason::unhandled_exception); },
                  caf::after(60s) >> [] { FAIL("nobody was told"); });
  }
  std::atomic<bool> ran{false};
  auto good = on.system.spawn(responder, [&](auto&, int) { ran = true; });
  caf::anon_send(good, 0);
  await([&] { return ran.load(); }, "an actor after the exception");
  caf::anon_send_exit(good, caf::exit_reason::user_shutdown);
}

TEST_CASE("delayed messages, detached actors, requests that time out and the printer work") {
  scheduled on{2};
  std::atomic<int> done{0};
  std::latch over{1};
  auto delayed = on.system.spawn(responder, [&](caf::event_based_actor& self, int n) {
    if (n == 0)
      self.delayed_send(&self, 5ms, 1);
    else
      ++done;
  });
  auto detached = on.system.spawn<caf::detached>(responder, [&](auto&, int) { ++done; });
  for (auto& a : {delayed, detached})
    caf::anon_send(a, 0);
  {
    caf::scoped_actor self{on.system};
    caf::aout(self) << std::flush;
    // Nobody answers while the test waits: the timeout comes from the clock.
    auto mute = on.system.spawn(responder, [&](auto&, int) { over.wait(); });
    self->request(mute, 10ms, 1).receive([](caf::unit_t) {}, [&](caf::error&) { ++done; });
    over.count_down();
    caf::anon_send_exit(mute, caf::exit_reason::user_shutdown);
    await([&] { return done == 3; }, "three kinds of waiting");
  }
  for (auto& a : {delayed, detached})
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  on.system.await_all_actors_done();
  CHECK(done == 3);
}

TEST_CASE("several actor systems in one process, made and ended again and again, keep their work apart") {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> handled{0};
    scheduled first{1}, second{3};
    for (auto* on : {&first, &second})
      for (int i = 0; i < 50; ++i) {
        auto a = on->system.spawn(responder, [&](caf::event_based_actor& self, int) {
          ++handled;
          self.quit();
        });
        caf::anon_send(a, i);
      }
    first.system.await_all_actors_done();
    second.system.await_all_actors_done();
    REQUIRE(handled == 100);
  }
}

TEST_CASE("a system that ends with work left ends, and destroys its actors") {
  std::atomic<int> alive{0};
  {
    scheduled on{GENERATE(1U, 4U)};
    on.system.await_actors_before_shutdown(false);
    std::atomic<int> started{0};
    for (int i = 0; i < 40; ++i) {
      auto endless =
          on.system.spawn(responder, [&started, first = true,
                                      w = std::make_shared<witness>(alive)](auto& self, int n) mutable {
            started += std::exchange(first, false) ? 1 : 0;
            self.send(&self, n + 1);
          });
      caf::anon_send(endless, 0);
    }
    await([&] { return started == 40; }, "all at work");
  }
  CHECK(alive == 0);
}

TEST_CASE("an idle system uses no processor time and wakes no thread") {
  // Its own threads only: tests before this one may have left some behind, at work.
  const auto before_it = threads_of_process();
  scheduled on{4};
  std::atomic<int> handled{0};
  auto a = on.system.spawn(responder, [&](auto&, int) { ++handled; });
  for (int i = 0; i < 1'000; ++i)
    caf::anon_send(a, i);
  await([&] { return handled == 1'000; }, "messages");
  auto its = threads_of_process();
  std::erase_if(its, [&](const std::string& t) { return std::ranges::count(before_it, t) > 0; });
  REQUIRE(its.size() >= 6); // workers, clock, watch of slots
  // The idle second may begin some time later: the watch rests after 100 ms.
  spent during{.ticks = 100};
  for (int tries = 0; tries < 30 && (during.ticks > 2 || during.waits > 20); ++tries) {
    const auto before = spent_by(its);
    std::this_thread::sleep_for(1s); // what is measured
    const auto after = spent_by(its);
    during = {after.ticks - before.ticks, after.waits - before.waits};
  }
  CHECK(during.ticks <= 2);
  CHECK(during.waits <= 20); // naps of 5 ms would be 200
  caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  on.system.await_all_actors_done(); // they use what ends with this test
}

TEST_CASE("workflows run on engines of 1, 2 and 8 threads, and on two engines at once") {
  const std::uint32_t threads = GENERATE(1U, 2U, 8U);
  weir_tests::collected<int> first_out, second_out;
  const auto numbers = weir_tests::count_to(20'000);
  weir::workflow first{"first"}, second{"second"};
  for (auto [wf, out] : {std::pair{&first, &first_out}, std::pair{&second, &second_out}})
    wf->from("numbers", weir::from_range(numbers))
        .map("double", [](const int& n) { return 2 * n; }, {.workers = {2}})
        .map("halve", [](const int& n) { return n / 2; })
        .to("out", [out](const int& n) { out->add(n); });
  weir::engine one{{.threads = threads}}, two{{.threads = threads}};
  auto a = one.start(first), b = two.start(second);
  CHECK(weir_tests::end_of(a).exit_code() == 0);
  CHECK(weir_tests::end_of(b).exit_code() == 0);
  CHECK(first_out.sorted() == numbers);
  CHECK(second_out.sorted() == numbers);
}
