#include <apps/review_stream/response/forbidden_phrases.hpp>
#include <tests/support/catch.hpp>

#include <string>
#include <vector>

using namespace weir::reviews;

TEST_CASE("a forbidden phrase is found as it stands in the text") {
  const forbidden_phrases phrases{{"we will refund", "entschädig", "退款", "1+1 (free)"}};
  REQUIRE(phrases.usable());
  CHECK(phrases.first_in("Sorry, We Will\n refund it") == "We Will\n refund");
  CHECK(phrases.first_in("Wir ENTSCHÄDIGEN Sie") == "ENTSCHÄDIG");
  CHECK(phrases.first_in("全额退款。") == "退款");
  CHECK(phrases.first_in("now 1+1 (FREE)!") == "1+1 (FREE)");
  CHECK(phrases.first_in("we will see, refund").empty());
  CHECK(phrases.first_in("mitentschädigt").empty()); // not where a word starts
}

TEST_CASE("without phrases nothing is forbidden") {
  CHECK(forbidden_phrases{}.first_in("we will refund").empty());
  CHECK(forbidden_phrases{std::vector<std::string>{}}.usable());
  CHECK(forbidden_phrases{{"退款"}}.first_in("we will refund").empty());
}

TEST_CASE("phrases that are no UTF-8 are told apart") {
  CHECK_FALSE(forbidden_phrases{{"caf\xE9"}}.usable());
}
