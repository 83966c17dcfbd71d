// The result file has the keys that programs rely on, and is read back as it was written.

#include <bench/results.hpp>

#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <stdexcept>

using namespace weir::bench;

namespace {

measured example() {
  return {.workload = "pipeline",
          .variant = "weir",
          .records = 100,
          .seconds = {4, 2, 1},
          .cpu = {3, 5, 4},
          .peak_mib = 7.5,
          .figures = {{"p50_us", {10, 30, 20}}},
          .ratio_to = {{"loop", 1.25}}};
}

} // namespace

TEST_CASE("a row of the result file has the keys of the contract") {
  const auto rows = boost::json::parse(as_json({example()})).as_array();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == boost::json::parse(R"({
    "workload": "pipeline", "variant": "weir", "records": 100, "repeat": [4.0, 2.0, 1.0], "median_per_s": 50.0,
    "ratio_to": {"loop": 1.25}, "cpu_s": 4.0, "rss_mib": 7.5, "figures": {"p50_us": 20.0}})"));
}

TEST_CASE("results are read back as they were written") {
  const weir::test::temporary_folder folder;
  const auto file = (folder / "results.json").string();
  write_results(file, {example(), example()});
  const auto read = read_results(file);
  REQUIRE(read.size() == 2);
  CHECK(read[1].workload == "pipeline");
  CHECK(read[1].variant == "weir");
  CHECK(read[1].seconds == example().seconds);
  CHECK(read[1].per_second() == 50);
  CHECK(read[1].ratio_to == example().ratio_to);
  CHECK(read[1].figures.at("p50_us") == std::vector<double>{20});
  CHECK(as_json(read) == as_json({example(), example()}));
}

TEST_CASE("a file that holds no results is refused with its name") {
  for (const char* text : {"", "{}", "[1]", R"([{"workload": "pipeline"}])", R"([{"workload": 1}])"})
    CHECK_THROWS_AS(from_json(text), std::runtime_error);
  CHECK_THROWS_WITH(read_results("/nowhere/at-all.json"), "cannot read file /nowhere/at-all.json");
  CHECK_THROWS_WITH(write_results("/nowhere/at-all.json", {}), "cannot write file /nowhere/at-all.json");
}
