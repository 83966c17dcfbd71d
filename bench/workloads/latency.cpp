#include <bench/workloads/latency.hpp>

#include <bench/workloads/latency_systems.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include <sys/resource.h>

namespace weir::bench {

namespace {

double processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// `cores`: processors kept busy, the pacing thread (one) among them. `cpu_us`: processor time a record
/// without it.
outcome measure_one(const load& l, double (*run)(const load&, arrivals&)) {
  arrivals seen{l.records};
  const double used = processor_seconds();
  const std::uint64_t began = now_ns();
  const double pacing = run(l, seen);
  outcome o;
  o.seconds = static_cast<double>(now_ns() - began) / 1e9;
  const double cpu = processor_seconds() - used;
  std::uint64_t expected = 0;
  std::uint64_t mixed = 0;
  for (std::uint64_t i = 0; i < l.records; ++i) {
    record r;
    make_record(i, r);
    mix(r);
    if (keep(r)) {
      ++expected;
      mixed ^= i;
    }
  }
  if (seen.sum.count != expected || seen.sum.mixed != mixed)
    throw std::runtime_error(std::to_string(seen.sum.count) + " records came out, not " +
                             std::to_string(expected) + ", or others");
  seen.late.tell(o);
  o.figures["cores"] = cpu / *o.seconds;
  o.figures["cpu_us"] = (cpu - pacing) * 1e6 / static_cast<double>(l.records);
  return o;
}

} // namespace

std::vector<variant> latency_variants(const sizes& of) {
  constexpr std::pair<std::uint64_t, const char*> rates[] = {
      {1'000, "1k"},     {10'000, "10k"},   {50'000, "50k"},  {100'000, "100k"},
      {200'000, "200k"}, {500'000, "500k"}, {1'000'000, "1M"}};
  struct system {
    const char* name;
    double (*run)(const load&, arrivals&);
  };
  constexpr system systems[] = {
      {"weir", through_weir}, {"caf", through_caf}, {"threads", through_thread}, {"tbb", through_tbb}};
  std::vector<variant> made;
  for (const auto& [rate, rate_name] : rates)
    for (const system& s : systems) {
      // The two that are promised something get more records; in a check that it works all take a moment.
      const double seconds = of.quick ? 0.1 : rate == 1'000 || rate == 100'000 ? 2 : 1;
      const load l{rate, static_cast<std::uint64_t>(static_cast<double>(rate) * seconds)};
      made.push_back({.name = std::string{s.name} + "-" + rate_name,
                      .records = l.records,
                      .run = [l, run = s.run] { return measure_one(l, run); }});
    }
  return made;
}

} // namespace weir::bench
