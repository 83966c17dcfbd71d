#include <tests/framework/weir/runtime/scheduler/job.hpp>
#include <tests/support/catch.hpp>
#include <weir/runtime/scheduler/job_scheduler.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include <sys/resource.h>

using weir::detail::job_scheduler;
using weir_tests::await;
using weir_tests::job;

TEST_CASE("jobs from outside run in the order in which they came") {
  job_scheduler<job> jobs{1};
  job a, b;
  jobs.push(&a);
  jobs.push(&b);
  CHECK(jobs.worker(0).take() == &a);
  CHECK(jobs.worker(0).take() == &b);
}

TEST_CASE("what the running job has just fed runs next, before those who wait") {
  job_scheduler<job> jobs{1};
  auto& me = jobs.worker(0);
  job waiting, first, second;
  jobs.push(&waiting);
  me.run_next(&first);
  me.run_next(&second); // displaces the first, which goes to the end of the queue
  CHECK(me.take() == &second);
  CHECK(me.take() == &waiting);
  CHECK(me.take() == &first);
}

TEST_CASE("a wake-up for later comes after what was fed and after the running job's own continuation") {
  job_scheduler<job> jobs{1};
  auto& me = jobs.worker(0);
  job running, upstream, downstream;
  jobs.push(&running);
  REQUIRE(me.take() == &running);
  me.run_later(&upstream);
  me.run_next(&downstream);
  jobs.push(&running); // it has more to do
  CHECK(me.take() == &downstream);
  CHECK(me.take() == &running);
  CHECK(me.take() == &upstream);
}

TEST_CASE("a turn may wake any number for later") {
  job_scheduler<job> jobs{1};
  auto& me = jobs.worker(0);
  std::vector<job> many(100);
  for (auto& j : many)
    me.run_later(&j);
  std::vector<int> times(many.size());
  for (std::size_t i = 0; i < many.size(); ++i)
    ++times[static_cast<std::size_t>(me.take() - many.data())];
  CHECK(times == std::vector<int>(many.size(), 1));
}

TEST_CASE("two that feed each other for ever let one who waits run after 32 turns") {
  job_scheduler<job> jobs{1};
  auto& me = jobs.worker(0);
  job ping, pong, bystander;
  jobs.push(&ping);
  jobs.push(&bystander);
  int turns = 0;
  for (job* j = me.take(); j != &bystander; j = me.take()) {
    REQUIRE(++turns <= 33);
    me.run_next(j == &ping ? &pong : &ping);
  }
  CHECK(turns == 33);          // the queue's turn, and 32 from the slot
  CHECK(me.take() != nullptr); // the pair goes on
}

TEST_CASE("with nobody waiting the pair need not stop") {
  job_scheduler<job> jobs{1};
  auto& me = jobs.worker(0);
  job ping, pong;
  jobs.push(&ping);
  job* j = me.take();
  for (int turns = 0; turns < 1'000; ++turns) {
    job* const other = j == &ping ? &pong : &ping;
    me.run_next(other);
    j = me.take();
    if (j != other)
      FAIL("turn " << turns);
  }
  SUCCEED();
}

TEST_CASE("a job next on a worker whose turn does not end is run by another") {
  job_scheduler<job> jobs{2};
  job endless, stuck;
  jobs.push(&endless);
  REQUIRE(jobs.worker(0).take() == &endless);
  job* got = nullptr;
  std::thread other{[&] { got = jobs.worker(1).take(); }}; // asleep for all we know
  jobs.worker(0).run_next(&stuck);
  other.join(); // while worker 0 is still at it
  CHECK(got == &stuck);
}

TEST_CASE("a job goes to the worker where it is at home, after what was just fed there, before the queue") {
  job_scheduler<job> jobs{2};
  job waiting, fed, first, second;
  jobs.push(&waiting);
  CHECK(jobs.push_home(1, &first));
  CHECK(jobs.push_home(1, &second));
  jobs.worker(1).run_next(&fed);
  CHECK(jobs.worker(1).take() == &fed);
  CHECK(jobs.worker(1).take() == &first);
  CHECK(jobs.worker(0).take() == &waiting);
  CHECK(jobs.worker(1).take() == &second);
}

