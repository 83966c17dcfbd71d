// Isolation `process`: user code may do to its process what it likes, and the stream loses and doubles
// nothing.

#include <tests/framework/weir/runtime/runs.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

node_options in_processes(std::uint32_t workers) {
  node_options o;
  o.workers = {workers};
  o.isolation = isolation::process;
  o.restart.max = 1000;
  o.restart.backoff = {.first = 1ms, .max = 1ms, .max_attempts = 0};
  return o;
}

std::vector<int> sorted(std::vector<int> all) {
  std::ranges::sort(all);
  return all;
}

std::vector<int> all_but(int records, const std::set<int>& without) {
  std::vector<int> all;
  for (int n = 0; n < records; ++n)
    if (!without.contains(n))
      all.push_back(n);
  return all;
}

/// What all processes of a test see.
template <class T>
struct shared_value {
  shared_value()
      : at(static_cast<T*>(
            ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~shared_value() { ::munmap(at, sizeof(T)); }
  T* at;
};

/// 2,000 records, of which `poison` does to its process what `deed` does.
struct poisoned {
  run_result result;
  std::vector<int> got;
  std::vector<dead_letter> dead;
};
poisoned poison(int bad, const std::function<void()>& deed, node_options options) {
  workflow w{"poisoned"};
  const auto letters = std::make_shared<dead_letter_memory>();
  w.dead_letters(letters);
  collected<int> got;
  w.from("numbers", from_range(count_to(2'000)))
      .map(
          "work",
          [bad, deed](const int& n) {
            if (n == bad)
              deed();
            return n;
          },
          options)
      .to("kept", got.sink());
  poisoned p;
  p.result = run_to_end(w);
  p.got = sorted(got.records());
  p.dead = letters->letters();
  return p;
}

void check_only_dead(const poisoned& p, int bad, const std::string& cause, failure_kind kind) {
  CHECK(p.result.status == run_status::completed);
  CHECK(p.got == all_but(2'000, {bad}));
  REQUIRE(p.dead.size() == 1);
  CHECK(p.dead[0].payload == std::to_string(bad));
  CHECK_THAT(p.dead[0].cause, Catch::Contains(cause));
  CHECK(p.dead[0].kind == kind);
}

/// Emits what it gets; kills its process at the end, so many times.
struct dies_at_the_end {
  std::atomic<int>* ends;
  int deaths;
  void on_record(const int& n, context<int>& out) { out.emit(n); }
  void on_drain(context<int>& out) {
    const int before = ends->fetch_add(1);
    out.emit(1000 + before); // of one that dies nobody hears
    if (before < deaths)
      ::raise(SIGKILL);
  }
};

} // namespace

TEST_CASE("records are worked on in other processes, each once") {
  const shared_value<std::array<sem_t, 2>> met; // one may start long before the other
  for (sem_t& of_one : *met.at)
    REQUIRE(::sem_init(&of_one, 1, 0) == 0);
  workflow w{"apart"};
  collected<int> got;
  collected<int> pids;
  w.from("numbers", from_range(count_to(20'000)))
      .map(
          "work",
          [at = met.at](const int& n, worker_context& c) {
            static bool has_met = false; // in this process
            if (!std::exchange(has_met, true)) {
              ::sem_post(&(*at)[1 - c.worker()]);
              timespec patience{};
              ::clock_gettime(CLOCK_REALTIME, &patience);
              patience.tv_sec += 20;
              ::sem_timedwait(&(*at)[c.worker()], &patience);
            }
            return std::pair<int, int>{n, ::getpid()};
          },
          in_processes(2))
      .to("kept", [&](const std::pair<int, int>& p) {
        got.add(p.first);
        pids.add(p.second);
      });
  CHECK(run_to_end(w).status == run_status::completed);
  CHECK(sorted(got.records()) == all_but(20'000, {}));
  const auto all = pids.records();
  const std::set<int> where(all.begin(), all.end());
  CHECK(where.size() == 2);
  CHECK_FALSE(where.contains(::getpid()));
}

TEST_CASE("a record whose process dies of a signal is a dead letter, and no other") {
  const auto kills = [](int signal) {
    return [signal] {
      std::signal(signal, SIG_DFL); // the test framework has handlers
      ::raise(signal);
    };
  };
  if (!sanitized) // its own handler ends the process with a code
    check_only_dead(poison(777, kills(SIGSEGV), in_processes(2)), 777, "killed by signal 11 (SIGSEGV)",
                    failure_kind::crash);
  check_only_dead(poison(0, kills(SIGABRT), in_processes(2)), 0, "killed by signal 6 (SIGABRT)",
                  failure_kind::crash);
  check_only_dead(poison(1'999, kills(SIGKILL), in_processes(1)), 1'999, "killed by signal 9 (SIGKILL)",
                  failure_kind::crash);
}

TEST_CASE("a record whose process exits is a dead letter, and no other") {
  check_only_dead(
      poison(5, [] { ::_exit(3); }, in_processes(2)), 5, "exited with code 3", failure_kind::crash);
}

TEST_CASE("a record that takes more memory than allowed is a dead letter, and no other") {
  if (sanitized) {
    WARN("skipped: AddressSanitizer has its own way of running out of memory");
    return;
  }
  auto options = in_processes(2);
  options.process.memory = std::uint64_t{64} << 20U;
  const auto takes_all = [] {
    std::vector<std::unique_ptr<char[]>> held;
    for (;;)
      held.push_back(std::make_unique<char[]>(1 << 20));
  };
  check_only_dead(poison(900, takes_all, options), 900, "ran out of memory (limit 64 MiB)",
                  failure_kind::crash);
}

TEST_CASE("a record that never ends is killed after its timeout and is a dead letter, and no other") {
  auto options = in_processes(2);
  options.timeout = 200ms;
  options.grace = 50ms;
  const auto p = poison(
      300,
      [] {
        for (volatile bool on = true; on;) {
        }
      },
      options);
  check_only_dead(p, 300, "did not return within its timeout", failure_kind::timeout);
  CHECK(p.result.nodes[1].abandoned == 0); // killed, not left behind
}

TEST_CASE("code that honours the stop token keeps its process when its time is up") {
  auto options = in_processes(1);
  options.timeout = 100ms;
  options.grace = 30s;
  workflow w{"polite"};
  const auto letters = std::make_shared<dead_letter_memory>();
  w.dead_letters(letters);
  collected<int> pids;
  w.from("numbers", from_range(count_to(50)))
      .map(
          "work",
          [](const int& n, worker_context& c) -> result<int> {
            if (n == 20) {
              wait_for_stop(c.stop());
              return transient("stopped");
            }
            return ::getpid();
          },
          options)
      .to("kept", pids.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  const auto all = pids.records();
  CHECK(all.size() == 49);
  CHECK(std::set<int>(all.begin(), all.end()).size() == 1);
  REQUIRE(letters->letters().size() == 1);
  CHECK(letters->letters()[0].kind == failure_kind::timeout);
  CHECK(r.nodes[1].restarts == 0);
}

TEST_CASE("workers killed from outside at any moment: every record is delivered once") {
  constexpr int records = 3'000;
  for (const auto order : {ordering::unordered, ordering::ordered}) {
    auto options = in_processes(2);
    options.order = order;
    options.retry = retry_policy{fixed_backoff{1ms, 1000}};
    const shared_value<std::array<std::atomic<int>, 2>> pids;
    workflow w{"shot at"};
    collected<int> got;
    w.from("numbers", from_range(count_to(records)), {.batch_size = 100})
        .map(
            "work",
            [at = pids.at](const int& n, worker_context& c) {
              (*at)[c.worker()] = ::getpid();
              const auto until = std::chrono::steady_clock::now() + 100us;
              while (std::chrono::steady_clock::now() < until) {
              }
              return n;
            },
            options)
        .to("kept", got.sink());
    engine e{{.threads = 2}};
    auto job = e.start(w);
    std::minstd_rand random{7};
    int shots = 0;
    while (!job.wait_for(duration{std::chrono::microseconds{500 + random() % 10'000}}) && shots < 60)
      if (const int pid = (*pids.at)[random() % 2].exchange(0); pid > 0) {
        ::kill(pid, SIGKILL);
        ++shots;
      }
    const auto r = end_of(job);
    INFO(shots << " workers killed" << (r.errors.empty() ? "" : ": " + r.errors.front().message()));
    CHECK(r.status == run_status::completed);
    CHECK(shots > 3);
    CHECK(r.dead_letters == 0);
    const auto all = got.records();
    CHECK((order == ordering::ordered ? all : sorted(all)) == all_but(records, {}));
  }
}

TEST_CASE("a worker that is killed while it ends has nothing left to lose: another ends in its place") {
  const shared_value<std::atomic<int>> ends;
  workflow w{"dies at the end"};
  collected<int> got;
  w.from("numbers", from_range(count_to(300)))
      .node("work", dies_at_the_end{ends.at, 1}, in_processes(1))
      .to("kept", got.sink());
  const auto r = run_to_end(w);
  INFO((r.errors.empty() ? "" : r.errors.front().message()));
  CHECK(r.status == run_status::completed);
  CHECK(r.nodes[1].restarts == 1);
  auto expected = count_to(300);
  expected.push_back(1001);
  CHECK(sorted(got.records()) == expected);
}

TEST_CASE("one that dies each time it ends fails the run, with its cause, after as many restarts as it has") {
  const shared_value<std::atomic<int>> ends;
  auto options = in_processes(1);
  options.restart.max = 2;
  workflow w{"never ends"};
  collected<int> got;
  w.from("numbers", from_range(count_to(300)))
      .node("work", dies_at_the_end{ends.at, 1000}, options)
      .to("kept", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::failed);
  REQUIRE(r.errors.size() == 1);
  CHECK_THAT(r.errors.front().message(),
             Catch::Contains("restarted too often") && Catch::Contains("SIGKILL"));
  CHECK(sorted(got.records()) == count_to(300));
}

TEST_CASE("a worker process has its standard descriptors and its socket, and no other") {
  const int open_here = ::open("/dev/null", O_RDONLY);
  workflow w{"descriptors"};
  collected<std::string> got;
  w.from("one", from_range(std::vector<int>{1}))
      .map(
          "look",
          [](const int&) {
            std::string all;
            for (int fd = 0; fd < 256; ++fd)
              if (::fcntl(fd, F_GETFD) >= 0)
                all += std::to_string(fd) + " ";
            std::array<char, 256> name{};
            const auto n = ::readlink("/proc/self/fd/0", name.data(), name.size() - 1);
            return all + std::string{name.data(), static_cast<std::size_t>(n > 0 ? n : 0)};
          },
          in_processes(1))
      .to("kept", got.sink());
  CHECK(run_to_end(w).status == run_status::completed);
  ::close(open_here);
  CHECK(got.records() == std::vector<std::string>{"0 1 2 3 /dev/null"});
}

TEST_CASE("limits of a worker process hold in it, and only there") {
  auto options = in_processes(1);
  options.process = {.memory = std::uint64_t{1} << 30U, .nice = 7, .open_files = 40};
  workflow w{"limits"};
  collected<std::vector<std::int64_t>> got;
  w.from("one", from_range(std::vector<int>{1}))
      .map(
          "look",
          [](const int&) {
            rlimit files{};
            rlimit data{};
            ::getrlimit(RLIMIT_NOFILE, &files);
            ::getrlimit(RLIMIT_DATA, &data);
            return std::vector<std::int64_t>{::getpriority(PRIO_PROCESS, 0),
                                             static_cast<std::int64_t>(files.rlim_cur),
                                             data.rlim_cur != RLIM_INFINITY ? 1 : 0};
          },
          options)
      .to("kept", got.sink());
  const int nice_here = ::getpriority(PRIO_PROCESS, 0);
  CHECK(run_to_end(w).status == run_status::completed);
  CHECK(got.records() == std::vector<std::vector<std::int64_t>>{{7, 40, 1}});
  CHECK(::getpriority(PRIO_PROCESS, 0) == nice_here);
}

TEST_CASE("a worker process knows why the one before it died") {
  workflow w{"looks back"};
  const auto letters = std::make_shared<dead_letter_memory>();
  w.dead_letters(letters);
  collected<std::string> got;
  w.from("numbers", from_range(count_to(3)))
      .map(
          "work",
          [](const int& n, worker_context& c) {
            if (n == 1)
              ::_exit(9);
            return c.last_crash() == nullptr ? std::string{"none"} : c.last_crash()->why.what;
          },
          in_processes(1))
      .to("kept", got.sink());
  run_to_end(w);
  const auto all = got.records();
  CHECK(std::ranges::count(all, "exited with code 9") >= 1);
}

TEST_CASE("what user code throws in a worker process fails its record, and no process dies") {
  const auto p = poison(44, [] { throw std::runtime_error("not this one"); }, in_processes(2));
  check_only_dead(p, 44, "not this one", failure_kind::error);
  CHECK(p.result.nodes[1].restarts == 0);
}

TEST_CASE("sinks and keyed nodes run in processes, too") {
  const shared_value<std::atomic<int>> sum;
  workflow w{"sink apart"};
  w.from("numbers", from_range(count_to(1'000)))
      .key_by([](const int& n) { return n % 10; })
      .map(
          "twice", [](const int& n) { return 2 * n; }, in_processes(2))
      .to("sum", [at = sum.at](const int& n) { *at += n; }, in_processes(1));
  CHECK(run_to_end(w).status == run_status::completed);
  CHECK(*sum.at == 999'000);
}

TEST_CASE("what cannot be apart is refused, with node, cause and fix") {
  struct opaque {
    std::shared_ptr<int> of;
  };
  workflow w{"refused"};
  w.from("numbers", from_range(count_to(3)), in_processes(1))
      .map(
          "hide", [](const int&) { return opaque{}; }, in_processes(2))
      .to("drop", [](const opaque&) {});
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::invalid);
  std::string all;
  for (const auto& e : r.errors)
    all += e.message() + "\n";
  CHECK_THAT(all, Catch::Contains("source") && Catch::Contains("'numbers'"));
  CHECK_THAT(all, Catch::Contains("cannot be sent to another process (node 'hide')") &&
                      Catch::Contains("BOOST_DESCRIBE_STRUCT"));
}

TEST_CASE("the end of a run leaves no process behind") {
  const shared_value<std::atomic<int>> pid;
  {
    workflow w{"ends"};
    w.from("numbers", from_range(count_to(1'000'000)))
        .map(
            "work",
            [at = pid.at](const int& n) {
              *at = ::getpid();
              return n;
            },
            in_processes(1))
        .to("drop", [](const int&) {});
    engine e{{.threads = 2}};
    auto job = e.start(w);
    await([&] { return *pid.at != 0; }, "a worker");
    job.stop();
    end_of(job);
  }
  await([&] { return ::kill(*pid.at, 0) != 0; }, "the worker's end");
  SUCCEED();
}

TEST_CASE("a record whose code closes the descriptors of its process is a dead letter, and no other") {
  const auto closes_all = [] {
    for (int fd = 3; fd < 16; ++fd)
      ::close(fd);
  };
  check_only_dead(poison(500, closes_all, in_processes(2)), 500,
                  "closed the descriptor that connects it with the run", failure_kind::crash);
}

TEST_CASE("a run whose nursery is killed fails with the cause, and does not hang") {
  const shared_value<std::atomic<int>> parent;
  workflow w{"orphaned"};
  auto options = in_processes(2);
  w.from("numbers", from_range(count_to(100'000)))
      .map(
          "work",
          [at = parent.at](const int& n) {
            *at = ::getppid();
            ::pause(); // until it is killed, too
            return n;
          },
          options)
      .to("drop", [](const int&) {});
  engine e{{.threads = 2}};
  auto job = e.start(w);
  await([&] { return *parent.at != 0; }, "a worker");
  REQUIRE(*parent.at != ::getpid());
  ::kill(*parent.at, SIGKILL);
  const auto r = end_of(job);
  CHECK(r.status == run_status::failed);
  std::string all;
  for (const auto& error : r.errors)
    all += error.message() + "\n";
  CHECK_THAT(all, Catch::Contains("worker process"));
}
