// Real reviews, where a copy of them lies beside the source tree.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/development_reviews.hpp>

#include <cstdio>
#include <string>

using namespace weir::test;

TEST_CASE("every one of the development reviews is stored") {
  const auto reviews = development_reviews();
  if (reviews.empty())
    return;
  const temporary_folder work;
  const finished run = run_reviews(work.path(), {"--input", reviews.string(), "--summary", "json"});
  INFO(run.err);
  CHECK(run.exit == 0);
  const auto summary = summary_of(run);
  CHECK(figure(summary, "records_in") == 34'353);
  CHECK(figure(summary, "records_out") == 34'353);
  CHECK(figure(summary, "duplicates") == 0);
  CHECK(figure(summary, "dead_letters") == 0);
  CHECK(stored(work / "reviews.db") == 34'353);
  std::printf("development reviews: %.0f a second\n", summary.at("throughput_per_s").to_number<double>());
}
