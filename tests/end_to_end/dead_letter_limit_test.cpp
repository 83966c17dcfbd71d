// Input of which a good part is broken: the run says so instead of quietly filing it all away.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir::test;

namespace {

/// 2,000 reviews and 400 broken rows between them.
std::string every_sixth_broken() {
  std::string input;
  for (int i = 0; i < 400; ++i)
    input += rows(5 * i, 5 * i + 5) + "{broken\n";
  return input;
}

} // namespace

TEST_CASE("a run of which more than a tenth is dead letters fails and says what would help") {
  const temporary_folder work;
  work.write("in.jsonl", every_sixth_broken());
  const finished run = run_reviews(work.path(), {"--input", "in.jsonl", "--summary", "json"});
  CHECK(run.exit == 1);
  CHECK_THAT(run.err, Catch::Contains("error: more than 10 % of 1000 records became dead letters") &&
                          Catch::Contains("max_dead_letters"));
  const auto summary = summary_of(run);
  CHECK(figure(summary, "dead_letters") > 100);
}

TEST_CASE("the limit of dead letters can be raised") {
  const temporary_folder work;
  work.write("in.jsonl", every_sixth_broken());
  for (const std::string limit : {"20", "100"}) {
    const finished run = run_reviews(work.path(), {"--input", "in.jsonl", "--output", limit + ".db",
                                                   "--max-dead-letters", limit, "--summary", "json"});
    INFO(run.err);
    CHECK(run.exit == 0);
    const auto summary = summary_of(run);
    CHECK(figure(summary, "dead_letters") == 400);
    CHECK(stored(work / (limit + ".db")) == 2000);
  }
}