TEST_CASE("those at home, those just fed and those who wait all get their turns") {
  job_scheduler<job> jobs{1};
  auto& me = jobs.worker(0);
  job ping, pong, homely, bystander;
  jobs.push(&ping);
  REQUIRE(me.take() == &ping);
  me.run_next(&pong);
  me.go_on_at_home(&homely);
  jobs.push(&bystander);
  int at_home = 0, aside = 0;
  for (int turn = 0; turn < 66 * 4; ++turn) {
    job* const j = me.take();
    if (j == &homely) {
      ++at_home;
      me.go_on_at_home(&homely);
    } else if (j == &bystander) {
      ++aside;
      jobs.push(&bystander);
    } else {
      me.run_next(j == &ping ? &pong : &ping);
    }
  }
  CHECK(at_home >= 2);
  CHECK(aside >= 2);
}

TEST_CASE("a job at home on a worker whose turn does not end is run by another") {
  job_scheduler<job> jobs{2};
  job endless, stuck;
  jobs.push(&endless);
  REQUIRE(jobs.worker(0).take() == &endless);
  job* got = nullptr;
  std::thread other{[&] { got = jobs.worker(1).take(); }};
  REQUIRE(jobs.push_home(0, &stuck));
  other.join(); // while worker 0 is still at it
  CHECK(got == &stuck);
}

namespace {

/// Runs jobs on a thread for each worker until closed; `turn` gets the worker and the job.
template <class Job, class Turn>
class crew {
 public:
  crew(std::size_t threads, Turn turn) : jobs(threads) {
    for (std::size_t i = 0; i < threads; ++i)
      threads_.emplace_back([this, i, turn] {
        auto& me = jobs.worker(i);
        while (Job* const j = me.take())
          turn(jobs, me, *j);
      });
  }
  ~crew() { end(); }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;
  void end() {
    jobs.close();
    for (auto& t : threads_)
      t.join();
    threads_.clear();
  }
  job_scheduler<Job> jobs;

 private:
  std::vector<std::thread> threads_;
};

/// An actor without CAF: in the scheduler while it has messages, and never twice.
struct counter {
  std::atomic<int> messages{0};
  std::atomic<bool> running{false};
  std::uint64_t handled = 0; // while running only
  int number = 0;
};

long waits_of_process() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nvcsw;
}
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

} // namespace

TEST_CASE("a job next on a worker that is stuck is run by another, also when all slept before") {
  job endless, stuck;
  std::atomic<bool> ran{false};
  crew<job, std::function<void(job_scheduler<job>&, job_scheduler<job>::job_worker&, job&)>> all{
      2, [&](auto&, auto& me, job& j) {
        if (&j == &stuck) {
          ran = true;
          return;
        }
        me.run_next(&stuck);
        await([&] { return ran.load(); }, "the other worker");
      }};
  for (int round = 0; round < 3; ++round) {
    await([&] { return all.jobs.at_rest(); }, "rest");
    ran = false;
    all.jobs.push(&endless);
    await([&] { return ran.load(); }, "the stuck job");
  }
  SUCCEED();
}

TEST_CASE("a sleeper is woken for a job at home on a worker whose turn is long") {
  job endless, homely;
  std::atomic<bool> taken{true}, ran{false};
  crew<job, std::function<void(job_scheduler<job>&, job_scheduler<job>::job_worker&, job&)>> all{
      2, [&](auto& jobs, auto& me, job& j) {
        if (&j == &homely) {
          ran = true;
          return;
        }
        const std::size_t here = &jobs.worker(0) == &me ? 0 : 1;
        std::thread outside{[&, here] { taken = taken && jobs.push_home(here, &homely); }};
        outside.join();
        await([&] { return ran.load(); }, "the other worker");
      }};
  for (int round = 0; round < 3; ++round) {
    await([&] { return all.jobs.at_rest(); }, "rest");
    ran = false;
    all.jobs.push(&endless);
    await([&] { return ran.load(); }, "the job at home");
  }
  CHECK(taken);
}

