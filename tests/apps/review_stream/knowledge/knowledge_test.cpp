#include <apps/review_stream/knowledge/knowledge.hpp>

#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/rules/rulebook.hpp>
#include <apps/review_stream/sentiment/analyze_sentiment.hpp>
#include <apps/review_stream/sentiment/model.hpp>
#include <apps/review_stream/topic/categorize_topic.hpp>

#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <memory>
#include <string>

using namespace weir;
using namespace weir::reviews;
using weir::test::temporary_folder;

namespace {

constexpr const char* first_rules = "[topic.lamps.en]\n\"lamp\" = 3\n";
constexpr const char* second_rules = "[topic.lights.en]\n\"lamp\" = 3\n";

review of_text(std::string text, std::string language = "en") {
  review r;
  r.id = "r";
  r.text = std::move(text);
  r.language = std::move(language);
  return r;
}

std::shared_ptr<knowledge> known(knowledge_files files) {
  auto loaded = knowledge::load(std::move(files));
  INFO((loaded ? std::string{} : loaded.error().message()));
  REQUIRE(loaded);
  return *loaded;
}

} // namespace

TEST_CASE("a file that is missing or wrong is refused before a run, by its name") {
  const temporary_folder folder;
  const auto missing = knowledge::load({.rules = folder / "none.toml"});
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().message(), Catch::Contains("none.toml"));
  const auto wrong = folder.write("wrong.toml", "[topic.lamps.en]\n\"lamp\" = -1\n");
  const auto refused = knowledge::load({.rules = wrong});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message(), Catch::Contains("wrong.toml:2"));
}

TEST_CASE("rules that are edited count from the next review on, once they are read again") {
  const temporary_folder folder;
  const auto rules = folder.write("rules.toml", first_rules);
  const auto all = known({.rules = rules});
  const categorize_topic step{all};
  judged_review judged;
  judged.review = of_text("A lamp.");
  judged.language = "en";
  REQUIRE(step(judged)->topics.size() == 1);
  CHECK(step(judged)->topics[0].name == "lamps");
  folder.write("rules.toml", second_rules);
  CHECK(step(judged)->topics[0].name == "lamps");
  const auto news = all->reload();
  CHECK(step(judged)->topics[0].name == "lights");
  REQUIRE(news.size() == 3);
  CHECK_THAT(news[0], Catch::StartsWith("sentiment.model: read again (sentiment-"));
  CHECK(news[1] == "rules.toml: read again");
}

TEST_CASE("a file that is broken when it is read again changes nothing, and the reason is told") {
  const temporary_folder folder;
  const auto all = known({.rules = folder.write("rules.toml", first_rules)});
  folder.write("rules.toml", "[topic.lamps.en]\n\"lamp\" = \"heavy\"\n");
  const auto news = all->reload();
  CHECK_THAT(news[1], Catch::StartsWith("rules.toml: stays as it was: ") && Catch::Contains("rules.toml:2"));
  CHECK((*all->rules())->topics.names() == std::vector<std::string>{"lamps"});
}

TEST_CASE("a text that differs only in case, spaces and signs is found in the cache") {
  const auto all = known({});
  const auto cache = std::make_shared<findings_cache>();
  const analyze_sentiment step{all, cache};
  const auto first = step(of_text("What a wonderful, wonderful lamp. I love it!"));
  REQUIRE(first);
  CHECK(first->origin == "local");
  CHECK(first->language == "en");
  CHECK(first->sentiment.label == "positive");
  const auto again = step(of_text("what a WONDERFUL wonderful  lamp; I love it!"));
  REQUIRE(again);
  CHECK(again->origin == "cache");
  CHECK(again->sentiment.score == first->sentiment.score);
  CHECK(again->language == "en");
  CHECK(step(of_text("I do not love this lamp."))->origin == "local");
  CHECK(step(of_text("What a wonderful, wonderful lamp. I love it!", "de"))->origin == "local");
}

TEST_CASE("a title is no part of the text to the cache") {
  const auto all = known({});
  const auto cache = std::make_shared<findings_cache>();
  const analyze_sentiment step{all, cache};
  review titled = of_text("b c");
  titled.title = "a";
  review other = of_text("c");
  other.title = "a b";
  REQUIRE(step(titled));
  CHECK(step(other)->origin == "local");
}

TEST_CASE("without a cache every text is judged") {
  const analyze_sentiment step{known({}), nullptr};
  CHECK(step(of_text("Good."))->origin == "local");
  CHECK(step(of_text("Good."))->origin == "local");
}
