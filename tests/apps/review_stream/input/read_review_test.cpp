#include <apps/review_stream/input/read_review.hpp>

#include <tests/support/catch.hpp>

#include <string>

using namespace weir;
using namespace weir::reviews;

TEST_CASE("a row becomes a clean review without personal data") {
  const read_review read;
  const auto r =
      read({R"({"id":"a","title":"<b>Lamp</b> &amp; shade","text":" Paid with 4111 1111 1111 1111,\r\nwrite )"
            R"(to jo@example.com ","product":"La&ntilde;a\u0000","note":"<b>stays</b>"})",
            actors::shared_text{"in.jsonl"}, 1});
  REQUIRE(r);
  CHECK(r->title == "Lamp & shade");
  CHECK(r->text == "Paid with [card],\nwrite to [email]");
  CHECK(r->product == "Laña");
  CHECK(r->extra == R"({"note":"<b>stays</b>"})");
}

TEST_CASE("a row that is no review stays an error") {
  const auto r = read_review{}({"broken", actors::shared_text{"in.jsonl"}, 3});
  REQUIRE_FALSE(r);
  CHECK_THAT(r.error().message(), Catch::Contains("in.jsonl:3"));
}

TEST_CASE("columns are mapped for every row") {
  const read_review read{*field_map::parse({"text=Body"})};
  CHECK(read({R"({"id":1,"Body":"fine"})", actors::shared_text{"in.jsonl"}, 1})->text == "fine");
}
