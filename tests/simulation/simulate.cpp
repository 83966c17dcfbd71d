// Runs seeds of the simulation:
//
//     simulate FIRST LAST [--until-wrong]     each seed from FIRST to LAST; the first that goes wrong ends it
//     simulate SEED                           one, with what happened in it
//
// Exit 0: all went well (with --until-wrong: one went wrong), 1: not so.

#include <tests/simulation/random_run.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace {

void print(const weir_tests::outcome& o) {
  std::printf(
      "seed %llu: %s\n  %llu records, %llu events, %llu dead letters, %llu restarts, %llu outages: %s\n%s",
      static_cast<unsigned long long>(o.seed), o.shape.c_str(), static_cast<unsigned long long>(o.records),
      static_cast<unsigned long long>(o.events), static_cast<unsigned long long>(o.dead),
      static_cast<unsigned long long>(o.restarts), static_cast<unsigned long long>(o.outages),
      o.status.c_str(), o.wrong.c_str());
}

weir_tests::outcome run(std::uint64_t seed, bool trace = false) {
  try {
    return weir_tests::run_seed(seed, trace);
  } catch (const std::exception& e) {
    weir_tests::outcome o;
    o.seed = seed;
    o.wrong = std::string{"threw: "} + e.what() + "\n";
    return o;
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: simulate SEED | simulate FIRST LAST [--until-wrong]\n");
    return 2;
  }
  const auto first = std::strtoull(argv[1], nullptr, 10);
  if (argc == 2) {
    const auto o = run(first, true);
    print(o);
    return o.ok ? 0 : 1;
  }
  const auto last = std::strtoull(argv[2], nullptr, 10);
  const bool until_wrong = argc > 3 && std::strcmp(argv[3], "--until-wrong") == 0;
  unsigned long long events = 0;
  unsigned long long restarts = 0;
  unsigned long long dead = 0;
  for (auto seed = first; seed <= last; ++seed) {
    const auto o = run(seed);
    events += o.events;
    restarts += o.restarts;
    dead += o.dead;
    if (o.ok)
      continue;
    print(o);
    if (until_wrong)
      return 0;
    std::printf("replay it:  %s %llu\n", argv[0], static_cast<unsigned long long>(seed));
    return 1;
  }
  std::printf("%llu seeds went well: %llu events, %llu restarts, %llu dead letters\n",
              static_cast<unsigned long long>(last - first + 1), events, restarts, dead);
  return until_wrong ? 1 : 0;
}
