#include <apps/review_stream/learning/explanation.hpp>
#include <apps/review_stream/sentiment/explain.hpp>
#include <apps/review_stream/sentiment/train.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <string>
#include <tests/support/catch.hpp>
#include <vector>

using namespace weir::reviews;

namespace {

sentiment_model trained_model() {
  std::vector<labelled_review> rows;
  for (const char* thing : {"kettle", "lamp", "chair", "tent", "app"})
    for (const char* when : {"today", "again", "now"}) {
      const std::string tail = std::string(" ") + thing + " " + when;
      rows.push_back({"", "", "good" + tail, sentiment_label::positive, "", ""});
      rows.push_back({"", "", "bad" + tail, sentiment_label::negative, "", ""});
    }
  return train_sentiment(rows, {}, {})->model;
}

} // namespace

TEST_CASE("the parts of an explanation add up to the judgement") {
  feature_extractor scratch;
  const sentiment_model model = trained_model();
  const explanation why = explain(model, "", "good lamp today", scratch);
  CHECK(why.label == "positive");
  REQUIRE(why.verdicts.size() == 1);
  double log_odds = why.verdicts[0].base;
  for (const explanation::part& part : why.verdicts[0].evidence)
    log_odds += part.log_odds;
  CHECK(std::tanh(log_odds / 2) == Approx(why.score).margin(1e-4));
  CHECK(why.score == Approx(model.judge("good lamp today", scratch).score));
  CHECK(why.verdicts[0].evidence[0].log_odds > 0);
}

TEST_CASE("an explanation tells what was negated and what was never seen") {
  feature_extractor scratch;
  const explanation why = explain(trained_model(), "Bad", "not good but splendid splendid", scratch);
  CHECK(why.tokens == std::vector<std::string>{"bad", "not", "good", "but", "splendid", "splendid"});
  CHECK(why.negated == std::vector<std::string>{"good"});
  CHECK(why.unknown == std::vector<std::string>{"not", "but", "splendid"});
}

TEST_CASE("an explanation for people shows bars on both sides") {
  feature_extractor scratch;
  const std::string text = to_text(explain(trained_model(), "", "good chair now, bad chair", scratch));
  CHECK_THAT(text, Catch::Contains("|##") && Catch::Contains("##|") && Catch::Contains("sentiment") &&
                       Catch::Contains("tokens"));
}

TEST_CASE("a text with nothing in it is unknown, in words and as JSON") {
  feature_extractor scratch;
  const explanation why = explain(trained_model(), "", "", scratch);
  CHECK_THAT(to_text(why), Catch::Contains("unknown"));
  const auto root = boost::json::parse(to_json(why)).as_object();
  CHECK(root.at("label") == "unknown");
  CHECK(root.at("verdicts").as_array().empty());
}
