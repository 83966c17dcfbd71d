// Real reviews, where a copy of them lies beside the source tree.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <cstdio>
#include <filesystem>
#include <string>

using namespace weir::test;

TEST_CASE("every one of the development reviews is stored") {
  const std::filesystem::path reviews = WEIR_SOURCE_DIR "/../shared/data/reviews-dev.jsonl.gz";
  if (!std::filesystem::exists(reviews)) {
    WARN("skipped: no " << reviews.lexically_normal());
    return;
  }
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
