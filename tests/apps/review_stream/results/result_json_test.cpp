#include <apps/review_stream/results/result_json.hpp>

#include <tests/apps/review_stream/support/judged.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir;
using namespace weir::reviews;

TEST_CASE("a result is one line of JSON behind what the line held, with the input under review") {
  std::string line = "before ";
  append_json(test::complete(), line);
  CHECK(
      line ==
      R"(before {"id":"r-1","product":"lamp","ts":"2026-05-04","language":"en",)"
      R"("sentiment":{"label":"negative","score":-0.9877,"confidence":0.75},)"
      R"("topics":[{"name":"quality","confidence":0.8},{"name":"delivery","confidence":0.5}],)"
      R"("urgency":{"level":"high","reasons":["injury: burned my hand"]},"route":"human","route_reason":"urgency high",)"
      R"("response":{"template":"en/quality/negative","text":"We are sorry.","auto_send":false,"reasons":["urgency is high"]},)"
      R"("model":"model-1","origin":"local",)"
      R"("review":{"title":"Fine","text":"Good\n\"lamp\" 好","rating":4.5,"category":"light","lang":"en","extra":{"store":"north"}}})");
}

TEST_CASE("what a review did not say is null in its result") {
  std::string line;
  append_json(test::judged("r-1", "", "unknown"), line);
  CHECK(
      line ==
      R"({"id":"r-1","product":null,"ts":null,"language":null,)"
      R"("sentiment":{"label":"unknown","score":0.5,"confidence":0.75},"topics":[],"urgency":{"level":"low","reasons":[]},)"
      R"("route":"none","route_reason":"","response":{"template":"","text":"","auto_send":false,"reasons":[]},)"
      R"("model":"model-1","origin":"local",)"
      R"("review":{"title":null,"text":"","rating":null,"category":null,"lang":null}})");
}
