// train, evaluate and explain, as a user runs them.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

using namespace weir::test;

namespace {

finished run_command(const temporary_folder& work, const std::vector<std::string>& arguments,
                     process_options options = {}) {
  options.folder = work.path();
  return run_program(review_stream(), arguments, std::move(options));
}

/// A table of invented reviews of two topics, one row of which has none.
void write_reviews(const temporary_folder& work) {
  std::string table = "id,text,topic\n";
  const std::array<const char*, 4> delivery{"the parcel came late", "the courier lost it",
                                            "shipping took weeks", "late parcel again"};
  const std::array<const char*, 4> price{"far too expensive", "cheap and worth the money", "costs too much",
                                         "expensive for so little"};
  for (int i = 0; i < 40; ++i) {
    const std::string end = " number " + std::to_string(i);
    table += "d" + std::to_string(i) + "," + delivery[static_cast<std::size_t>(i % 4)] + end + ",delivery\n";
    table += "p" + std::to_string(i) + "," + price[static_cast<std::size_t>(i % 4)] + end + ",price\n";
  }
  work.write("reviews.csv", table + "x,no topic here,\n");
}

const std::vector<std::string> training{"train",         "--task", "topic",    "--input", "reviews.csv",
                                        "--label-field", "topic",  "--output", "a.model"};

} // namespace

TEST_CASE("a topic model is trained, measured and explained from the command line") {
  const temporary_folder work;
  write_reviews(work);
  const finished trained = run_command(work, training);
  INFO(trained.err);
  REQUIRE(trained.exit == 0);
  CHECK_THAT(trained.out, Catch::Contains("80 reviews of 2 topics"));
  CHECK_THAT(trained.err, Catch::Contains("1 row without a label skipped"));

  const finished measured = run_command(
      work, {"evaluate", "--model", "a.model", "--input", "reviews.csv", "--label-field", "topic", "--json"});
  REQUIRE(measured.exit == 0);
  const auto figures = boost::json::parse(measured.out).as_object();
  CHECK(figures.at("task") == "topic");
  CHECK(figures.at("accuracy").to_number<double>() == 1);
  CHECK(figures.at("confusion").at("price").at("price") == 40);
  CHECK(figures.at("mistakes").as_array().empty());

  const finished explained =
      run_command(work, {"explain", "--model", "a.model", "--text", "the parcel was lost", "--json"});
  REQUIRE(explained.exit == 0);
  const auto why = boost::json::parse(explained.out).as_object();
  CHECK(why.at("label") == "delivery");
  CHECK(why.at("verdicts").as_array().size() == 2);
}

TEST_CASE("topics are cross-validated from the command line") {
  const temporary_folder work;
  write_reviews(work);
  const finished end = run_command(work, {"evaluate", "--task", "topic", "--cross-validate", "4", "--input",
                                          "reviews.csv", "--label-field", "topic", "--mistakes", "0"});
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK_THAT(end.out, Catch::Contains("4-fold cross-validation, 81 rows, 1 of them skipped: no label") &&
                          Catch::Contains("Confusion matrix") && !Catch::Contains("mistakes"));
}

TEST_CASE("the bundled model explains a review given on standard input") {
  const temporary_folder work;
  process explaining{
      review_stream(), {"explain", "--text", "-"}, {.folder = work.path(), .input = process::stream::piped}};
  CHECK(explaining.write("not good, wonderful colour, qwertzuiop"));
  const finished end = explaining.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK_THAT(end.out, Catch::Contains("sentiment") && Catch::Contains("(not) good") &&
                          Catch::Contains("negated     good") && Catch::Contains("unknown     qwertzuiop"));
}

TEST_CASE("a model that is none, and a task that is none, are refused with the fix") {
  const temporary_folder work;
  write_reviews(work);
  work.write("junk.model", "this is no model");
  const finished junk = run_command(work, {"explain", "--model", "junk.model", "--text", "good"});
  CHECK(junk.exit == 2);
  CHECK_THAT(junk.err, Catch::Contains("not a model") && Catch::Contains("junk.model") &&
                           Catch::Contains("review-stream train"));
  const finished task = run_command(work, {"train", "--task", "mood", "--input", "reviews.csv",
                                           "--label-field", "topic", "--output", "b.model"});
  CHECK(task.exit == 2);
  CHECK_THAT(task.err, Catch::Contains("--task"));
  CHECK_FALSE(std::filesystem::exists(work / "b.model"));
  const finished wrong_label = run_command(work, {"train", "--task", "topic", "--input", "reviews.csv",
                                                  "--label-field", "subject", "--output", "b.model"});
  CHECK(wrong_label.exit == 2);
  CHECK_THAT(wrong_label.err, Catch::Contains("'subject'") && Catch::Contains("--label-field"));
}
