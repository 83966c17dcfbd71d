#include <algorithm>
#include <apps/review_stream/learning/model_bytes.hpp>
#include <apps/review_stream/topic/explain.hpp>
#include <apps/review_stream/topic/topic_model.hpp>
#include <apps/review_stream/topic/topic_model_file.hpp>
#include <filesystem>
#include <limits>
#include <string>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <utility>
#include <vector>

using namespace weir::reviews;

namespace {

// Knows "kettle" (kitchen), "novel" (books), and "the" (neither).
topic_model little_model(topic_parameters parameters = {}) {
  feature_extractor extractor;
  const auto bucket = [&](std::string_view word) { return extractor.extract(word).all.front(); };
  struct known {
    std::uint32_t bucket;
    std::int8_t books, kitchen, garden;
  };
  std::vector<known> words{
      {bucket("kettle"), -100, 100, 10}, {bucket("novel"), 100, -100, -100}, {bucket("the"), 1, 1, 1}};
  std::ranges::sort(words, {}, &known::bucket);
  topic_weights weights;
  for (const known& word : words) {
    weights.buckets.push_back(word.bucket);
    weights.steps.insert(weights.steps.end(), {word.books, word.kitchen, word.garden});
  }
  return {{{"books", 0.03F, 0, 1, 0}, {"kitchen", 0.03F, 0, 1, 0}, {"garden", 0.03F, -1, 1, 0}},
          weights,
          parameters,
          R"({"task":"topic"})"};
}

std::string damage(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
  return bytes;
}

std::string message(const weir::result<topic_model>& loaded) {
  return loaded ? "loaded" : loaded.error().message();
}

std::string with_infinite_floor() {
  return encode_topic_model(little_model({std::numeric_limits<float>::infinity(), 1}));
}

} // namespace

TEST_CASE("a topic model names the topics over the floor, the most probable first") {
  const topic_model model = little_model();
  feature_extractor scratch;
  const auto topics = model.topics_of("", "the kettle", scratch);
  REQUIRE(topics.size() == 2);
  CHECK(topics[0].name == "kitchen");
  CHECK(topics[1].name == "garden");
  CHECK(topics[0].confidence > topics[1].confidence);
  CHECK(topics[1].confidence >= 0.15);
  CHECK(model.topics_of("Novel", "", scratch).front().name == "books"); // the title counts
}

TEST_CASE("the best topic is named even when it is under the floor") {
  feature_extractor scratch;
  const auto topics = little_model({0.99F, 1}).topics_of("", "the", scratch);
  REQUIRE(topics.size() == 1);
  CHECK(topics[0].confidence < 0.99);
}

TEST_CASE("a text without a known word has no topic") {
  const topic_model model = little_model();
  feature_extractor scratch;
  for (const std::string_view nothing : {"", "  ", "...", "!?", "xyzzy plugh", "\xFF\xFE"})
    CHECK(model.topics_of("", nothing, scratch).empty());
}

TEST_CASE("the probabilities of all topics sum to one") {
  feature_extractor scratch;
  const topic_model model = little_model({0.15F, 2.5F});
  const auto p = model.probabilities(scratch.extract("the kettle novel"));
  REQUIRE(p.size() == 3);
  CHECK(p[0] + p[1] + p[2] == Approx(1));
}

TEST_CASE("the explanation of a topic shows classes, words, and what is unknown") {
  feature_extractor scratch;
  const explanation why = explain(little_model(), "", "not the kettle, blorp", scratch);
  CHECK(why.label == "kitchen");
  REQUIRE(why.verdicts.size() == 3);
  CHECK(why.verdicts[0].label == "kitchen");
  CHECK(why.verdicts[0].evidence.at(0).ngram == "kettle");
  CHECK(why.verdicts[0].evidence.at(0).log_odds > 0);
  CHECK(why.verdicts[2].label == "books");
  CHECK(why.verdicts[2].evidence.at(0).log_odds < 0);
  CHECK(why.unknown == std::vector<std::string>{"not", "blorp"});
  CHECK(why.negated == std::vector<std::string>{"the", "kettle", "blorp"});
  CHECK(explain(little_model(), "", "blorp", scratch).label == "unknown");
}

TEST_CASE("a topic model survives its file") {
  const weir::test::temporary_folder folder;
  const auto file = folder.path() / "a.model";
  const topic_model model = little_model({0.2F, 1.5F});
  REQUIRE(save_topic_model(model, file));
  const auto loaded = load_topic_model(file);
  REQUIRE(loaded);
  CHECK(loaded->classes() == model.classes());
  CHECK(loaded->weights() == model.weights());
  CHECK(loaded->parameters() == model.parameters());
  CHECK(loaded->description() == model.description());
  CHECK(loaded->id() == model.id());
  CHECK(loaded->id() != little_model().id());
  CHECK(*kind_of_model(file) == model_kind::topic);
}

TEST_CASE("every wrong topic model file says what is wrong") {
  const std::string bytes = encode_topic_model(little_model());
  CHECK(decode_topic_model(bytes, "m"));
  CHECK_THAT(message(decode_topic_model("WEIRSENT and more", "m")),
             Catch::Contains("not a topic model") && Catch::Contains("(m)"));
  CHECK_THAT(message(decode_topic_model(damage(bytes, 8), "m")), Catch::Contains("version"));
  CHECK_THAT(message(decode_topic_model(damage(bytes, 12), "m")), Catch::Contains("features"));
  CHECK_THAT(message(decode_topic_model(damage(bytes, 25), "m")), Catch::Contains("not 2 to 1,000"));
  CHECK_THAT(message(decode_topic_model(damage(bytes, 31), "m")), Catch::Contains("too many weights"));
  CHECK_THAT(message(decode_topic_model(damage(bytes, 35), "m")), Catch::Contains("truncated"));
  CHECK_THAT(message(decode_topic_model(damage(bytes, bytes.size() - 10), "m")), Catch::Contains("checksum"));
  CHECK_THAT(message(decode_topic_model(damage(bytes, bytes.size() - 1), "m")), Catch::Contains("checksum"));
  CHECK_THAT(message(decode_topic_model(bytes + "x", "m")), Catch::Contains("too many"));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(decode_topic_model(std::string_view(bytes).substr(0, size), "m"));
  CHECK_THAT(message(decode_topic_model(with_infinite_floor(), "m")), Catch::Contains("not a number"));
}

TEST_CASE("two classes of one name and features out of order are refused") {
  const topic_model model = little_model();
  auto classes = model.classes();
  classes[0].name = classes[1].name;
  CHECK_THAT(message(decode_topic_model(encode_topic_model({classes, model.weights(), {}, "{}"}), "m")),
             Catch::Contains("a name of its own"));
  topic_weights weights = model.weights();
  std::swap(weights.buckets[0], weights.buckets[1]);
  CHECK_THAT(message(decode_topic_model(encode_topic_model({model.classes(), weights, {}, "{}"}), "m")),
             Catch::Contains("out of order"));
}

TEST_CASE("a topic model that is not there says how to get one") {
  const weir::test::temporary_folder folder;
  CHECK_THAT(message(load_topic_model(folder.path() / "none")), Catch::Contains("no model file"));
  CHECK_THAT(message(load_topic_model(folder.path())), Catch::Contains("directory"));
  const auto junk = folder.write("junk", "12345678 and more");
  CHECK_THAT(message(load_topic_model(junk)), Catch::Contains("not a topic model"));
  CHECK_THAT(kind_of_model(junk).error().message(), Catch::Contains("neither WEIRSENT nor WEIRTOPI"));
}
