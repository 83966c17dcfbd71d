#include <apps/review_stream/rules/rulebook.hpp>

#include <apps/review_stream/data_dir.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace weir::reviews;

namespace {

std::string message(const std::string& toml) {
  const auto book = parse_rulebook(toml, "shop.toml");
  return book ? "read" : book.error().message();
}

// The message names the line and the field, says what is wrong and ends with a fix.
void check_error(const std::string& toml, const std::string& line_and_field, const std::string& what) {
  const std::string said = message(toml);
  CAPTURE(toml);
  CHECK_THAT(said, Catch::Contains("shop.toml:" + line_and_field) && Catch::Contains(what) &&
                       Catch::Contains("): "));
}

judged_review judged(std::string text, std::string language, sentiment felt) {
  judged_review j;
  j.review.text = std::move(text);
  j.language = std::move(language);
  j.sentiment = std::move(felt);
  return j;
}

// What the shipped file makes of a review.
judged_review shipped(std::string text, std::string language = "en",
                      sentiment felt = {"negative", -0.8, 0.8}) {
  static const auto book = load_rulebook(default_rulebook_path());
  REQUIRE(book);
  judged_review j = judged(std::move(text), std::move(language), std::move(felt));
  j.topics = book->topics.topics_of(j.review.title, j.review.text, j.language);
  j.urgency = book->urgency.rate(j);
  j.route = book->routing.choose(j);
  return j;
}

std::string first_topic(const judged_review& j) { return j.topics.empty() ? "" : j.topics.front().name; }

} // namespace

TEST_CASE("a rulebook holds topics, urgency and routes") {
  const auto book = parse_rulebook(R"(
[settings]
min_confidence = 0.2
max_topics = 1
title_weight = 3
half_weight = 1
[topic.delivery.en]
"arrived late" = 3
"deliver*" = 1.5
"special delivery" = false
[urgency.injury]
en = ["burned my hand"]
[urgency.fire]
level = "high"
[urgency.fire.en]
"fire" = true
"fire sale" = false
[urgency.angry]
level = "normal"
sentiment = "negative"
min_confidence = 0.9
[negation.en]
words = ["no"]
between = "real"
[[route]]
to = "human"
because = "fire"
[[route]]
to = "engineering"
topic = ["delivery"]
[[route]]
to = "none"
)",
                                   "shop.toml");
  REQUIRE(book);
  CHECK(book->topics.names() == std::vector<std::string>{"delivery"});
  CHECK(book->topics.settings().max_topics == 1);
  CHECK(book->topics.topics_of("", "delivered", "en").at(0).confidence == Approx(0.6));
  CHECK(book->topics.topics_of("", "special delivery", "en").empty());
  CHECK(book->urgency.rate(judged("a fire", "en", {})).level == "high");
  CHECK(book->urgency.rate(judged("no real fire", "en", {})).level == "low");
  CHECK(book->urgency.rate(judged("fire sale", "en", {})).level == "low");
  CHECK(book->urgency.rate(judged("it burned my hand", "en", {})).level == "high");
  CHECK(book->urgency.rate(judged("bad", "en", {"negative", -1, 0.95})).level == "normal");
  CHECK(book->routing.rules().size() == 3);
}

TEST_CASE("an empty rulebook finds nothing") {
  const auto book = parse_rulebook("", "shop.toml");
  REQUIRE(book);
  CHECK(book->topics.topics_of("", "arrived late", "en").empty());
  CHECK(book->routing.choose({}).to == "none");
}

