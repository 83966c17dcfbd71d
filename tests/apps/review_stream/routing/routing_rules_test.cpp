#include <apps/review_stream/routing/routing_rules.hpp>

#include <tests/support/catch.hpp>

using namespace weir::reviews;

namespace {

judged_review about(std::vector<topic> topics, sentiment felt = {"negative", -1, 0.8}, urgency how = {}) {
  judged_review judged;
  judged.topics = std::move(topics);
  judged.sentiment = std::move(felt);
  judged.urgency = std::move(how);
  return judged;
}

const routing_rules shop{{{.to = "human", .urgency = {"high"}},
                          {.to = "human", .because = {"asks_refund"}},
                          {.to = "engineering", .topic = {"bug", "usability"}, .min_topic_confidence = 0.4},
                          {.to = "product", .topic = {"quality"}, .sentiment = {"negative"}},
                          {.to = "praise", .sentiment = {"positive"}, .min_confidence = 0.9}}};

} // namespace

TEST_CASE("the first rule that holds decides, and says why") {
  const route by_urgency = shop.choose(about({{"bug", 0.9}}, {}, {"high", {"injury: burned my hand"}}));
  CHECK(by_urgency.to == "human");
  CHECK(by_urgency.reason == "urgency high: injury");
  const route by_topic = shop.choose(about({{"price", 0.9}, {"usability", 0.5}}));
  CHECK(by_topic.to == "engineering");
  CHECK(by_topic.reason == "topic usability");
}

TEST_CASE("a rule may ask for one kind of urgency") {
  const urgency two{"normal", {"confident negative (0.97)", "asks refund: money back"}};
  CHECK(shop.choose(about({}, {}, two)).reason == "urgency normal: asks refund");
  CHECK(shop.choose(about({}, {}, {"normal", {"confident negative (0.97)"}})).to == "none");
}

TEST_CASE("all that a rule asks for must be so") {
  CHECK(shop.choose(about({{"quality", 0.5}})).reason == "topic quality, sentiment negative");
  CHECK(shop.choose(about({{"quality", 0.5}}, {"positive", 1, 0.8})).to == "none");
  CHECK(shop.choose(about({{"bug", 0.39}})).to == "none");
}

TEST_CASE("a rule may ask how sure the sentiment is") {
  CHECK(shop.choose(about({}, {"positive", 1, 0.95})).to == "praise");
  CHECK(shop.choose(about({}, {"positive", 1, 0.85})).to == "none");
}

TEST_CASE("a review that no rule wants goes to none") {
  CHECK(shop.choose({}).to == "none");
  CHECK(shop.choose({}).reason == "no rule holds");
  CHECK(routing_rules{}.choose({}).to == "none");
  CHECK(routing_rules{{{.to = "human"}}}.choose({}).reason == "everything else");
}
