// Rows that are no reviews: each becomes a dead letter that says why and where, and costs no other row.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <fstream>
#include <string>

#include <zlib.h>

using namespace weir::test;

namespace {

/// The dead letters of a run over `input`, of which all but `bad` rows must be stored.
std::vector<boost::json::object> letters_of(const temporary_folder& work, const std::string& input,
                                            std::uint64_t good, std::uint64_t bad) {
  work.write("in.jsonl", input);
  const finished run = run_reviews(work.path(), {"--input", "in.jsonl", "--summary", "json"});
  INFO(run.err);
  CHECK(run.exit == 0);
  CHECK(without_events(run.err).empty());
  const auto summary = summary_of(run);
  CHECK(figure(summary, "records_in") == good + bad);
  CHECK(figure(summary, "records_out") == good);
  CHECK(figure(summary, "dead_letters") == bad);
  CHECK(stored(work / "reviews.db") == static_cast<std::int64_t>(good));
  auto letters = json_lines(work / "dead-letters.jsonl");
  REQUIRE(letters.size() == bad);
  return letters;
}

} // namespace

TEST_CASE("broken JSON on line 17 is a dead letter that names line 17") {
  const temporary_folder work;
  const auto letters = letters_of(work, rows(0, 16) + "{\"id\":\"x\", \"text\":\n" + rows(16, 40), 40, 1);
  CHECK(letters[0].at("cause") == "broken JSON: incomplete JSON (in.jsonl:17): write one JSON object a line");
  CHECK(letters[0].at("payload") == "{\"id\":\"x\", \"text\":");
  CHECK(letters[0].at("kind") == "error");
  CHECK(letters[0].at("node") == "parse");
}

TEST_CASE("rows with fields of wrong types are dead letters that name line and field") {
  const temporary_folder work;
  const auto letters =
      letters_of(work,
                 rows(0, 1) + R"({"id":true,"text":"x"})" + "\n" + R"({"id":"a","text":1})" + "\n" +
                     R"({"id":"a","text":"x","rating":"five"})" + "\n[]\n" + rows(1, 3),
                 3, 4);
  CHECK(letters[0].at("cause") ==
        "'id' is true or false, not a string (in.jsonl:2, field 'id'): give a string");
  CHECK(letters[1].at("cause") ==
        "'text' is a number, not a string (in.jsonl:3, field 'text'): give a string");
  CHECK(letters[2].at("cause") ==
        "'rating' is a string, not a number (in.jsonl:4, field 'rating'): give a number, "
        "null, or leave it out");
  CHECK(letters[3].at("cause") == "the line is an array, not a JSON object (in.jsonl:5): write reviews as "
                                  "{\"id\": \"…\", \"text\": \"…\"}");
}

TEST_CASE("a row that is not UTF-8 is a dead letter, which is valid JSON all the same") {
  const temporary_folder work;
  const auto letters =
      letters_of(work, rows(0, 1) + "{\"id\":\"a\",\"text\":\"caf\xE9 noir\"}\n" + rows(1, 3), 3, 1);
  CHECK(letters[0].at("cause") ==
        "the line is not valid UTF-8 (in.jsonl:2): convert the file to UTF-8, for instance with iconv");
  CHECK(letters[0].at("payload") == "{\"id\":\"a\",\"text\":\"caf\uFFFD noir\"}");
  CHECK(letters[0].at("payload_base64") ==
        "eyJpZCI6ImEiLCJ0ZXh0IjoiY2Fm6SBub2lyIn0="); // the bytes as they were
}

TEST_CASE("a line of 100 MB is a dead letter with its beginning, read in bounded memory") {
  const temporary_folder work;
  {
    std::ofstream out{work / "in.jsonl", std::ios::binary};
    out << rows(0, 20) << R"({"id":"huge","text":")";
    const std::string mebibyte(1 << 20, 'x');
    for (int i = 0; i < 100; ++i)
      out << mebibyte;
    out << "\"}\n" << rows(20, 50);
  }
  const finished run = run_reviews(work.path(), {"--input", "in.jsonl", "--summary", "json"});
  CHECK(run.exit == 0);
  CHECK(figure(summary_of(run), "records_in") == 51);
  CHECK(stored(work / "reviews.db") == 50);
  const auto letters = json_lines(work / "dead-letters.jsonl");
  REQUIRE(letters.size() == 1);
  CHECK_THAT(std::string{letters[0].at("cause").as_string()},
             Catch::StartsWith("line of 104857623 bytes is over the limit of 1048576 (in.jsonl:21): "));
  const std::string payload{letters[0].at("payload").as_string()};
  CHECK_THAT(payload, Catch::StartsWith(R"({"id":"huge","text":"xxx)"));
  CHECK_THAT(payload, Catch::EndsWith("… (104857623 bytes)"));
  CHECK(payload.size() < 2000);
#ifndef __SANITIZE_ADDRESS__ // which keeps freed memory
  CHECK(run.peak_rss_bytes < std::uint64_t{300} << 20U);
#endif
}

TEST_CASE("of a gzip file that is cut off the whole rows are stored and the place is told") {
  const temporary_folder work;
  const std::string whole = (work / "whole.gz").string();
  gzFile out = gzopen(whole.c_str(), "wb");
  REQUIRE(out != nullptr);
  std::string text;
  for (int i = 0; i < 20000; ++i) // hardly compressible, so that half a file holds rows
    text += row("r-" + std::to_string(i), std::to_string(static_cast<unsigned>(i) * 2654435761U));
  REQUIRE(gzwrite(out, text.data(), static_cast<unsigned>(text.size())) == static_cast<int>(text.size()));
  REQUIRE(gzclose(out) == Z_OK);
  const std::string bytes = read_file(whole);
  work.write("cut.gz", bytes.substr(0, bytes.size() / 2));
  work.write("after.jsonl", row("after", "x"));
  const finished run =
      run_reviews(work.path(), {"--input", "cut.gz", "--input", "after.jsonl", "--summary", "json"});
  CHECK(run.exit == 0);
  CHECK(stored(work / "reviews.db") > 5000);
  CHECK(ask_number(work / "reviews.db", "SELECT count(*) FROM reviews WHERE id = 'after'") == 1);
  const auto letters = json_lines(work / "dead-letters.jsonl");
  REQUIRE(letters.size() == 1);
  CHECK_THAT(std::string{letters[0].at("cause").as_string()},
             Catch::StartsWith("gzip data is cut off (cut.gz at byte "));
  CHECK(figure(summary_of(run), "records_in") == figure(summary_of(run), "records_out") + 1);
}
