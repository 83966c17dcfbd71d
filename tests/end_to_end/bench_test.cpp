// weir-bench says what it measured, for people and for programs. How fast anything was is no matter here.

#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>
#include <tests/support/temporary_folder.hpp>

#include <boost/json/parse.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace weir::test;

namespace {

finished bench(const std::vector<std::string>& arguments, const std::filesystem::path& folder = {}) {
  return run_program(WEIR_BIN_DIR "/weir-bench", arguments, {.folder = folder});
}

} // namespace

TEST_CASE("weir-bench lists its workloads with their variants") {
  const finished list = bench({"list"});
  CHECK(list.exit == 0);
  for (const std::string workload :
       {"pipeline", "fused", "farm", "keyed", "window", "io", "codec", "features", "scaling"})
    CHECK_THAT("\n" + list.out, Catch::Contains("\n" + workload + ": "));
  for (const std::string variant : {"sequential", "workers-20", "workers-100", "threads-100"})
    CHECK_THAT(list.out, Catch::Contains("\n  " + variant + "\n"));
}

TEST_CASE("weir-bench runs a variant and what it is compared with, and prints and writes the figures") {
  const temporary_folder work;
  const finished run = bench(
      {"run", "io", "--repeat", "1", "--variant", "workers-100", "--json", "figures.json"}, work.path());
  INFO(run.err);
  REQUIRE(run.exit == 0);
  CHECK(run.err.empty());
  for (const std::string heading : {"variant", "records", "median", "min", "max", "x ideal", "x threads",
                                    "records/s", "CPU s", "peak MiB"})
    CHECK_THAT(run.out, Catch::Contains(" " + heading));
  CHECK_THAT(run.out, Catch::Contains("\n  workers-100 ") && Catch::Contains("\n  threads-100 "));
  CHECK_THAT(run.out, !Catch::Contains("sequential"));

  const auto rows = boost::json::parse(read_file(work / "figures.json")).as_array();
  REQUIRE(rows.size() == 2);
  for (const auto& row : rows) {
    const auto& figures = row.as_object();
    CHECK(figures.size() == 9);
    CHECK(figures.at("workload") == "io");
    CHECK(figures.at("repeat").as_array().size() == 1);
    for (const auto* name : {"median_per_s", "cpu_s", "rss_mib"})
      CHECK(figures.at(name).to_number<double>() > 0);
    CHECK(figures.at("ratio_to").as_object().contains("ideal"));
  }
  CHECK(rows[0].at("variant") == "workers-100");
  CHECK(rows[0].at("ratio_to").as_object().contains("threads"));
  CHECK(rows[1].at("variant") == "threads-100");
}

TEST_CASE("weir-bench says what changed since an earlier run") {
  const temporary_folder work;
  const std::vector<std::string> quick{"run", "window", "--quick", "--variant", "weir"};
  auto first = quick;
  first.insert(first.end(), {"--json", "before.json"});
  REQUIRE(bench(first, work.path()).exit == 0);
  auto second = quick;
  second.insert(second.end(), {"--against", "before.json"});
  const finished run = bench(second, work.path());
  INFO(run.err);
  REQUIRE(run.exit == 0);
  CHECK_THAT(run.out, Catch::Contains("\nagainst before.json:\n") && Catch::Contains("\n  window weir "));
  const finished missing = bench({"run", "io", "--against", "nothing.json"}, work.path());
  CHECK(missing.exit == 1);
  CHECK_THAT(missing.err, Catch::StartsWith("error: cannot read file nothing.json"));
}

TEST_CASE("weir-bench refuses what it does not know") {
  const finished workload = bench({"run", "juggle"});
  CHECK(workload.exit == 2);
  CHECK_THAT(workload.err, Catch::StartsWith("error: ") && Catch::Contains("juggle"));
  const finished variant = bench({"run", "io", "--variant", "workers-7"});
  CHECK(variant.exit == 2);
  CHECK(variant.out.empty());
  CHECK_THAT(variant.err, Catch::StartsWith("error: ") && Catch::Contains("workers-7"));
}
