// Sixty invented reviews in four languages and everything that review-stream makes of them, word for word.
//
// A change of model, terms, rules or templates shows here: look at the difference, and when it is meant, run
// the test with WEIR_UPDATE_GOLDEN=1, which writes golden/results.jsonl anew.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

using namespace weir::test;

namespace {

const std::filesystem::path golden = WEIR_SOURCE_DIR "/tests/end_to_end/golden";

/// The result but for the model's name, which is a hash of all its weights.
std::string without_model(const std::string& line) {
  const auto from = line.find("\"model\":");
  const auto to = line.find("\"origin\":");
  REQUIRE(from != std::string::npos);
  REQUIRE(to > from);
  return line.substr(0, from) + line.substr(to);
}

} // namespace

TEST_CASE("sixty reviews in four languages are judged, routed and answered as they were before") {
  const temporary_folder work;
  const finished run = run_reviews(work.path(), {"--input", (golden / "reviews.jsonl").string(), "--output",
                                                 "-", "--workers", "3", "--batch", "7"});
  REQUIRE(run.exit == 0);
  std::istringstream lines{run.out};
  std::string results;
  std::size_t count = 0;
  std::set<std::string> languages;
  for (std::string line; std::getline(lines, line); ++count) {
    results += without_model(line) + "\n";
    languages.insert(std::string{json_lines_in(line + "\n").at(0).at("language").as_string()});
  }
  CHECK(count == 60);
  CHECK(languages == std::set<std::string>{"de", "en", "es", "zh"});
  if (std::getenv("WEIR_UPDATE_GOLDEN") != nullptr) {
    std::ofstream{golden / "results.jsonl", std::ios::binary} << results;
    WARN("golden/results.jsonl was written anew: look at the difference before you commit it");
    return;
  }
  std::istringstream now{results};
  std::istringstream before{read_file(golden / "results.jsonl")};
  std::string is;
  std::string was;
  while (std::getline(before, was)) {
    REQUIRE(std::getline(now, is));
    CHECK(is == was);
  }
  CHECK_FALSE(std::getline(now, is));
}
