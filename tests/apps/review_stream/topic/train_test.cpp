#include <algorithm>
#include <apps/review_stream/learning/labelled_rows.hpp>
#include <apps/review_stream/topic/evaluate.hpp>
#include <apps/review_stream/topic/topic_model_file.hpp>
#include <apps/review_stream/topic/train.hpp>
#include <array>
#include <string>
#include <tests/support/catch.hpp>
#include <tests/support/development_reviews.hpp>
#include <vector>

using namespace weir::reviews;

namespace {

// Invented reviews: what it is about, then a judgement that says nothing of it.
std::vector<labelled_text> invented(int copies = 6) {
  struct subject {
    const char* label;
    std::array<const char*, 4> words;
  };
  const std::array<subject, 3> subjects{{
      {"delivery",
       {"the parcel came late", "courier left it outside", "shipping took weeks", "the parcel was lost"}},
      {"price",
       {"far too expensive", "cheap for what it is", "costs more than others", "too expensive for me"}},
      {"battery & power",
       {"the battery is empty by noon", "charges slowly", "battery lasts for days", "will not charge"}},
  }};
  const std::array<const char*, 4> judgements{"sadly", "i like it", "never again", "all in all fine"};
  std::vector<labelled_text> rows;
  for (int i = 0; i < copies; ++i)
    for (const subject& s : subjects)
      for (std::size_t j = 0; j < s.words.size(); ++j) {
        labelled_text row;
        row.id = "r" + std::to_string(rows.size());
        row.text = std::string(s.words[j]) + ", " + judgements[(j + static_cast<std::size_t>(i)) % 4] + " " +
                   std::to_string(i);
        row.label = s.label;
        row.source = i % 2 == 0 ? "shop" : "forum";
        row.language = "en";
        row.line = rows.size() + 1;
        rows.push_back(row);
      }
  return rows;
}

std::string message(const weir::result<trained_topics>& done) {
  return done ? "trained" : done.error().message();
}

std::string best(const topic_model& model, std::string_view text) {
  feature_extractor scratch;
  const auto topics = model.topics_of("", text, scratch);
  return topics.empty() ? "" : topics.front().name;
}

} // namespace

TEST_CASE("a topic model learns invented topics") {
  const auto done = train_topics(invented(), {});
  REQUIRE(done);
  CHECK(done->rows == 72);
  CHECK(done->classes.at("price") == 24);
  CHECK(best(done->model, "my parcel is lost") == "delivery");
  CHECK(best(done->model, "it was expensive") == "price");
  CHECK(best(done->model, "how long does the battery last") == "battery & power");
  CHECK(best(done->model, "völlig unbekannt").empty());
  CHECK(evaluate(done->model, invented()).all.accuracy == 1);
}

TEST_CASE("the same labelled rows give the same topic model on any number of threads") {
  topic_training_options one;
  one.threads = 1;
  topic_training_options many;
  many.threads = 4;
  CHECK(encode_topic_model(train_topics(invented(), one)->model) ==
        encode_topic_model(train_topics(invented(), many)->model));
}

TEST_CASE("rows without a label or a word teach nothing, and a topic of such rows alone is left out") {
  auto rows = invented();
  rows.push_back({"", "", "the parcel", "", "", "", 0});
  rows.push_back({"", "", "...", "returns", "", "", 0});
  const auto done = train_topics(rows, {});
  REQUIRE(done);
  CHECK(done->rows == 72);
  CHECK(done->model.classes().size() == 3);
  CHECK_FALSE(done->classes.contains("returns"));
  CHECK(count_unlabelled(rows) == 1);
}

TEST_CASE("what cannot be learned says why") {
  auto rows = invented(1);
  for (labelled_text& row : rows)
    row.label = "same";
  CHECK_THAT(message(train_topics(rows, {})),
             Catch::Contains("1 topics") && Catch::Contains("--label-field"));
  CHECK_THAT(message(train_topics({}, {})), Catch::Contains("nothing to learn from"));
  rows = invented(1);
  rows[4].label = std::string(101, 'x');
  CHECK_THAT(message(train_topics(rows, {})), Catch::Contains("100 characters") && Catch::Contains("line 5"));
  rows[4].label = "bell\a";
  CHECK_THAT(message(train_topics(rows, {})), Catch::Contains("plain text"));
  std::vector<labelled_text> free_text;
  for (int i = 0; i <= 1000; ++i)
    free_text.push_back({"", "", "good", "label " + std::to_string(i), "", "", 0});
  CHECK_THAT(message(train_topics(free_text, {})), Catch::Contains("more than 1,000"));
}

TEST_CASE("a bound on the weights keeps the most frequent features") {
  topic_training_options options;
  options.max_weights = 30;
  const auto done = train_topics(invented(), options);
  REQUIRE(done);
  CHECK(done->features <= 10);
  CHECK(done->features > 0);
}

TEST_CASE("cross-validation of topics tells everything by source, language and label") {
  const auto figures = cross_validate_topics(invented(), 4, {});
  REQUIRE(figures);
  CHECK(figures->all.accuracy > 0.9);
  CHECK(figures->by_source.at("shop").rows == 36);
  CHECK(figures->by_language.at("en").rows == 72);
  CHECK(figures->by_label.at("price").rows == 24);
  CHECK(figures->folds == 4);
  CHECK(figures->model_bytes > 0);
}

TEST_CASE("topics of the development reviews are found in cross-validation") {
  const auto file = weir::test::development_reviews();
  if (file.empty())
    return;
  const auto accuracy = [&](const std::string& source) {
    const auto rows = read_labelled_texts(file, {.label_field = "category", .sources = {source}});
    REQUIRE(rows);
    const auto figures = cross_validate_topics(*rows, 5, {});
    REQUIRE(figures);
    CHECK(figures->all.calibration_error < 0.04);
    return figures->all.accuracy;
  };
  CHECK(accuracy("amazon_md") > 0.9);     // books, dvd, electronics, kitchen
  CHECK(accuracy("app_reviews") > 0.675); // bug report, feature request, user experience, rating
}
