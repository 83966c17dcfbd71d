#include <apps/review_stream/input/parse_review.hpp>

#include <tests/support/catch.hpp>

#include <string>
#include <utility>

using namespace weir;
using namespace weir::reviews;

namespace {

result<review> parse(std::string text) {
  return parse_review({std::move(text), actors::shared_text{"reviews.jsonl"}, 17});
}

review parsed(std::string text) {
  auto r = parse(std::move(text));
  INFO((r ? std::string{} : r.error().message()));
  REQUIRE(r);
  return *std::move(r);
}

/// What the user reads about a line that is no review.
std::string complaint(std::string text) {
  auto r = parse(std::move(text));
  REQUIRE_FALSE(r);
  CHECK(r.error().kind == error_kind::permanent); // no retry mends a line
  return r.error().message();
}

} // namespace

TEST_CASE("every field of a review is taken from its line") {
  const review r = parsed(
      R"({"id":"r-1","text":"Good","product":"lamp","title":"Fine","category":"light","lang":"en","ts":"2026-05-04T12:30:00Z","rating":4.5})");
  CHECK(r.id == "r-1");
  CHECK(r.text == "Good");
  CHECK(r.product == "lamp");
  CHECK(r.title == "Fine");
  CHECK(r.category == "light");
  CHECK(r.language == "en");
  CHECK(r.ts == "2026-05-04T12:30:00Z");
  CHECK(r.rating == 4.5);
  CHECK(r.extra.empty());
}

TEST_CASE("optional fields may be left out or null") {
  const review bare = parsed(R"({"id":"a","text":""})");
  CHECK(bare.text.empty());
  CHECK(bare.product.empty());
  CHECK_FALSE(bare.rating);
  const review nulls = parsed(
      R"({"id":"a","text":"x","product":null,"title":null,"category":null,"lang":null,"ts":null,"rating":null})");
  CHECK(nulls.ts.empty());
  CHECK_FALSE(nulls.rating);
  CHECK(nulls.extra.empty());
}

TEST_CASE("fields that review-stream does not know are kept as JSON") {
  CHECK(parsed(R"({"id":"a","store":"north","text":"x","nights":[1,2]})").extra ==
        R"({"store":"north","nights":[1,2]})");
}

TEST_CASE("an id may be a whole number and is kept as its digits") {
  CHECK(parsed(R"({"id":42,"text":"x"})").id == "42");
  CHECK(parsed(R"({"id":-7,"text":"x"})").id == "-7");
  CHECK(parsed(R"({"id":18446744073709551615,"text":"x"})").id == "18446744073709551615");
}

TEST_CASE("text is kept as it was written, in any script") {
  CHECK(parsed(R"({"id":"a","text":"très 好 \ud83d\ude00 <b>x</b>\r\n"})").text == "très 好 😀 <b>x</b>\r\n");
  const std::string zero = parsed(R"({"id":"a","text":"a\u0000b"})").text;
  CHECK(zero.size() == 3);
}

TEST_CASE("a rating may be any number") {
  CHECK(parsed(R"({"id":"a","text":"x","rating":3})").rating == 3);
  CHECK(parsed(R"({"id":"a","text":"x","rating":-0.5})").rating == -0.5);
}

TEST_CASE("times in ISO 8601 are taken with and without clock, seconds and zone") {
  for (const std::string ts : {"2026-05-04", "2026-05-04T12:30", "2026-05-04 12:30:15",
                               "2026-05-04T12:30:15.250Z", "2026-05-04T12:30:15+02:00"}) {
    INFO(ts);
    CHECK(parsed(R"({"id":"a","text":"x","ts":")" + ts + R"("})").ts == ts);
  }
}

TEST_CASE("what is no ISO 8601 time is named with the form to use") {
  for (const std::string ts : {"yesterday", "04.05.2026", "2026-13-01", "2026-05-32", "2026-5-4",
                               "2026-05-04T25:00", "2026-05-04T12", "2026-05-04X12:30"}) {
    INFO(ts);
    CHECK(complaint(R"({"id":"a","text":"x","ts":")" + ts + R"("})") ==
          "'ts' is not a time: \"" + ts +
              "\" (reviews.jsonl:17, field 'ts'): use ISO 8601, such as 2026-05-04T12:30:00Z");
  }
}

