#include <apps/review_stream/text/term_matcher.hpp>

#include <tests/support/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace weir::reviews;

namespace {

// What is found, in the order of groups: "late; arrived late".
std::string found(const std::vector<term>& terms, std::string_view text, std::string_view language = "en",
                  std::string_view title = {}) {
  const term_matcher matcher{terms};
  std::string out;
  for (const term_match& m : matcher.match(title, text, language).found)
    out += (out.empty() ? "" : "; ") + matcher.terms()[m.term].text;
  return out;
}

std::string wrong(std::string_view term) {
  const auto spelled = spell_term(term);
  return spelled ? *spelled : spelled.error().what;
}

} // namespace

TEST_CASE("a word is found in any case and spelling, but not inside another word") {
  const std::vector<term> terms{{"late", "en"}, {"didn't come", "en"}, {"wi-fi", "en"}};
  CHECK(found(terms, "It was LATE.") == "late");
  CHECK(found(terms, "The plate, lately").empty());
  CHECK(found(terms, "It didnt come; it Didn’t come") == "didn't come; didn't come");
  CHECK(found(terms, "Wi-Fi / wi fi") == "wi-fi; wi-fi");
  CHECK(found(terms, "").empty());
}

TEST_CASE("a phrase is its words in a row") {
  const std::vector<term> terms{{"arrived late", "en"}};
  CHECK(found(terms, "it arrived   late") == "arrived late");
  CHECK(found(terms, "it arrived very late").empty());
  CHECK(found(terms, "arrived! late").empty());
  CHECK(found(terms, "late", "en", "arrived").empty()); // title and text are two
  CHECK(found(terms, "so it arrived").empty());         // the text ends first
}

TEST_CASE("a star stands for any ending, also in the middle of a phrase") {
  const std::vector<term> terms{{"deliver*", "en"}, {"burn* my hand", "en"}};
  CHECK(found(terms, "deliver delivery delivered") == "deliver*; deliver*; deliver*");
  CHECK(found(terms, "delive redeliver").empty());
  CHECK(found(terms, "It burned my hand") == "burn* my hand");
  CHECK(found(terms, "It burned my cake").empty());
}

TEST_CASE("Chinese terms are found anywhere") {
  const std::vector<term> terms{{"快递", "zh"}, {"速度很快", "zh"}};
  CHECK(found(terms, "快递员态度好", "zh") == "快递");
  CHECK(found(terms, "发货速度很快!", "zh") == "速度很快");
}

TEST_CASE("a term counts in its own language, or when nobody knows the text's") {
  const std::vector<term> terms{{"die", "de"}, {"die", "en", 1}, {"404", "any", 2}};
  CHECK(found(terms, "die 404", "de") == "die; 404");
  CHECK(found(terms, "die 404", "unknown") == "die; die; 404");
  CHECK(found(terms, "die 404", "fr") == "404");
}

TEST_CASE("inside a group the longest term wins, in another group each word counts again") {
  const std::vector<term> terms{{"delivered", "en"}, {"not delivered", "en"}, {"delivered", "en", 1}};
  CHECK(found(terms, "it was not delivered") == "not delivered; delivered");
  CHECK(found({{"a b", "en"}, {"b c d", "en"}}, "a b c d") == "b c d");
  CHECK(found({{"a b", "en"}, {"b c", "en"}}, "a b c") == "a b");
}

TEST_CASE("an exception takes its words away and is not found itself") {
  const std::vector<term> terms{{"bug", "en"}, {"bug spray", "en", 0, true}};
  CHECK(found(terms, "bug spray").empty());
  CHECK(found(terms, "bug spray and a bug") == "bug");
}

TEST_CASE("the places of a match are token numbers, the title's first") {
  const term_matcher matcher{{{"arrived late", "en"}}};
  const term_matches in_title = matcher.match("It arrived late", "Bad.", "en");
  REQUIRE(in_title.found.size() == 1);
  CHECK(in_title.title_tokens == 3);
  CHECK(in_title.found[0].first == 1);
  CHECK(in_title.found[0].last == 2);
  const term_matches in_text = matcher.match("Bad", "It arrived late", "en");
  REQUIRE(in_text.found.size() == 1);
  CHECK(in_text.found[0].first >= in_text.title_tokens);
}

TEST_CASE("two lists may look at one review in turn, and at another after it") {
  const term_matcher a{{{"late", "en"}}};
  const term_matcher b{{{"rude", "en"}, {"late", "en"}}};
  CHECK(a.match("", "late and rude", "en").found.size() == 1);
  CHECK(b.match("", "late and rude", "en").found.size() == 2);
  CHECK(a.match("late", "and rude", "en").title_tokens == 1);
  CHECK(a.match("", "early", "en").found.empty());
}

TEST_CASE("hostile texts end") {
  const term_matcher matcher{{{"a", "en"}, {"a a", "en"}, {"a* a* a* a* a*", "en"}}};
  std::string many;
  for (int i = 0; i < 100'000; ++i)
    many += "a ";
  const term_matches matches = matcher.match("", many, "en");
  CHECK(matches.tokens->size() <= tokenizer::max_text_bytes);
  CHECK_FALSE(matches.found.empty());
  CHECK(matcher.match("", "\xFF\xFE\xE4", "en").found.empty());
  CHECK(term_matcher{}.match("a", "b", "en").found.empty());
}

TEST_CASE("short words with any ending are found") {
  const term_matcher matcher{{{"app*", "en"}, {"ok", "en"}, {"was ok", "en"}}};
  CHECK(matcher.match("", "Applications", "en").found.size() == 1);
  CHECK(matcher.match("", "the app", "en").found.size() == 1);
  CHECK(matcher.match("", "it was ok", "en").found.size() == 1);
  CHECK(matcher.match("", "okay", "en").found.empty());
}

TEST_CASE("many threads may use one matcher") {
  const term_matcher matcher{{{"late", "en"}, {"arrived late", "en"}}};
  std::vector<std::size_t> counts(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < counts.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i)
        counts[t] += matcher.match("late", t % 2 == 0 ? "it arrived late" : "early", "en").found.size();
    });
  for (std::thread& thread : threads)
    thread.join();
  CHECK(counts == std::vector<std::size_t>{400, 200, 400, 200});
}

TEST_CASE("a term that cannot be found says why") {
  CHECK(wrong("Arrived  LATE") == "arrived late");
  CHECK(wrong("deliver* now") == "deliver* now");
  CHECK(wrong("快递") == "快 递");
  CHECK_THAT(wrong(""), Catch::Contains("empty"));
  CHECK_THAT(wrong("..."), Catch::Contains("empty"));
  CHECK_THAT(wrong("*"), Catch::Contains("not at the end of a word"));
  CHECK_THAT(wrong("de*liver"), Catch::Contains("not at the end of a word"));
  CHECK_THAT(wrong("late *"), Catch::Contains("not at the end of a word"));
  CHECK_THAT(wrong("a b c d e f g h i j k l m"), Catch::Contains("more than 12 words"));
}
