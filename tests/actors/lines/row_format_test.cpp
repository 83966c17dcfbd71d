#include <actors/lines/row_format.hpp>
#include <tests/support/catch.hpp>

using namespace weir::actors;

TEST_CASE("a file's name says what it holds, under a compression") {
  CHECK(format_of_name("a/reviews.csv") == row_format::csv);
  CHECK(format_of_name("REVIEWS.CSV.GZ") == row_format::csv);
  CHECK(format_of_name("r.tsv.zst") == row_format::tsv);
  CHECK(format_of_name("r.tab") == row_format::tsv);
  CHECK(format_of_name("r.json.gz") == row_format::lines);
  CHECK(format_of_name("r.jsonl") == row_format::lines);
  CHECK(format_of_name("r.ndjson") == row_format::lines);
  CHECK_FALSE(format_of_name("r.gz"));
  CHECK_FALSE(format_of_name("csv"));
  CHECK_FALSE(format_of_name("-"));
}

TEST_CASE("the beginning of a file says what it holds when its name does not") {
  CHECK(format_of_content("\xEF\xBB\xBF \n{", false) == row_format::lines);
  CHECK(format_of_content("[1,2]", false) == row_format::lines);
  CHECK(format_of_content("\n\nid\ttext, long\n", false) == row_format::tsv);
  CHECK(format_of_content("\tid\n", false) == row_format::tsv);
  CHECK(format_of_content("id;text\n", false) == row_format::csv);
  CHECK(format_of_content("only words\na,b\n", false) == row_format::lines);
}

TEST_CASE("a beginning that is too short to tell is waited for, unless it is all there is") {
  CHECK_FALSE(format_of_content("", false));
  CHECK_FALSE(format_of_content("\xEF", false));
  CHECK_FALSE(format_of_content("id,te", false));
  CHECK(format_of_content("id,te", true) == row_format::csv);
  CHECK(format_of_content("", true) == row_format::lines);
}

TEST_CASE("a csv header with more semicolons than commas is separated by semicolons") {
  CHECK(separator_of("id;text;stars", row_format::csv) == ';');
  CHECK(separator_of("id;\"a,b,c\";stars", row_format::csv) == ';');
  CHECK(separator_of("id,text;stars,x", row_format::csv) == ',');
  CHECK(separator_of("id", row_format::csv) == ',');
  CHECK(separator_of("id;a;b\t", row_format::tsv) == '\t');
}
