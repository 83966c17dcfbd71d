// What review-stream sends to a collector of traces, as its flags say.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/framework/weir/observe/support/collector.hpp>
#include <tests/support/catch.hpp>

#include <set>
#include <string>

using namespace weir::test;
using weir_tests::collector;
using weir_tests::got_span;

TEST_CASE(
    "review-stream sends the spans of its sampled reviews, and of those that bring a trace of their own") {
  collector there;
  REQUIRE(there.start());
  const temporary_folder work;
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  work.write("in.jsonl", rows(0, 50) + R"({"id":"mine","text":"very good","traceparent":"00-)" + trace +
                             R"(-b7ad6b7169203331-01"})" + "\n");
  const finished run =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db", "--trace-endpoint", there.url(),
                                "--trace-sample", "0", "--admin", "off"});
  INFO(run.err);
  REQUIRE(run.exit == 0);
  std::set<std::string> nodes;
  for (const got_span& s : there.spans()) {
    CHECK(s.trace == trace); // nothing else is sampled
    CHECK(s.end >= s.start);
    nodes.insert(s.name);
  }
  for (const char* node : {"analyze_sentiment", "categorize_topic", "generate_response", "store"})
    CHECK(nodes.contains(node));
  CHECK(there.spans_of("store").size() == 1);

  const finished every =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "b.db", "--trace-endpoint", there.url(),
                                "--trace-sample", "1", "--admin", "off"});
  CHECK(every.exit == 0);
  CHECK(there.spans_of("store").size() == 1 + 51);
}

TEST_CASE("a collector that is not there costs no review, and what was lost is said") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 5));
  const finished run =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db", "--trace-endpoint",
                                "http://user:secret@127.0.0.1:1", "--trace-sample", "1", "--admin", "off"});
  CHECK(run.exit == 0);
  CHECK(stored(work / "a.db") == 5);
  CHECK_THAT(run.err, Catch::Contains("traces: ") && Catch::Contains("did not reach"));
  CHECK_THAT(run.err, !Catch::Contains("secret"));
}
