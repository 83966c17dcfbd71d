#include <apps/review_stream/urgency/urgency_rules.hpp>

#include <tests/support/catch.hpp>

#include <string>
#include <vector>

using namespace weir::reviews;

namespace {

using list = std::vector<std::string>;

urgency_rules shop() {
  return urgency_rules{
      {{.name = "refund",
        .level = "normal",
        .unless_negated = false,
        .sentiment = {"negative"},
        .terms = {{"en", "get a refund"}}},
       {.name = "injury",
        .terms = {{"en", "injur*"},
                  {"en", "burned my hand"},
                  {"en", "killer deal", true},
                  {"en", "killer"},
                  {"zh", "受伤"}}},
       {.name = "confident_negative", .level = "normal", .sentiment = {"negative"}, .min_confidence = 0.9}},
      {{"en", {"no", "not"}, {"one", "was", "any"}}, {"zh", {"没"}, {"有"}}}};
}

urgency rated(std::string text, std::string language = "en", sentiment felt = {"neutral", 0, 0.5},
              std::string title = {}) {
  judged_review judged;
  judged.review.title = std::move(title);
  judged.review.text = std::move(text);
  judged.language = std::move(language);
  judged.sentiment = std::move(felt);
  return shop().rate(judged);
}

} // namespace

TEST_CASE("a rule's term raises the urgency and is the reason") {
  CHECK(rated("It burned my hand").level == "high");
  CHECK(rated("It burned my hand").reasons == list{"injury: burned my hand"});
  CHECK(rated("fine", "en", {}, "Injured!").reasons == list{"injury: injur*"});
  CHECK(rated("孩子受伤了", "zh").reasons == list{"injury: 受伤"});
}

TEST_CASE("nothing urgent is low, without a reason") {
  CHECK(rated("A killer deal").level == "low");
  CHECK(rated("A killer deal").reasons.empty());
  CHECK(rated("").level == "low");
  CHECK(urgency_rules{}.rate({}).level == "low");
}

TEST_CASE("what did not happen is not urgent") {
  CHECK(rated("No injury").level == "low");
  CHECK(rated("no one was injured").level == "low");
  CHECK(rated("没有受伤", "zh").level == "low");
  CHECK(rated("Do not buy, injuries").level == "high"); // "buy" comes between
  CHECK(rated("no injury, then it burned my hand").reasons == list{"injury: burned my hand"});
}

TEST_CASE("a rule may count negated terms") {
  CHECK(rated("could not get a refund", "en", {"negative", -1, 0.8}).reasons == list{"refund: get a refund"});
}

TEST_CASE("a rule may want a sentiment, with terms or alone") {
  CHECK(rated("get a refund").level == "low");
  CHECK(rated("bad", "en", {"negative", -0.9, 0.97}).reasons == list{"confident negative (0.97)"});
  CHECK(rated("bad", "en", {"negative", -0.9, 0.89}).level == "low");
  CHECK(rated("bad", "en", {"positive", 0.9, 0.97}).level == "low");
}

TEST_CASE("the highest level wins and comes first") {
  const urgency all = rated("I want to get a refund, it burned my hand", "en", {"negative", -1, 0.95});
  CHECK(all.level == "high");
  CHECK(all.reasons == list{"injury: burned my hand", "refund: get a refund", "confident negative (0.95)"});
}

TEST_CASE("a reason tells its rule") {
  CHECK(rule_of_reason("injury: burned my hand") == "injury");
  CHECK(rule_of_reason("confident negative (0.97)") == "confident negative");
  CHECK(rule_of_reason("other") == "other");
}
