// What is drawn of which results. gnuplot itself may be missing where tests run, so most look at its scripts.

#include <bench/plot.hpp>

#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>
#include <tests/support/temporary_folder.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace weir::bench;

namespace {

measured run_of(std::string workload, std::string variant, double seconds) {
  return {.workload = std::move(workload),
          .variant = std::move(variant),
          .records = 1'000,
          .seconds = {seconds},
          .cpu = {1},
          .peak_mib = 8};
}

} // namespace

TEST_CASE("a variant's number is what stands behind the last dash") {
  CHECK(parse_numbered("stages-16") == numbered_name{"stages", 16});
  CHECK(parse_numbered("weir-pool-100k") == numbered_name{"weir-pool", 100'000});
  CHECK(parse_numbered("weir-2M") == numbered_name{"weir", 2'000'000});
  for (const char* name : {"weir", "weir-", "-5", "weir-x", "weir-5x", "weir-5kk", "weir-0"})
    CHECK_FALSE(parse_numbered(name));
}

TEST_CASE("a workload is drawn as bars, a series as a curve, latencies over the load") {
  auto fast = run_of("latency", "weir-1000", 1);
  fast.figures = {{"p50_us", {15}}, {"p99_us", {73}}};
  const auto plots = plots_of({run_of("pipeline", "weir", 2), run_of("pipeline", "loop", 4),
                               run_of("scaling", "stages-1", 1), run_of("scaling", "stages-2", 2),
                               run_of("scaling", "stages-4", 4), run_of("scaling", "nodes-10", 1), fast});
  REQUIRE(plots.size() == 4);
  CHECK(plots[0].name == "pipeline");
  CHECK_THAT(plots[0].script,
             Catch::Contains("\nweir 500 500 500 ") && Catch::Contains("\nloop 250 250 250 "));
  CHECK(plots[1].name == "scaling-stages");
  CHECK_THAT(plots[1].script, Catch::Contains("<< END\n1 1000\n2 500\n4 250\nEND\n"));
  CHECK(plots[2].name == "scaling-nodes");
  CHECK(plots[3].name == "latency");
  CHECK_THAT(plots[3].script,
             Catch::Contains("<< END\n1000 15\nEND\n") && Catch::Contains("<< END\n1000 73\nEND\n"));
}

TEST_CASE("names from a result file cannot run commands of gnuplot") {
  const auto plots = plots_of({run_of("x'; system('reboot') #", "`reboot`\n!reboot", 1)});
  REQUIRE(plots.size() == 1);
  CHECK(plots[0].name == "xsystemreboot");
  CHECK_THAT(plots[0].script,
             !Catch::Contains("system(") && !Catch::Contains("`") && !Catch::Contains("!reboot"));
}

TEST_CASE("plots are written as SVG files, or the error says what to install") {
  const weir::test::temporary_folder folder;
  auto fast = run_of("latency", "weir-1000", 1);
  fast.figures = {{"p50_us", {15}}, {"p99_us", {73}}};
  auto faster = fast;
  faster.variant = "weir-2000";
  const auto plots = plots_of({run_of("pipeline", "weir", 2), run_of("s", "a-1", 1), run_of("s", "a-2", 2),
                               run_of("s", "a-4", 4), fast, faster});
  const auto out = folder / "it's new";
  if (std::system("command -v gnuplot > /dev/null 2>&1") != 0) {
    CHECK_THROWS_WITH(draw(plots, out), Catch::Contains("apt-get install gnuplot-nox"));
    return;
  }
  const auto files = draw(plots, out);
  REQUIRE(files.size() == 3);
  for (const auto& file : files)
    CHECK_THAT(weir::test::read_file(file), Catch::Contains("<svg") && Catch::Contains("</svg>"));
  CHECK(std::filesystem::exists(out / "pipeline.svg"));
}
