#include <apps/review_stream/sentiment/labelled_rows.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <zlib.h>

using namespace weir::reviews;

namespace {

std::string message(const weir::result<std::vector<labelled_review>>& rows) {
  return rows ? "read" : rows.error().message();
}

} // namespace

TEST_CASE("JSON Lines give labelled rows") {
  const auto rows = parse_labelled(
      "{\"id\":\"1\",\"text\":\"ok\",\"title\":\"T\",\"label\":\"Positive\",\"lang\":\"en\"}\n\n"
      "{\"text\":null,\"label\":null,\"source\":\"s\"}\r\n",
      "f", {});
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  CHECK(rows->at(0).label == sentiment_label::positive);
  CHECK(rows->at(0).title == "T");
  CHECK(rows->at(0).language == "en");
  CHECK(rows->at(1).label == sentiment_label::unknown);
  CHECK(rows->at(1).text.empty());
}

TEST_CASE("CSV and TSV give labelled rows, with quotes, line ends and doubled quotes in fields") {
  const auto rows =
      parse_labelled("\xef\xbb\xbftext,stars\r\n\"a, \"\"b\"\"\nc\",5\r\nplain,1\r\nso so,3\r\n", "f",
                     {.label_field = "stars"});
  REQUIRE(rows);
  REQUIRE(rows->size() == 3);
  CHECK(rows->at(0).text == "a, \"b\"\nc");
  CHECK(rows->at(0).label == sentiment_label::positive);
  CHECK(rows->at(1).label == sentiment_label::negative);
  CHECK(rows->at(2).label == sentiment_label::neutral);
  const auto tabs = parse_labelled("text\tlabel\nfine, really\t1\nbad\t0\n", "f", {});
  REQUIRE(tabs);
  CHECK(tabs->at(0).label == sentiment_label::positive); // a file with a 0 holds no stars
  CHECK(tabs->at(1).label == sentiment_label::negative);
}

TEST_CASE("only rows of the named sources are taken") {
  const auto rows = parse_labelled("text,label,source\na,positive,x\nb,negative,y\nc,negative,z\n", "f",
                                   {.sources = {"x", "z"}});
  REQUIRE(rows);
  CHECK(rows->size() == 2);
}

TEST_CASE("aspects that agree can stand for a label") {
  const std::string_view bytes =
      R"({"text":"a","label":null,"aspects":[{"polarity":"positive"},{"polarity":"neutral"}]})"
      "\n"
      R"({"text":"b","label":null,"aspects":[{"polarity":"positive"},{"polarity":"negative"}]})";
  const auto rows = parse_labelled(bytes, "f", {.label_from_aspects = true});
  REQUIRE(rows);
  CHECK(rows->at(0).label == sentiment_label::positive);
  CHECK(rows->at(1).label == sentiment_label::unknown);
  CHECK(parse_labelled(bytes, "f", {})->at(0).label == sentiment_label::unknown);
}

TEST_CASE("errors name file, line and the fix") {
  CHECK_THAT(message(parse_labelled("", "f", {})), Catch::Contains("no rows"));
  CHECK_THAT(message(parse_labelled("{\"text\":\"a\",\"label\":1}\n{broken\n", "f", {})),
             Catch::Contains("f:2"));
  CHECK_THAT(message(parse_labelled("{\"label\":1}\n", "f", {})), Catch::Contains("--text-field"));
  CHECK_THAT(message(parse_labelled("{\"text\":\"a\"}\n", "f", {})), Catch::Contains("--label-field"));
  CHECK_THAT(message(parse_labelled("text,label\na,b,c\n", "f", {})), Catch::Contains("f:2"));
  CHECK_THAT(message(parse_labelled("text,label\n\"a,b\n", "f", {})), Catch::Contains("not closed"));
  CHECK_THAT(message(parse_labelled("text,label\na,positive\nb,lovely\n", "f", {})),
             Catch::Contains("'lovely'"));
  CHECK_THAT(message(parse_labelled("text,label\na,7\n", "f", {})), Catch::Contains("stars from 1 to 5"));
  CHECK_THAT(message(read_labelled("/no/such/file", {})), Catch::Contains("no such file"));
}

TEST_CASE("gzip is seen from the content, and damage is an error") {
  const weir::test::temporary_folder folder;
  const auto file = folder.path() / "rows.csv";
  const gzFile out = gzopen(file.c_str(), "wb");
  std::string text = "text,label\n";
  for (int i = 0; i < 2000; ++i)
    text += "row number " + std::to_string(i * 7919) + ",positive\n";
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  const auto rows = read_labelled(file, {});
  REQUIRE(rows);
  CHECK(rows->size() == 2000);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  CHECK_FALSE(read_labelled(file, {}));
}

TEST_CASE("word lists are rows of one term each") {
  const weir::test::temporary_folder folder;
  std::ofstream(folder.path() / "en.tsv") << "# comment\ngood\tpositive\nwrong size\tnegative\n";
  const auto rows = read_lexicon(folder.path());
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  CHECK(rows->at(1).text == "wrong size");
  CHECK(rows->at(1).language == "en");
  std::ofstream(folder.path() / "de.tsv") << "gut\n";
  CHECK_THAT(message(read_lexicon(folder.path())), Catch::Contains("de.tsv:1"));
  CHECK_THAT(message(read_lexicon(folder.path() / "none")), Catch::Contains("--lexicon"));
}