TEST_CASE("a wrong term is an error with its line") {
  const std::string topic = "[topic.delivery.en]\n";
  check_error(topic + "\"late\" = 0", "2, field 'topic.delivery.en.late'", "not a number above 0");
  check_error(topic + "\"late\" = -1", "2, field", "not a number above 0");
  check_error(topic + "\"late\" = \"3\"", "2, field", "not a number above 0");
  check_error(topic + "\"late\" = true", "2, field", "not a number above 0");
  check_error(topic + "\"late\" = nan", "2, field", "not a number above 0");
  check_error(topic + "\"\" = 1", "2, field", "empty");
  check_error(topic + "\"de*liver\" = 1", "2, field", "not at the end of a word");
  check_error(topic + "\"late\" = 1\n\"LATE\" = 2", "3, field", "comes twice, first as 'late'");
  check_error("[topic.delivery]\n\"late\" = 2", "2, field 'topic.delivery.late'", "without a language");
  check_error("[topic.delivery.english]\n\"late\" = 2", "1, field 'topic.delivery.english'",
              "nor a language");
  check_error("[topic.\"a: b\".en]\n\"late\" = 2", "1, field", "not a good name");
  check_error("topic = 3", "1, field 'topic'", "not a section");
  check_error(topic + "\"late\" = 1\n\"late\" = 2", "3", "not TOML");
}

TEST_CASE("a wrong urgency rule is an error with its line") {
  const std::string rule = "[urgency.injury]\n";
  check_error(rule + "level = \"urgent\"", "2, field 'urgency.injury.level'", "'urgent' is unknown");
  check_error(rule + "sentiment = [\"bad\"]", "2, field", "'bad' is unknown");
  check_error(rule + "sentiment = []", "2, field", "empty");
  check_error(rule + "min_confidence = 2", "2, field", "from 0 to 1");
  check_error(rule + "unless_negated = 1", "2, field", "neither true nor false");
  check_error(rule + "levle = \"high\"", "2, field 'urgency.injury.levle'", "neither a field nor a language");
  check_error(rule + "level = \"high\"", "1, field 'urgency.injury'", "neither terms nor a sentiment");
  check_error(rule + "en = [\"hurt\", 3]", "2, field", "not a text");
  check_error(rule + "en = [\"hurt\", \"Hurt\"]", "2, field", "comes twice");
  check_error(rule + "en = 3", "2, field 'urgency.injury.en'", "not a section");
  check_error(rule + "[urgency.injury.en]\n\"hurt\" = 2", "3, field", "neither true nor false");
  check_error("[negation.en]\nwords = [\"not at\"]", "2, field 'negation.en.words'", "not a single word");
  check_error("[negation.en]\nword = \"no\"", "2, field 'negation.en.word'", "unknown field");
}

TEST_CASE("a wrong route is an error with its line") {
  const std::string bug = "[topic.bug.en]\n\"crash\" = 1\n";
  check_error("[[route]]\nurgency = \"high\"", "1, field 'route[1].to'", "where to");
  check_error("[[route]]\nto = \"\"", "2, field", "not a text");
  check_error(bug + "[[route]]\nto = \"x\"\ntopic = \"bugs\"", "5, field 'route[1].topic'",
              "'bugs' is unknown");
  check_error("[[route]]\nto = \"x\"\ntopic = \"bug\"", "3, field", "'bug' is unknown");
  check_error("[[route]]\nto = \"x\"\nurgency = [\"high\", \"hi\"]", "3, field", "'hi' is unknown");
  check_error("[[route]]\nto = \"x\"\nbecause = \"fire\"", "3, field", "'fire' is unknown");
  check_error("[[route]]\nto = \"x\"\nsentiment = 1", "3, field", "not a text");
  check_error("[[route]]\nto = \"x\"\nmin_confidence = \"high\"", "3, field", "from 0 to 1");
  check_error("[[route]]\nto = \"x\"\nwhen = \"high\"", "3, field 'route[1].when'", "unknown field");
  check_error("[[route]]\nto = \"x\"\n[[route]]\nto = \"y\"", "1, field 'route[1]'", "never reached");
  check_error("[route]\nto = \"x\"", "1, field 'route'", "not a list");
}

