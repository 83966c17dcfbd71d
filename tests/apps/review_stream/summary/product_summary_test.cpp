#include <apps/review_stream/summary/product_summary.hpp>

#include <tests/apps/review_stream/support/judged.hpp>
#include <tests/support/catch.hpp>
#include <weir/testkit/node_probe.hpp>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::reviews;

namespace {

judged_review of_product(std::string product, std::string label, double score, std::string ts = {}) {
  judged_review j = test::judged("r", "text", std::move(label));
  j.review.product = std::move(product);
  j.review.ts = std::move(ts);
  j.sentiment.score = score;
  return j;
}

} // namespace

TEST_CASE("when the input ends there is one summary a product") {
  node_probe probe{summarise_products{}};
  probe.feed({of_product("tea", "positive", 0.5, "2026-05-05"), of_product("lamp", "negative", -1),
              of_product("tea", "negative", -0.9, "2026-05-04T10:00:00Z"), of_product("tea", "unknown", 0)});
  CHECK(probe.outputs().empty());
  probe.end();
  REQUIRE(probe.outputs().size() == 2);
  const product_summary& tea = probe.outputs()[1];
  CHECK(tea.product == "tea");
  CHECK(tea.reviews == 3);
  CHECK(tea.positive == 1);
  CHECK(tea.unknown == 1);
  CHECK(tea.mean_score() == Approx(-0.2)); // what could not be judged does not count
  CHECK(tea.negative_share() == Approx(1.0 / 3));
  CHECK(tea.start == "2026-05-04T10:00:00Z");
  CHECK(tea.end == "2026-05-05");
}

TEST_CASE("more products than there is room for are added up under one name") {
  node_probe probe{summarise_products{}};
  std::vector<judged_review> reviews;
  for (std::size_t i = 0; i < summarise_products::max_products + 50; ++i)
    reviews.push_back(of_product("product " + std::to_string(i), "positive", 1));
  probe.feed(std::move(reviews));
  probe.end();
  std::uint64_t counted = 0;
  std::uint64_t others = 0;
  for (const auto& s : probe.outputs()) {
    counted += s.reviews;
    if (s.product == summarise_products::other_products)
      others = s.reviews;
  }
  CHECK(counted == summarise_products::max_products + 50);
  CHECK(others == 50);
}

TEST_CASE("a summary keeps a few examples, short and whole") {
  product_summary s;
  for (int i = 0; i < 10; ++i) {
    judged_review j = test::complete();
    j.review.id = std::to_string(i);
    j.review.text = std::string(159, 'x') + "好好";
    s.add(j);
  }
  CHECK(s.urgent == 10);
  REQUIRE(s.urgent_examples.size() == 3);
  CHECK(s.urgent_examples[0].text == std::string(159, 'x') + "好…");
  CHECK(s.urgency_reasons.at("injury") == 10);
}

TEST_CASE("summaries of products add up to one of all") {
  product_summary a;
  a.add(of_product("a", "positive", 1, "2026-05-04"));
  product_summary b;
  b.add(test::complete());
  b.add(of_product("b", "neutral", 0, "2026-05-09"));
  a.merge(b);
  CHECK(a.reviews == 3);
  CHECK(a.start == "2026-05-04");
  CHECK(a.end == "2026-05-09");
  CHECK(a.routes.at("human") == 1);
  CHECK(a.routes.at("none") == 2);
  CHECK(a.topics.at("quality").negative == 1);
}
