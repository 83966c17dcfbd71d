#include <apps/review_stream/input/parse_review.hpp>

#include <tests/support/catch.hpp>

#include <string>
#include <utility>

using namespace weir;
using namespace weir::reviews;

namespace {

actors::text_line row(std::string header, std::string text, char separator = ',') {
  actors::text_line line{std::move(text), actors::shared_text{"reviews.csv"}, 17};
  line.format = separator == '\t' ? actors::row_format::tsv : actors::row_format::csv;
  line.header = actors::shared_text{std::move(header)};
  line.separator = separator;
  return line;
}

std::string complaint(std::string header, std::string text) {
  const auto r = parse_review(row(std::move(header), std::move(text)));
  REQUIRE_FALSE(r);
  CHECK(r.error().kind == error_kind::permanent);
  return r.error().message();
}

} // namespace

TEST_CASE("a row of a table becomes a review, other columns are kept") {
  const auto r =
      parse_review(row("id,text,product,title,rating,category,lang,ts,store,note",
                       "7,\"Good, \"\"really\"\"\nyes\",lamp,Fine,4.5,light,en,2026-05-04,north,"));
  REQUIRE(r);
  CHECK(r->id == "7");
  CHECK(r->text == "Good, \"really\"\nyes");
  CHECK(r->product == "lamp");
  CHECK(r->title == "Fine");
  CHECK(r->rating == 4.5);
  CHECK(r->language == "en");
  CHECK(r->ts == "2026-05-04");
  CHECK(r->extra == R"({"store":"north"})");
}

TEST_CASE("tabs and semicolons separate as well") {
  CHECK(parse_review(row("id\ttext", "1\tone, two", '\t'))->text == "one, two");
  CHECK(parse_review(row("id;text", "1;one, two", ';'))->text == "one, two");
}

TEST_CASE("files with different headers do not mix up their columns") {
  for (int i = 0; i < 3; ++i) {
    CHECK(parse_review(row("id,text", "1,one"))->text == "one");
    CHECK(parse_review(row("text,id", "one,1"))->text == "one");
  }
}

TEST_CASE("columns may be called anything") {
  const auto fields = field_map::parse({"text=Comment", "id=@line"});
  const auto r = parse_review(row("Comment,text", "Good,other"), *fields);
  REQUIRE(r);
  CHECK(r->id == "reviews.csv:17");
  CHECK(r->text == "Good");
}

TEST_CASE("a row that is no review says what is wrong, where, and what to do") {
  CHECK(
      complaint("id,text", "1,two,three") ==
      "3 fields where the header has 2 (reviews.csv:17): quote fields that hold the separator, a quote or a "
      "line end");
  CHECK(
      complaint("id,text,rating", "1,one,five") ==
      "'rating' is \"five\", not a number (reviews.csv:17, field 'rating'): give a number such as 4 or 4.5, "
      "or leave it empty");
  CHECK(complaint("id,text,ts", "1,one,yesterday") ==
        "'ts' is not a time: \"yesterday\" (reviews.csv:17, field 'ts'): use ISO 8601, such as "
        "2026-05-04T12:30:00Z");
  CHECK(complaint("id,text", ",one") ==
        "the review's 'id' is empty (reviews.csv:17, field 'id'): give each review a unique id");
  CHECK(complaint("id,text", "1,\"one") ==
        "a quoted field is not closed (reviews.csv:17): close the quote; a quote inside one is doubled");
  CHECK(complaint("id,text", "1,Sch\xf6n") ==
        "the row is not valid UTF-8 (reviews.csv:17): convert the file to UTF-8, for instance with iconv");
  CHECK(complaint("id,body", "1,one")
            .starts_with("no column 'text' for the field 'text'; there are: id, body"));
}
