// CSV and TSV as a shop has them.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir::test;

TEST_CASE("a CSV with columns of other names is refused with the flags that mend it, then read with them") {
  const temporary_folder work;
  work.write("shop.csv", "Review ID,Stars,Comment,Article,Branch\n"
                         "7,5,\"Lovely lamp,\nwarm light\",lamp,north\n"
                         "8,1,\"It said \"\"new\"\", it was not\",lamp,south\n"
                         "9,zero,stars are a word,lamp,south\n");
  const finished refused = run_reviews(work.path(), {"--input", "shop.csv"});
  CHECK(refused.exit == 2);
  CHECK(refused.err ==
        "error: no column 'id' for the field 'id'; there are: Review ID, Stars, Comment, Article, Branch "
        "(shop.csv, the header row): say which column it is: --map id=COLUMN, or --map id=@line to number "
        "the rows\n");
  const finished run = run_reviews(work.path(), {"--input", "shop.csv", "--map", "id=Review ID", "--map",
                                                 "text=Comment", "--map", "rating=Stars", "--map",
                                                 "product=Article", "--max-dead-letters", "100"});
  INFO(run.err);
  CHECK(run.exit == 0);
  CHECK(stored(work / "reviews.db") == 2);
  CHECK(ask_text(work / "reviews.db", "SELECT text FROM reviews WHERE id = '7'") ==
        "Lovely lamp,\nwarm light");
  CHECK(ask_text(work / "reviews.db", "SELECT rating || product || extra FROM reviews WHERE id = '8'") ==
        R"(1.0lamp{"Branch":"south"})");
  CHECK(ask_text(work / "reviews.db", "SELECT cause FROM dead_letters") ==
        "'rating' is \"zero\", not a number (shop.csv:5, field 'rating'): give a number such as 4 or 4.5, or "
        "leave "
        "it empty");
  CHECK(json_lines(work / "dead-letters.jsonl").at(0).at("payload") == "9,zero,stars are a word,lamp,south");
}

TEST_CASE("rows without ids get them from their lines, and tabs are told by themselves") {
  const temporary_folder work;
  work.write("shop.txt", "text\tproduct\nfine\tlamp\nnot fine\tlamp\n");
  REQUIRE(run_reviews(work.path(), {"--input", "shop.txt", "--map", "id=@line"}).exit == 0);
  CHECK(ask_text(work / "reviews.db",
                 "SELECT group_concat(id, ' ') FROM (SELECT id FROM reviews ORDER BY id)") ==
        "shop.txt:2 shop.txt:3");
}

TEST_CASE("results as CSV can be read again as input") {
  const temporary_folder work;
  REQUIRE(run_reviews(work.path(), {"--output", "results.csv"}).exit == 0);
  const finished again =
      run_reviews(work.path(), {"--input", "results.csv", "--output", "again.db", "--summary", "json"});
  INFO(again.err);
  CHECK(again.exit == 0);
  CHECK(figure(summary_of(again), "dead_letters") == 0);
  CHECK(stored(work / "again.db") == 317);
}

TEST_CASE("one run fills a database, lines of JSON, a CSV and standard output alike") {
  const temporary_folder work;
  const finished run = run_reviews(work.path(), {"--output", "a.db", "--output", "a.jsonl", "--output",
                                                 "a.csv", "--output", "-", "--limit", "50"});
  CHECK(run.exit == 0);
  const auto results = json_lines_in(run.out);
  CHECK(results.size() == static_cast<std::size_t>(stored(work / "a.db")));
  CHECK(read_file(work / "a.jsonl") == run.out);
  for (const auto& result : results)
    CHECK(ask_text(work / "a.db", "SELECT route FROM reviews WHERE id = '" +
                                      std::string{result.at("id").as_string()} + "'") ==
          result.at("route").as_string());
}
