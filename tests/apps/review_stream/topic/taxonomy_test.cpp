#include <apps/review_stream/topic/taxonomy.hpp>

#include <tests/support/catch.hpp>

#include <string>
#include <vector>

using namespace weir::reviews;

namespace {

const std::vector<topic_term> shop{{"delivery", "en", "arrived late", 3},
                                   {"delivery", "en", "deliver*", 2},
                                   {"delivery", "en", "special delivery", 1, true},
                                   {"delivery", "zh", "快递", 3},
                                   {"price", "en", "expensive", 2},
                                   {"price", "en", "cost", 1},
                                   {"service", "en", "rude", 2}};

std::vector<std::string> names(const std::vector<topic>& topics) {
  std::vector<std::string> out;
  for (const topic& t : topics)
    out.push_back(t.name);
  return out;
}

using list = std::vector<std::string>;

} // namespace

TEST_CASE("a review's topics come with the surest first") {
  const taxonomy t{shop};
  CHECK(names(t.topics_of("", "It arrived late and was expensive", "en")) == list{"delivery", "price"});
  CHECK(names(t.topics_of("", "rude and expensive", "en")) == list{"price", "service"}); // a tie: by name
  CHECK(names(t.topics_of("", "快递很快", "zh")) == list{"delivery"});
  CHECK(t.topics_of("", "Lovely colour", "en").empty());
  CHECK(t.topics_of("", "", "en").empty());
  CHECK(taxonomy{}.topics_of("late", "late", "en").empty());
}

TEST_CASE("confidence is the weight against half_weight") {
  const taxonomy t{shop};
  CHECK(t.topics_of("", "expensive", "en").at(0).confidence == Approx(0.5));
  CHECK(t.topics_of("", "arrived late", "en").at(0).confidence == Approx(0.6));
  CHECK(t.topics_of("", "expensive cost", "en").at(0).confidence == Approx(0.6));
  CHECK(t.topics_of("", "expensive expensive", "en").at(0).confidence == Approx(0.5)); // once a term
}

TEST_CASE("a long text needs more") {
  const taxonomy t{shop};
  std::string long_text = "expensive";
  for (int i = 0; i < 159; ++i)
    long_text += " word";
  CHECK(t.topics_of("", long_text, "en").at(0).confidence == Approx(2.0 / (2 + 4)));
}

TEST_CASE("a term in the title counts more") {
  const taxonomy t{shop};
  CHECK(t.topics_of("Expensive", "", "en").at(0).confidence == Approx(4.0 / 6));
  CHECK(t.topics_of("Expensive", "so expensive", "en").at(0).confidence == Approx(4.0 / 6));
}

TEST_CASE("weak topics are left out, and only the best are kept") {
  CHECK(names(taxonomy{shop, {.min_confidence = 0.55}}.topics_of("", "arrived late, rude", "en")) ==
        list{"delivery"});
  CHECK(names(taxonomy{shop, {.max_topics = 1}}.topics_of("", "rude, arrived late", "en")) ==
        list{"delivery"});
}

TEST_CASE("an explanation names the terms that counted") {
  const taxonomy t{shop};
  const auto why = t.explain("Arrived late", "A special delivery, at a cost", "en");
  REQUIRE(why.size() == 2);
  CHECK(why[0].topic == "delivery");
  CHECK(why[0].term == "arrived late");
  CHECK(why[0].weight == 6);
  CHECK(why[0].in_title);
  CHECK(why[1].term == "cost");
  CHECK_FALSE(why[1].in_title);
}
