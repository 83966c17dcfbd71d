#include <apps/review_stream/learning/evaluation.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <tests/support/catch.hpp>
#include <vector>

using namespace weir::reviews;

namespace {

const std::string shouting = "line one\nline two \x1b[31mred\x1b[0m \xff " + std::string(200, 'x');

std::vector<outcome> judged() {
  return {
      {"price", "price", 0.95, "1", "shop", "en", "", "a"},
      {"price", "delivery", 0.85, "2", "shop", "en", "", shouting},
      {"delivery", "price", 0.97, "3", "forum", "de", "Late", "b"},
      {"delivery", "", 0, "4", "forum", "de", "", "c"},
  };
}

evaluation figures(std::size_t mistakes = 20) {
  const auto rows = judged();
  evaluation out = summarise(rows, rows, mistakes);
  out.task = "topic";
  out.rows = 5;
  out.unlabelled = 1;
  return out;
}

} // namespace

TEST_CASE("no guess is wrong in accuracy, and left out of what was judged") {
  const quality all = figures().all;
  CHECK(all.rows == 4);
  CHECK(all.accuracy == Approx(0.25));
  CHECK(all.accuracy_judged == Approx(1.0 / 3));
  CHECK(all.unknown_share == Approx(0.25));
  CHECK(all.macro_f1 == Approx(0.25)); // price: 2 * 1 / (2 + 2), delivery: 0
}

TEST_CASE("figures are split by source, language and label") {
  const evaluation e = figures();
  CHECK(e.by_source.at("shop").accuracy == Approx(0.5));
  CHECK(e.by_language.at("de").accuracy == 0);
  CHECK(e.by_label.at("price").recall == Approx(0.5));
  CHECK(e.by_label.at("price").precision == Approx(0.5));
}

TEST_CASE("the confusion matrix counts every label against every guess") {
  const evaluation e = figures();
  CHECK(e.confusion.at("price").at("price") == 1);
  CHECK(e.confusion.at("price").at("delivery") == 1);
  CHECK(e.confusion.at("delivery").at("price") == 1);
  CHECK(e.confusion.at("delivery").at("(none)") == 1);
}

TEST_CASE("the calibration table holds confidence beside accuracy") {
  const auto bins = figures().calibration;
  REQUIRE(bins.size() == 10);
  CHECK(bins[9].rows == 2);
  CHECK(bins[9].confidence == Approx(0.96));
  CHECK(bins[9].accuracy == Approx(0.5));
  CHECK(bins[8].rows == 1);
  CHECK(bins[8].accuracy == 0);
  CHECK(bins[0].rows == 0);
}

TEST_CASE("mistakes come the most confident first, harmless for a terminal") {
  const auto all = figures().mistakes;
  REQUIRE(all.size() == 2);
  CHECK(all[0].id == "3");
  CHECK(all[0].text == "Late: b");
  CHECK(all[1].text.find('\x1b') == std::string::npos);
  CHECK(all[1].text.find('\n') == std::string::npos);
  CHECK_THAT(all[1].text, Catch::StartsWith("line one line two [31mred [0m xxx") && Catch::EndsWith("x…"));
  CHECK(figures(1).mistakes.size() == 1);
  CHECK(figures(0).mistakes.empty());
}

TEST_CASE("an evaluation in words holds every table") {
  const std::string text = to_text(figures());
  for (const char* part : {"source shop", "language de", "Confusion matrix", "0.9 to 1.0", "(none)",
                           "most confident mistakes", "1 of them skipped: no label", "Late: b"})
    CHECK_THAT(text, Catch::Contains(part));
  CHECK_THAT(to_text(figures(0)), !Catch::Contains("most confident mistakes"));
}

TEST_CASE("an evaluation as JSON holds all of it") {
  const boost::json::object root = boost::json::parse(to_json(figures())).as_object();
  for (const char* key :
       {"rows", "accuracy", "macro_f1", "calibration_error", "by_source", "by_language", "by_label",
        "confusion", "calibration", "mistakes", "microseconds_per_review", "model_bytes", "model"})
    CHECK(root.contains(key));
  CHECK(root.at("confusion").at("price").at("delivery") == 1);
  CHECK(root.at("calibration").as_array().size() == 10);
  CHECK(root.at("mistakes").at(0).at("label") == "delivery");
  CHECK(root.at("unlabelled") == 1);
}
