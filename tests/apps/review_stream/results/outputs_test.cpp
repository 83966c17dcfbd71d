#include <apps/review_stream/results/outputs.hpp>

#include <tests/apps/review_stream/support/judged.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::reviews;
using weir::test::temporary_folder;

TEST_CASE("results as CSV have a header and a cell for every column of the table") {
  const temporary_folder folder;
  const std::string path = folder / "results.csv";
  auto sink = csv_output(path);
  judged_review j = test::complete();
  j.review.title = "=HYPERLINK(1)";
  REQUIRE(sink.write(std::vector{j, test::judged("b", "")}));
  CHECK(test::read_file(path) ==
        "id,product,ts,language,sentiment,score,confidence,topics,urgency,urgency_reasons,route,route_reason,"
        "response_template,response,auto_send,response_reasons,title,text,rating,category,lang,extra,model,"
        "origin\n"
        "r-1,lamp,2026-05-04,en,negative,-0.9877,0.75,quality; delivery,high,injury: burned my "
        "hand,human,urgency "
        "high,en/quality/negative,We are sorry.,false,urgency is high,'=HYPERLINK(1),\"Good\n\"\"lamp\"\" "
        "好\",4.5,light,en,\"{\"\"store\"\":\"\"north\"\"}\",model-1,local\n"
        "b,,,,positive,0.5,0.75,,low,,none,,,,false,,,,,,,,model-1,local\n");
}

TEST_CASE("an output is checked before a run: its folder, and the header that is there") {
  const temporary_folder folder;
  CHECK(check_output({output_uri::kind::csv, folder / "new.csv"}));
  CHECK_FALSE(check_output({output_uri::kind::csv, folder / "no/folder/a.csv"}));
  CHECK_FALSE(check_output({output_uri::kind::json_lines, folder / "no/folder/a.jsonl"}));
  const auto other = folder.write("other.csv", "a,b\n1,2\n");
  const auto refused = check_output({output_uri::kind::csv, other.string()});
  REQUIRE_FALSE(refused);
  CHECK(test::read_file(other) == "a,b\n1,2\n");
}
