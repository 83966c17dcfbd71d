// The tables say what was measured, and tell a change from noise.

#include <bench/report.hpp>

#include <tests/support/catch.hpp>

#include <string>
#include <vector>

using namespace weir::bench;

namespace {

measured run_of(std::string variant, std::vector<double> seconds) {
  return {.workload = "pipeline",
          .variant = std::move(variant),
          .records = 1'000'000,
          .seconds = std::move(seconds),
          .cpu = {1},
          .peak_mib = 8};
}

} // namespace

TEST_CASE("numbers are short enough to compare") {
  CHECK(short_number(62'612'345) == "62.6 M");
  CHECK(short_number(1'570) == "1.57 k");
  CHECK(short_number(187e9) == "187 G");
  CHECK(short_number(999) == "999  ");
}

TEST_CASE("the table has a column for each baseline and each figure, and a dash where there is none") {
  measured weir = run_of("weir", {2, 1, 4});
  weir.ratio_to = {{"loop", 1.125}};
  weir.figures = {{"p99_us", {87}}};
  const std::string table = as_table({weir, run_of("loop", {1})});
  CHECK(
      table ==
      "  variant   records    median       min       max  records/s   x loop     CPU s  peak MiB    p99_us\n"
      "  weir      1000000   2.000 s   1.000 s   4.000 s      500 k    1.125     1.000       8.0      87.0\n"
      "  loop      1000000   1.000 s   1.000 s   1.000 s     1.00 M        -     1.000       8.0         "
      "-\n");
}

TEST_CASE("a change is called one only where the repeats of then and now do not overlap") {
  const std::vector<measured> before{run_of("a", {1.0, 1.1, 1.2}), run_of("b", {1.0, 1.1, 1.2}),
                                     run_of("c", {1.0, 1.1, 1.2}), run_of("d", {1.0}),
                                     run_of("gone", {1.0, 1.0})};
  const std::vector<measured> now{run_of("a", {0.7, 0.8, 0.9}), run_of("b", {1.3, 1.4, 1.5}),
                                  run_of("c", {0.9, 1.0, 1.1}), run_of("d", {0.5}),
                                  run_of("new", {1.0, 1.0})};
  const std::string changes = as_changes(before, now);
  const auto line = [&](const std::string& variant) {
    const auto at = changes.find("  pipeline " + variant + " ");
    return at == std::string::npos ? "" : changes.substr(at, changes.find('\n', at) - at);
  };
  CHECK_THAT(line("a"), Catch::EndsWith("+37.5 %  faster"));
  CHECK_THAT(line("b"), Catch::EndsWith("-21.4 %  slower"));
  CHECK_THAT(line("c"), Catch::EndsWith("+10.0 %  noise"));
  CHECK_THAT(line("d"), Catch::EndsWith("+100.0 %  one repeat says nothing"));
  CHECK(line("gone").empty());
  CHECK(line("new").empty());
}

TEST_CASE("a change of a figure is told beside that of the rate") {
  measured before = run_of("weir", {1, 1});
  measured now = before;
  before.figures = {{"p99_us", {100}}};
  now.figures = {{"p99_us", {50}}};
  CHECK_THAT(as_changes({before}, {now}), Catch::Contains("; p99_us 100 -> 50.0\n"));
}
