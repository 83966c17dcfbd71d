#include <apps/review_stream/input/traceparent.hpp>

#include <tests/support/catch.hpp>

using weir::actors::row_format;
using weir::actors::shared_text;
using weir::actors::text_line;
using weir::reviews::traceparent_of;

TEST_CASE("a row of JSON brings its field traceparent, and only that") {
  const auto of = [](const char* text) {
    text_line row;
    row.text = text;
    return traceparent_of(row);
  };
  CHECK(of(R"({"id":"1","text":"fine","traceparent":"00-a-b-01"})") == "00-a-b-01");
  CHECK(of(R"({"id":"1","text":"the word \"traceparent\": \"x\""})").empty());
  CHECK(of(R"({"id":"1","extra":{"traceparent":"x"}})").empty());
  CHECK(of(R"({"traceparent":7})").empty());
  CHECK(of(R"(["traceparent"])").empty());
  CHECK(of(R"({"traceparent":)").empty());
  CHECK(of("").empty());
}

TEST_CASE("a row of a table brings its column traceparent") {
  text_line row;
  row.format = row_format::csv;
  row.separator = ',';
  row.header = shared_text{"id,text,traceparent"};
  row.text = R"(1,"fine, very",00-a-b-01)";
  CHECK(traceparent_of(row) == "00-a-b-01");
  row.text = "1,fine";
  CHECK(traceparent_of(row).empty());
  row.text = "1,\"never closed";
  CHECK(traceparent_of(row).empty());
  row.header = shared_text{"id,text"};
  row.text = "1,traceparent";
  CHECK(traceparent_of(row).empty());
}