TEST_CASE("a worker that sleeps is no home: the job is better off elsewhere") {
  std::atomic<int> turns{0};
  crew<job, std::function<void(job_scheduler<job>&, job_scheduler<job>::job_worker&, job&)>> all{
      2, [&](auto&, auto&, job&) { ++turns; }};
  await([&] { return all.jobs.at_rest(); }, "rest");
  job homely;
  CHECK_FALSE(all.jobs.push_home(0, &homely));
  CHECK_FALSE(all.jobs.push_home(1, &homely));
  all.jobs.push(&homely);
  await([&] { return turns == 1; }, "the job");
}

TEST_CASE("an idle scheduler uses no processor time and wakes no thread") {
  std::atomic<int> turns{0};
  crew<job, std::function<void(job_scheduler<job>&, job_scheduler<job>::job_worker&, job&)>> all{
      4, [&](auto&, auto&, job&) { ++turns; }};
  std::vector<job> some(1'000);
  for (auto& j : some)
    all.jobs.push(&j);
  await([&] { return turns == 1'000 && all.jobs.at_rest(); }, "rest");
  const double processor = processor_seconds();
  const long waits = waits_of_process();
  std::this_thread::sleep_for(std::chrono::seconds{1}); // what is measured
  CHECK(processor_seconds() - processor < 0.02);
  CHECK(waits_of_process() - waits < 20); // 5 ms naps of one thread would be 200
}

TEST_CASE("a job that goes on alone wakes nobody between its turns") {
  constexpr int turns = 20'000;
  std::atomic<int> done{0};
  crew<job, std::function<void(job_scheduler<job>&, job_scheduler<job>::job_worker&, job&)>> all{
      2, [&](auto&, auto& me, job& j) {
        if (++done < turns)
          me.run_again(&j);
      }};
  await([&] { return all.jobs.at_rest(); }, "rest");
  const long waits = waits_of_process();
  job alone;
  all.jobs.push(&alone);
  await([&] { return done == turns && all.jobs.at_rest(); }, "its turns");
  CHECK(waits_of_process() - waits < turns / 20); // the watch's, and those of this thread
}

TEST_CASE("a worker for which work comes from outside all the time is not woken for each job") {
  constexpr int count = 20'000;
  job_scheduler<job> jobs{1};
  std::vector<job> all(count);
  std::atomic<int> done{0};
  long sleeps = 0;
  std::thread worker{[&] {
    while (jobs.worker(0).take() != nullptr)
      ++done;
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    sleeps = used.ru_nvcsw;
  }};
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    const auto due = began + i * std::chrono::microseconds{10};
    while (std::chrono::steady_clock::now() < due) {
    }
    const weir::detail::patient_wakeups::scope soon_enough;
    jobs.push(&all[static_cast<std::size_t>(i)]);
  }
  const auto took = std::chrono::steady_clock::now() - began;
  jobs.close();
  worker.join();
  CHECK(done == count);
  if (took < 2 * count * std::chrono::microseconds{10}) // else this machine is too busy to tell
    CHECK(sleeps < count / 2);
}

TEST_CASE("jobs that are waited for, one after the other, are all done, naps or not") {
  constexpr int count = 2'000;
  job_scheduler<job> jobs{1};
  std::vector<job> all(count);
  std::atomic<int> done{0};
  std::thread worker{[&] {
    while (jobs.worker(0).take() != nullptr)
      ++done;
  }};
  for (int i = 0; i < count; ++i) {
    jobs.push(&all[static_cast<std::size_t>(i)]);
    while (done != i + 1) {
    }
  }
  jobs.close();
  worker.join();
  CHECK(done == count);
}

TEST_CASE("of two jobs that go on, another worker is woken for the second") {
  job first, endless, stuck;
  std::atomic<bool> ran{false};
  crew<job, std::function<void(job_scheduler<job>&, job_scheduler<job>::job_worker&, job&)>> all{
      2, [&](auto&, auto& me, job& j) {
        if (&j == &stuck) {
          ran = true;
        } else if (&j == &endless) {
          await([&] { return ran.load(); }, "the other worker");
        } else {
          me.run_again(&endless);
          me.run_again(&stuck);
        }
      }};
  for (int round = 0; round < 20; ++round) {
    await([&] { return all.jobs.at_rest(); }, "rest");
    ran = false;
    all.jobs.push(&first);
    await([&] { return ran.load(); }, "the second job");
  }
  SUCCEED();
}

TEST_CASE("what is queued when the scheduler closes still runs, what goes on after that is handed out") {
  job_scheduler<job> jobs{1};
  auto& me = jobs.worker(0);
  job endless, last, fed, late, homely;
  jobs.push(&endless);
  jobs.push(&last);
  jobs.close();
  REQUIRE(me.take() == &endless);
  jobs.push(&endless); // goes on
  REQUIRE(me.take() == &last);
  me.run_next(&fed); // what is next on the worker may still run
  me.run_later(&late);
  me.go_on_at_home(&homely);
  REQUIRE(me.take() == &fed);
  CHECK(me.take() == nullptr);
  std::vector<job*> rest;
  jobs.take_rest([&](job* j) { rest.push_back(j); });
  CHECK(rest == std::vector<job*>{&homely, &endless, &late});
}

TEST_CASE("two that feed each other for ever do not keep a closed scheduler from its end") {
  job_scheduler<job> jobs{1};
  auto& me = jobs.worker(0);
  job ping, pong;
  jobs.push(&ping);
  jobs.close();
  int turns = 0;
  for (job* j = me.take(); j != nullptr; j = me.take()) {
    REQUIRE(++turns < 100);
    me.run_next(j == &ping ? &pong : &ping);
  }
  int rest = 0;
  jobs.take_rest([&](job*) { ++rest; });
  CHECK(rest == 1);
}

TEST_CASE("with 1 to 8 workers every message is handled once, and no job runs on two of them") {
  const std::size_t threads = GENERATE(1, 2, 4, 8);
  constexpr int actors = 64, hops = 100'000, in_flight = 200;
  std::vector<counter> all(actors);
  for (int i = 0; i < actors; ++i)
    all[static_cast<std::size_t>(i)].number = i;
  std::atomic<int> hops_left{hops}, alive{in_flight}, collisions{0};
  crew<counter, std::function<void(job_scheduler<counter>&, job_scheduler<counter>::job_worker&, counter&)>>
      run{threads, [&, threads](auto& jobs, auto& me, counter& self) {
            if (self.running.exchange(true))
              ++collisions;
            const int batch = self.messages.load();
            for (int i = 0; i < batch; ++i) {
              ++self.handled;
              const int left = hops_left.fetch_sub(1);
              if (left <= 0) { // the message ends here
                --alive;
                continue;
              }
              // Some to a neighbour, some far away, some for later, some to where they are at home.
              counter& to = all[static_cast<std::size_t>(self.number + 1 + left % 7 * (left % 3)) % actors];
              if (to.messages.fetch_add(1) == 0) {
                if (left % 4 == 0)
                  me.run_later(&to);
                else if (const auto home = static_cast<std::size_t>(to.number) % threads;
                         left % 4 == 1 && &jobs.worker(home) == &me)
                  me.go_on_at_home(&to);
                else if (left % 4 != 1 || !jobs.push_home(home, &to))
                  me.run_next(&to);
              }
            }
            self.running = false;
            if (self.messages.fetch_sub(batch) != batch)
              jobs.push(&self);
          }};
  for (int i = 0; i < in_flight; ++i) // from outside, while it runs
    if (auto& to = all[static_cast<std::size_t>(i) % actors]; to.messages.fetch_add(1) == 0)
      run.jobs.push(&to);
  await([&] { return alive == 0; }, "the messages");
  run.end();
  std::uint64_t handled = 0;
  for (const auto& a : all)
    handled += a.handled;
  CHECK(handled == hops + in_flight);
  CHECK(collisions == 0);
}
