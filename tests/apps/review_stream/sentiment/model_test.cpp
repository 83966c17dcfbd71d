#include <apps/review_stream/sentiment/model.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <vector>

using namespace weir::reviews;

namespace {

// Knows "good", "bad" and, from a word list, "gut".
sentiment_model little_model() {
  feature_extractor extractor;
  const auto bucket = [&](std::string_view word) { return extractor.extract(word).all.front(); };
  std::vector<std::int8_t> weights(feature_count);
  weights[bucket("good")] = 100;
  weights[bucket("bad")] = -100;
  weights[bucket("the")] = 1;
  sentiment_parameters parameters;
  parameters.scale = 0.03F;
  word_list_part lists{0.02F, 0, {{bucket("gut"), 90}}};
  weights[bucket("gut")] = -1;
  return {parameters, weights, lists, R"({"task":"sentiment"})"};
}

std::string damage(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
  return bytes;
}

std::string message(const weir::result<sentiment_model>& loaded) {
  return loaded ? "loaded" : loaded.error().message();
}

} // namespace

TEST_CASE("a model names the side, how sure it is, and what it does not know") {
  const sentiment_model model = little_model();
  feature_extractor scratch;
  const judgement good = model.judge("good", scratch);
  CHECK(good.label == sentiment_label::positive);
  CHECK(good.score > 0.8F);
  CHECK(good.confidence == Approx((1 + good.score) / 2));
  CHECK(model.judge("the bad", scratch).label == sentiment_label::negative);
  CHECK(model.judge("good bad", scratch).label == sentiment_label::neutral);
  for (const std::string_view nothing : {"", "   ", "<p></p>", "...", "xyzzy plugh", "\xFF\xFE"}) {
    const judgement j = model.judge(nothing, scratch);
    CHECK(j.label == sentiment_label::unknown);
    CHECK(j.score == 0);
    CHECK(j.confidence == 0);
  }
  CHECK(model.judge("good", "", scratch).label == sentiment_label::positive); // the title counts
}

TEST_CASE("a text with few known words is judged by the word lists alone") {
  const sentiment_model model = little_model();
  feature_extractor scratch;
  CHECK(model.judge("das war wirklich gut", scratch).label == sentiment_label::positive);
  CHECK(model.judge("das war wirklich good", scratch).label == sentiment_label::unknown);
}

TEST_CASE("an explanation lists what a judgement stands on") {
  const sentiment_model model = little_model();
  feature_extractor scratch;
  const auto parts = model.explain("", "the good", scratch);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].ngram == "good");
  CHECK(parts[0].log_odds > 0);
  CHECK(model.explain("", "", scratch).empty());
}

TEST_CASE("a model survives its file") {
  const weir::test::temporary_folder folder;
  const auto file = folder.path() / "a.model";
  const sentiment_model model = little_model();
  REQUIRE(save_model(model, file));
  CHECK(std::filesystem::file_size(file) < 2 * 1024 * 1024);
  const auto loaded = load_model(file);
  REQUIRE(loaded);
  CHECK(loaded->parameters() == model.parameters());
  CHECK(loaded->weights() == model.weights());
  CHECK(loaded->lists() == model.lists());
  CHECK(loaded->description() == model.description());
  CHECK(loaded->id() == model.id());
}

TEST_CASE("every wrong model file says what is wrong") {
  const std::string bytes = encode_model(little_model());
  CHECK(decode_model(bytes, "m"));
  CHECK_THAT(message(decode_model("{\"a\":1}", "m")), Catch::Contains("not a sentiment model"));
  CHECK_THAT(message(decode_model(damage(bytes, 8), "m")), Catch::Contains("version"));
  CHECK_THAT(message(decode_model(damage(bytes, 12), "m")), Catch::Contains("features"));
  CHECK_THAT(message(decode_model(damage(bytes, bytes.size() / 2), "m")), Catch::Contains("checksum"));
  CHECK_THAT(message(decode_model(damage(bytes, bytes.size() - 1), "m")), Catch::Contains("checksum"));
  CHECK_THAT(message(decode_model(bytes + "x", "m")), Catch::Contains("too many"));
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, std::size_t{20}, std::size_t{60}, bytes.size() - 1})
    CHECK_THAT(message(decode_model(std::string_view(bytes).substr(0, size), "m")),
               Catch::Contains("truncated"));
  CHECK_FALSE(decode_model(damage(bytes, 46), "m")); // length of the description
}

TEST_CASE("a model file that is not there says how to get one") {
  const weir::test::temporary_folder folder;
  CHECK_THAT(message(load_model(folder.path() / "none.model")), Catch::Contains("review-stream train"));
  CHECK_THAT(message(load_model(folder.path())), Catch::Contains("directory"));
  CHECK_FALSE(save_model(little_model(), folder.path() / "no" / "such" / "folder.model"));
}
