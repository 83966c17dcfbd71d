#include <apps/review_stream/commands/report_text.hpp>

#include <tests/apps/review_stream/support/judged.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir::reviews;

namespace {

judged_review about(std::string id, std::string product, std::string label, std::string topic_name) {
  judged_review j = weir::test::judged(std::move(id), "I have something to say", std::move(label));
  j.review.product = std::move(product);
  j.topics = {{std::move(topic_name), 0.9}};
  return j;
}

report two_products() {
  product_summary lamp;
  lamp.product = "lamp";
  lamp.add(about("1", "lamp", "negative", "delivery"));
  lamp.add(about("2", "lamp", "positive", "quality"));
  judged_review burned = weir::test::complete();
  burned.review.text = "It burned\nmy hand";
  lamp.add(burned);
  product_summary tea;
  tea.product = "青岛绿茶";
  judged_review answered = about("4", "青岛绿茶", "positive", "quality");
  answered.response = {"zh/quality/positive", "谢谢!\n您好", true, {}};
  tea.add(answered);
  return {lamp, tea};
}

} // namespace

TEST_CASE("the report shows products with their share of negatives and topics") {
  const std::string text = report_text(two_products());
  CHECK_THAT(text, Catch::Contains("What 4 reviews say (2026-05-04 to 2026-05-04)\n"));
  CHECK_THAT(text,
             Catch::Contains("  lamp                                     3       67 %  delivery, quality\n"));
  CHECK_THAT(text, Catch::Contains("  青岛绿茶                                 1        0 %  quality\n"));
  CHECK_THAT(text, Catch::Contains("  quality                                  3       33 %"));
}

TEST_CASE("the report shows what is urgent and why, who should look, and what was answered") {
  const std::string text = report_text(two_products());
  CHECK_THAT(text, Catch::Contains("Urgent: 1  (injury 1)\n"));
  CHECK_THAT(text, Catch::Contains("  r-1  lamp  [injury: burned my hand]\n      \"It burned my hand\"\n"));
  CHECK_THAT(text, Catch::Contains("Routed to: none 3, human 1\n"));
  CHECK_THAT(text, Catch::Contains("Responses drafted: 4, of which 1 may go out unread\n"));
  CHECK_THAT(text, Catch::Contains("-> 谢谢! 您好  (zh/quality/positive, may go out unread)\n"));
}

TEST_CASE("a report of nothing is empty") { CHECK(report_text({}).empty()); }

TEST_CASE("many products are shown by their number") {
  report many(25);
  for (std::size_t i = 0; i < many.size(); ++i)
    many[i].add(about("r", "p", "positive", "price"));
  CHECK_THAT(report_text(many), Catch::Contains("  and 15 more\n"));
}

TEST_CASE("columns count Chinese characters twice and never cut one in half") {
  CHECK(in_columns("abc", 5) == "abc  ");
  CHECK(in_columns("abcdef", 5) == "abcd…");
  CHECK(in_columns("abcde", 5) == "abcde");
  CHECK(in_columns("青岛绿茶", 9) == "青岛绿茶 ");
  CHECK(in_columns("青岛绿茶", 6) == "青岛… ");
}