TEST_CASE("wrong settings and sections are errors with their line") {
  check_error("[settings]\nmax_topics = 0", "2, field 'settings.max_topics'", "from 1 to 100");
  check_error("[settings]\nhalf_weight = 0", "2, field", "not a number from");
  check_error("[settings]\nmax_topic = 3", "2, field 'settings.max_topic'", "unknown field");
  check_error("[topics.a.en]\n\"b\" = 1", "1, field 'topics'", "unknown field");
  check_error("[settings]\nmax_topics = ", "2", "not TOML");
}

TEST_CASE("a rulebook that is not there names its file") {
  const weir::test::temporary_folder folder;
  const auto book = load_rulebook(folder / "none.toml");
  REQUIRE_FALSE(book);
  CHECK_THAT(book.error().message(), Catch::Contains("none.toml"));
}

TEST_CASE("the shipped rulebook knows its topics in four languages") {
  CHECK(first_topic(shipped("The parcel arrived late and the courier left it outside")) == "delivery");
  CHECK(first_topic(shipped("Das Paket kam nie an, Lieferung viel zu spät geliefert", "de")) == "delivery");
  CHECK(first_topic(shipped("El envío llegó tarde", "es")) == "delivery");
  CHECK(first_topic(shipped("快递太慢了", "zh")) == "delivery");
  CHECK(first_topic(shipped("The app crashes after the update, please fix")) == "bug");
  CHECK(first_topic(shipped("Die App stürzt ab, immer eine Fehlermeldung", "de")) == "bug");
  CHECK(first_topic(shipped("La aplicación se cuelga y da error", "es")) == "bug");
  CHECK(first_topic(shipped("软件闪退", "zh")) == "bug");
  CHECK(first_topic(shipped("Way too expensive, not worth the money")) == "price");
  CHECK(first_topic(shipped("Runs small, the sleeves are too short")) == "size_and_fit");
}

TEST_CASE("false friends do not fool the shipped rulebook") {
  const auto has = [](const judged_review& j, std::string_view name) {
    return std::ranges::any_of(j.topics, [&](const topic& t) { return t.name == name; });
  };
  CHECK_FALSE(has(shipped("Cheap plastic, it fell apart"), "price"));
  CHECK_FALSE(has(shipped("We found a bug in my food and bed bugs in the room"), "bug"));
  CHECK_FALSE(has(shipped("Pretty good movie, a killer deal"), "appearance"));
  for (const char* harmless :
       {"A killer deal!", "It burned through the battery in an hour", "I am dying to try the next one",
        "No injury, luckily nobody got hurt", "I laughed so hard, it is a bomb", "The price exploded"})
    CHECK(shipped(harmless).urgency.reasons == std::vector<std::string>{});
}

TEST_CASE("the shipped rulebook sends what is urgent to people") {
  const std::pair<const char*, const char*> urgent[] = {{"en", "The kettle burned my hand"},
                                                        {"en", "The charger caught fire at night"},
                                                        {"en", "I will sue, my lawyer knows"},
                                                        {"en", "I had an allergic reaction to the cream"},
                                                        {"en", "They charged me twice"},
                                                        {"de", "Der Toaster fing Feuer"},
                                                        {"de", "Ich schalte meinen Anwalt ein"},
                                                        {"es", "La plancha se prendió fuego"},
                                                        {"es", "Me quemé la mano"},
                                                        {"zh", "充电器着火了"},
                                                        {"zh", "我要找律师起诉你们"}};
  for (const auto& [language, text] : urgent) {
    const judged_review j = shipped(text, language);
    CAPTURE(text);
    CHECK(j.urgency.level == "high");
    CHECK(j.route.to == "human");
  }
  CHECK(shipped("I want my money back").route.reason == "urgency normal: refund");
}

TEST_CASE("the shipped rulebook routes to teams") {
  CHECK(shipped("The app crashes all the time").route.to == "engineering");
  CHECK(shipped("Please add a dark mode", "en", {"neutral", 0, 0.6}).route.to == "product");
  CHECK(shipped("Lovely, thank you", "en", {"positive", 0.9, 0.9}).route.to == "none");
}
