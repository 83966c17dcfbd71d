#include <apps/review_stream/learning/calibration.hpp>
#include <apps/review_stream/sentiment/evaluate.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <apps/review_stream/sentiment/train.hpp>
#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <tests/support/catch.hpp>
#include <tests/support/development_reviews.hpp>
#include <vector>

using namespace weir::reviews;

namespace {

// Invented reviews: a subject, a judgement, a filler.
std::vector<labelled_review> invented(int copies = 4) {
  const std::array<const char*, 5> subjects{"the kettle", "this lamp", "my new chair", "the app", "our tent"};
  const std::array<const char*, 4> praise{"is wonderful", "works perfectly", "was a great buy",
                                          "is a joy to use"};
  const std::array<const char*, 4> blame{"is awful", "broke at once", "was a waste of money",
                                         "is a pain to use"};
  const std::array<const char*, 4> fillers{"in our kitchen", "since monday", "for the price", "on the whole"};
  std::vector<labelled_review> rows;
  for (int i = 0; i < copies; ++i)
    for (const char* subject : subjects)
      for (std::size_t j = 0; j < praise.size(); ++j) {
        const std::string filler = fillers[(j + static_cast<std::size_t>(i)) % fillers.size()];
        const std::string tail = " " + filler + " " + std::to_string(i);
        rows.push_back(
            {"", "", std::string(subject) + " " + praise[j] + tail, sentiment_label::positive, "made", "en"});
        rows.push_back(
            {"", "", std::string(subject) + " " + blame[j] + tail, sentiment_label::negative, "made", "en"});
      }
  return rows;
}

} // namespace

TEST_CASE("training separates invented reviews and knows what it does not know") {
  const auto rows = invented();
  const auto done = train_sentiment(rows, {}, {});
  REQUIRE(done);
  CHECK(done->positives == done->negatives);
  feature_extractor scratch;
  CHECK(done->model.judge("the new lamp is wonderful", scratch).label == sentiment_label::positive);
  CHECK(done->model.judge("the lamp broke at once", scratch).label == sentiment_label::negative);
  CHECK(done->model.judge("", scratch).label == sentiment_label::unknown);
  CHECK(done->model.judge("völlig unbekannte wörter hier", scratch).label == sentiment_label::unknown);
  const evaluation figures = evaluate(done->model, rows);
  CHECK(figures.all.accuracy == 1);
  CHECK(figures.by_source.at("made").rows == rows.size());
  CHECK(figures.by_language.count("en") == 1);
}

TEST_CASE("the same rows give the same model on any number of threads") {
  const auto rows = invented();
  training_options one;
  one.threads = 1;
  training_options many;
  many.threads = 4;
  CHECK(encode_model(train_sentiment(rows, {}, one)->model) ==
        encode_model(train_sentiment(rows, {}, many)->model));
}

TEST_CASE("word lists carry languages that no review teaches") {
  const std::vector<labelled_review> lists{
      {"", "", "hervorragend", sentiment_label::positive, "lexicon", "de"},
      {"", "", "furchtbar", sentiment_label::negative, "lexicon", "de"},
      {"", "", "wonderful", sentiment_label::positive, "lexicon", "en"},
      {"", "", "awful", sentiment_label::negative, "lexicon", "en"},
      {"", "", "很好", sentiment_label::positive, "lexicon", "zh"},
      {"", "", "不好", sentiment_label::negative, "lexicon", "zh"},
  };
  const auto done = train_sentiment(invented(), lists, {});
  REQUIRE(done);
  CHECK(done->lexicon_terms == lists.size());
  feature_extractor scratch;
  CHECK(done->model.judge("Der Toaster läuft hervorragend", scratch).label == sentiment_label::positive);
  CHECK(done->model.judge("Das Teil funktioniert furchtbar", scratch).label == sentiment_label::negative);
  CHECK(done->model.judge("Der Toaster ist blau", scratch).label == sentiment_label::unknown);
  CHECK(done->model.judge("很好", scratch).label == sentiment_label::positive);
  CHECK(done->model.judge("不好", scratch).label == sentiment_label::negative);
}

