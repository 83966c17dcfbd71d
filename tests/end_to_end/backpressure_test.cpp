// A sink a hundred times slower than its source holds the source back: memory stays, and a drain is short.

#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>

#include <cstdio>
#include <map>
#include <sstream>
#include <string>

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const std::string program = WEIR_BIN_DIR "/slow_sink";

std::map<std::string, std::uint64_t> figures_of(const finished& run) {
  std::map<std::string, std::uint64_t> figures;
  std::istringstream in{run.out};
  std::string name;
  for (std::uint64_t value = 0; in >> name >> value;)
    figures[name] = value;
  return figures;
}

} // namespace

TEST_CASE("100,000 records into a sink 100 times slower than its source complete in steady memory") {
  process run{program, {"100000"}};
  const finished end = run.wait(240s);
  INFO(end.out << end.err);
  CHECK(end.exit == 0);
  auto figures = figures_of(end);
  CHECK(figures["received"] == 100'000);
  CHECK(figures["delivered"] == 100'000);
  REQUIRE(figures["rss_at_5_percent_kib"] > 0);
#ifndef __SANITIZE_ADDRESS__ // which keeps freed memory
  CHECK(figures["rss_peak_kib"] <= figures["rss_at_5_percent_kib"] + 32 * 1024);
#endif
  std::printf("slow sink: peak RSS %.1f MiB, %.1f MiB after 5 %% of the run\n",
              static_cast<double>(figures["rss_peak_kib"]) / 1024,
              static_cast<double>(figures["rss_at_5_percent_kib"]) / 1024);
}

TEST_CASE("a slow sink drains what is in flight within the deadline") {
  const finished end = run_program(program, {"100000", "2000", "30000"});
  INFO(end.out << end.err);
  CHECK(end.exit == 0);
  auto figures = figures_of(end);
  CHECK(figures["received"] < 100'000);
  CHECK(figures["delivered"] == figures["received"]);
  CHECK(figures["undelivered"] == 0);
}

TEST_CASE("a slow sink whose drain runs out of time leaves a list of what was left, and exit 3") {
  const finished end = run_program(program, {"100000", "2000", "1"});
  INFO(end.out << end.err);
  CHECK(end.exit == 3);
  auto figures = figures_of(end);
  CHECK(figures["undelivered"] > 0);
  CHECK(figures["received"] == figures["delivered"] + figures["undelivered"]);
}