TEST_CASE("broken JSON is named with file and line") {
  CHECK(complaint(R"({"id":"a","text":"cut)") ==
        "broken JSON: incomplete JSON (reviews.jsonl:17): write one JSON object a line");
  CHECK(complaint(R"({"id":"a","text":"x"} {})") ==
        "broken JSON: extra data (reviews.jsonl:17): write one JSON object a line");
  CHECK(complaint("id,text") == "broken JSON: syntax error (reviews.jsonl:17): write one JSON object a line");
}

TEST_CASE("JSON nested without end is refused and does not exhaust the stack") {
  CHECK(complaint(R"({"id":"a","text":"x","deep":)" + std::string(100'000, '[')) ==
        "broken JSON: too deep (reviews.jsonl:17): write one JSON object a line");
}

TEST_CASE("invalid UTF-8 is named as such") {
  CHECK(complaint("{\"id\":\"a\",\"text\":\"caf\xE9\"}") ==
        "the line is not valid UTF-8 (reviews.jsonl:17): convert the file to UTF-8, for instance with iconv");
  CHECK(complaint("{\"id\":\"a\",\"text\":\"\xC0\xAF\"}") ==
        "the line is not valid UTF-8 (reviews.jsonl:17): convert the file to UTF-8, for instance with iconv");
}

TEST_CASE("a line that is JSON but no object is named by its kind") {
  const std::pair<std::string, std::string> lines[] = {{"[1]", "an array"}, {"\"x\"", "a string"},
                                                       {"12", "a number"},  {"1.5", "a number"},
                                                       {"null", "null"},    {"true", "true or false"}};
  for (const auto& [text, kind] : lines)
    CHECK(complaint(text) ==
          "the line is " + kind +
              ", not a JSON object (reviews.jsonl:17): write reviews as {\"id\": \"…\", \"text\": \"…\"}");
}

TEST_CASE("a missing or empty id and a missing text are named with the fix") {
  CHECK(complaint(R"({"text":"x"})") ==
        "the review has no 'id' (reviews.jsonl:17, field 'id'): give each review a unique id");
  CHECK(complaint(R"({"id":"","text":"x"})") ==
        "the review's 'id' is empty (reviews.jsonl:17, field 'id'): give each review a unique id");
  CHECK(complaint(R"({"id":"a"})") ==
        "the review has no 'text' (reviews.jsonl:17, field 'text'): give the text, which may be empty");
}

TEST_CASE("a required field of the wrong type is named with its kind") {
  CHECK(complaint(R"({"id":1.5,"text":"x"})") ==
        "'id' is a number, not a string (reviews.jsonl:17, field 'id'): give a string");
  CHECK(complaint(R"({"id":null,"text":"x"})") ==
        "'id' is null, not a string (reviews.jsonl:17, field 'id'): give a string");
  CHECK(complaint(R"({"id":"a","text":7})") ==
        "'text' is a number, not a string (reviews.jsonl:17, field 'text'): give a string");
  CHECK(complaint(R"({"id":"a","text":["x"]})") ==
        "'text' is an array, not a string (reviews.jsonl:17, field 'text'): give a string");
}

TEST_CASE("an optional field of the wrong type is named with its kind") {
  for (const std::string field : {"product", "title", "category", "lang", "ts"}) {
    INFO(field);
    CHECK(complaint(R"({"id":"a","text":"x",")" + field + R"(":true})") ==
          "'" + field + "' is true or false, not a string (reviews.jsonl:17, field '" + field +
              "'): give a string, null, or leave it out");
  }
  CHECK(complaint(R"({"id":"a","text":"x","rating":"five"})") ==
        "'rating' is a string, not a number (reviews.jsonl:17, field 'rating'): give a number, null, or "
        "leave it out");
  CHECK(complaint(R"({"id":"a","text":"x","rating":{}})") ==
        "'rating' is an object, not a number (reviews.jsonl:17, field 'rating'): give a number, null, or "
        "leave it out");
}

TEST_CASE("of several mistakes in a line the first is told") {
  CHECK(complaint(R"({"id":"a","rating":"five","text":7})") ==
        "'rating' is a string, not a number (reviews.jsonl:17, field 'rating'): give a number, null, or "
        "leave it out");
}
