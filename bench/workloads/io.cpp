#include <bench/workloads/io.hpp>

#include <weir/weir.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>

namespace weir::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto one_call = 60ms;

int call(const int& x) {
  std::this_thread::sleep_for(one_call);
  return x;
}

void expect(std::uint64_t seen, std::uint64_t expected) {
  if (seen != expected)
    throw std::runtime_error(std::to_string(seen) + " of " + std::to_string(expected) + " records arrived");
}

/// 0 workers: sequential mode, one thread for all.
void with_weir(int records, std::uint32_t workers) {
  std::vector<int> numbers(static_cast<std::size_t>(records));
  std::uint64_t seen = 0;
  workflow w{"io"};
  node_options options;
  if (workers == 0)
    w.settings().mode = execution_mode::sequential;
  else
    options = {.workers = {workers}, .isolation = isolation::thread};
  w.from("numbers", from_range(std::move(numbers)))
      .map("call", call, options)
      .to("count", [&seen](const int&) { ++seen; });
  const run_result r = run(w);
  if (!r.ok())
    throw std::runtime_error(std::string{to_string(r.status)});
  expect(seen, static_cast<std::uint64_t>(records));
}

/// What one would write by hand: threads that take the next index until there is none.
void with_threads(int records, std::uint32_t workers) {
  const std::vector<int> numbers(static_cast<std::size_t>(records));
  std::vector<int> answers(numbers.size());
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> seen{0};
  std::vector<std::jthread> threads;
  for (std::uint32_t t = 0; t < workers; ++t)
    threads.emplace_back([&] {
      for (std::size_t i = next++; i < numbers.size(); i = next++) {
        answers[i] = call(numbers[i]);
        ++seen;
      }
    });
  threads.clear();
  expect(seen, static_cast<std::uint64_t>(records));
}

} // namespace

std::vector<variant> io_variants(const sizes& of) {
  constexpr int all = 1000;
  std::vector<variant> made;
  for (const std::uint32_t workers : {1U, 20U, 100U}) {
    const bool alone = workers == 1;
    const auto records = static_cast<int>(of.records(alone && !of.full ? all / 10 : all));
    const double ideal = std::chrono::duration<double>{one_call}.count() * records / workers;
    const std::string threads = "threads-" + std::to_string(workers);
    const auto add = [&](std::string name, std::vector<std::pair<std::string, std::string>> beside,
                         work work) {
      made.push_back({.name = std::move(name),
                      .records = static_cast<std::uint64_t>(records),
                      .ideal_seconds = ideal,
                      .compared_with = std::move(beside),
                      .run = std::move(work)});
    };
    add(alone ? "sequential" : "workers-" + std::to_string(workers), {{"threads", threads}},
        [records, workers, alone] { with_weir(records, alone ? 0 : workers); });
    add(threads, {}, [records, workers] { with_threads(records, workers); });
  }
  return made;
}

} // namespace weir::bench
