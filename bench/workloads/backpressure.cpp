#include <bench/workloads/backpressure.hpp>

#include <bench/workloads/record.hpp>

#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace weir::bench {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr duration a_record = 50ns; // what the source takes, about, on the machines this was written on
constexpr std::uint32_t slower = 100;

/// As many records as are asked for, until its time is over.
class timed_source {
 public:
  timed_source(steady::time_point end, std::uint64_t& made) : end_(end), made_(made) {}
  poll_result poll(emitter<record>& out, std::size_t demand) {
    if (steady::now() >= end_)
      return poll_result::end();
    for (std::size_t i = 0; i < demand; ++i) {
      record r;
      make_record(made_++, r);
      out(r);
    }
    return poll_result::more();
  }

 private:
  steady::time_point end_;
  std::uint64_t& made_;
};

class slow_sink {
 public:
  explicit slow_sink(totals& seen) : seen_(seen) {}
  void write(const records<record>& all) {
    std::this_thread::sleep_for(a_record * slower * all.size());
    for (const record& r : all.span())
      seen_.add(r);
  }

 private:
  totals& seen_;
};

double resident_mib() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))) / (1 << 20);
}

/// Looks at the memory of this process ten times a second from its second second on.
double growth_of_memory(const std::stop_token& stop, duration first) {
  std::this_thread::sleep_for(first);
  const double before = resident_mib();
  double most = before;
  for (; !stop.stop_requested(); std::this_thread::sleep_for(100ms))
    most = std::max(most, resident_mib());
  return most - before;
}

outcome hold_back(duration how_long) {
  std::uint64_t made = 0;
  totals seen;
  workflow w{"backpressure"};
  w.from("source", timed_source{steady::now() + how_long, made})
      .map("map",
           [](const record& r) {
             record made_of = r;
             mix(made_of);
             return made_of;
           })
      .to("sink", [&seen] { return slow_sink{seen}; }, {.isolation = isolation::thread});
  double growth = 0;
  std::jthread watcher{[&](const std::stop_token& stop) { growth = growth_of_memory(stop, 1s); }};
  const run_result r = run(w);
  watcher.request_stop();
  watcher.join();
  if (!r.ok())
    throw std::runtime_error(std::string{to_string(r.status)});
  std::uint64_t numbers = 0;
  for (std::uint64_t i = 0; i < made; ++i)
    numbers ^= i;
  if (seen.count != made || seen.mixed != numbers)
    throw std::runtime_error(std::to_string(seen.count) + " of " + std::to_string(made) + " records arrived");
  return {.figures = {{"rss_growth_mib", growth}}, .records = made};
}

} // namespace

std::vector<variant> backpressure_variants(const sizes& of) {
  const duration how_long = of.quick ? duration{5s} : duration{60s};
  return {{.name = "weir", .run = [how_long] { return hold_back(how_long); }}};
}

} // namespace weir::bench