TEST_CASE("there is nothing to learn from one class") {
  auto rows = invented(1);
  std::erase_if(rows, [](const labelled_review& row) { return row.label == sentiment_label::negative; });
  const auto done = train_sentiment(rows, {}, {});
  REQUIRE_FALSE(done);
  CHECK_THAT(done.error().message(), Catch::Contains("--label-field"));
}

TEST_CASE("equal texts share a fold whatever their case and markup") {
  feature_extractor scratch;
  scratch.extract("Works <b>FINE</b>, really!");
  const unsigned fold = fold_of(scratch, 5);
  scratch.extract("works fine really!");
  CHECK(fold_of(scratch, 5) == fold);
}

TEST_CASE("Platt scaling finds the odds behind the margins") {
  std::vector<held_out> rows;
  for (int i = 0; i < 1000; ++i) {
    const double margin = (i % 21 - 10) / 5.0;
    const double p = 1 / (1 + std::exp(-(2 * margin + 0.5)));
    rows.push_back({margin, true, p});
    rows.push_back({margin, false, 1 - p});
  }
  const calibration found = fit_platt(rows);
  CHECK(found.slope == Approx(2).epsilon(0.05));
  CHECK(found.offset == Approx(0.5).margin(0.05));
  CHECK(fit_platt({}).slope == 1);
}

TEST_CASE("calibration error is the gap between confidence and accuracy") {
  const std::vector<prediction> fair{{0.75, true}, {0.75, true}, {0.75, true}, {0.75, false}};
  CHECK(calibration_error(fair) == Approx(0).margin(1e-9));
  const std::vector<prediction> sure{{1.0, true}, {1.0, false}};
  CHECK(calibration_error(sure) == Approx(0.5));
  CHECK(calibration_error({}) == 0);
}

TEST_CASE("unknown counts as wrong, and the sign decides where the label is neutral") {
  const std::vector<judged_row> rows{
      {sentiment_label::positive, {sentiment_label::positive, 0.8F, 0.9F}},
      {sentiment_label::positive, {sentiment_label::neutral, 0.05F, 0.525F}},
      {sentiment_label::negative, {sentiment_label::unknown, 0, 0}},
      {sentiment_label::negative, {sentiment_label::negative, -0.8F, 0.9F}},
      {sentiment_label::neutral, {sentiment_label::positive, 0.8F, 0.9F}},
  };
  const quality q = measure(rows);
  CHECK(q.rows == 4);
  CHECK(q.accuracy == Approx(0.75));
  CHECK(q.accuracy_judged == Approx(1));
  CHECK(q.unknown_share == Approx(0.25));
}

TEST_CASE("cross-validation prints every figure it promises") {
  const auto figures = cross_validate(invented(), {}, 4, {});
  REQUIRE(figures);
  CHECK(figures->all.accuracy > 0.9);
  CHECK_THAT(to_text(*figures), Catch::Contains("4-fold") && Catch::Contains("Model file"));
  CHECK_THAT(to_json(*figures),
             Catch::Contains("\"calibration_error\"") && Catch::Contains("\"training_seconds\""));
}

TEST_CASE("one fold of the development reviews is judged well enough") {
  const auto file = weir::test::development_reviews();
  if (file.empty())
    return;
  const auto rows = read_labelled(file, {});
  REQUIRE(rows);
  std::vector<labelled_review> learn;
  std::vector<labelled_review> judge;
  feature_extractor scratch;
  for (const labelled_review& row : *rows) {
    scratch.extract(row.title, row.text);
    const unsigned fold = fold_of(scratch, 10);
    if (fold < 4) // a part, to stay quick
      learn.push_back(row);
    else if (fold == 9)
      judge.push_back(row);
  }
  training_options options;
  options.folds = 2;
  const auto done = train_sentiment(learn, {}, options);
  REQUIRE(done);
  const quality q = evaluate(done->model, judge).all;
  CHECK(q.accuracy > 0.84);
  CHECK(q.calibration_error < 0.05);
}
