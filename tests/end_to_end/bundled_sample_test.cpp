// What data/README.md of review-stream promises about its sample, seen by a user who types `review-stream
// run`.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <fstream>
#include <set>
#include <string>

using namespace weir::test;

namespace {

std::vector<std::string> sample_lines() {
  std::ifstream in{WEIR_SOURCE_DIR "/apps/review_stream/data/sample.jsonl", std::ios::binary};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

} // namespace

TEST_CASE("run without flags stores the bundled sample in reviews.db and says so") {
  const temporary_folder work;
  const finished run = run_reviews(work.path(), {});
  INFO(run.out << run.err);
  CHECK(run.exit == 0);
  CHECK(stored(work / "reviews.db") == 317);
  CHECK_THAT(run.out, Catch::StartsWith("review-stream: completed in "));
  CHECK_THAT(run.out, Catch::Contains("read             326\n"));
  CHECK_THAT(run.out, Catch::Contains("new              317\n"));
  CHECK_THAT(run.out, Catch::Contains("there already    3 (the first review of an id is kept)\n"));
  CHECK_THAT(run.out, Catch::Contains("dead letters     6  -> dead-letters.jsonl\n"));
  CHECK_THAT(run.out, Catch::Contains("results          reviews.db\n"));
  CHECK_THAT(run.out, Catch::Contains("What 317 reviews say (2026-05-04 to 2026-05-18)\n"));
}

TEST_CASE("of a repeated id in the sample the first row is stored") {
  const temporary_folder work;
  REQUIRE(run_reviews(work.path(), {"--workers", "4", "--batch", "1"}).exit == 0);
  const auto lines = sample_lines();
  REQUIRE(lines.size() == 326);
  for (const std::size_t first : {25, 68, 119}) {
    const auto review = json_lines_in(lines[first - 1] + "\n").at(0);
    INFO("line " << first);
    CHECK(ask_text(work / "reviews.db", "SELECT text FROM reviews WHERE id = '" +
                                            std::string{review.at("id").as_string()} + "'") ==
          review.at("text").as_string());
  }
}

TEST_CASE(
    "rows of the sample that are no reviews become dead letters with the reason and the row as it was") {
  const temporary_folder work;
  REQUIRE(run_reviews(work.path(), {}).exit == 0);
  const auto lines = sample_lines();
  const auto letters = json_lines(work / "dead-letters.jsonl");
  REQUIRE(letters.size() == 6);
  std::set<std::string> ids;
  std::size_t at = 0;
  for (const std::size_t line : {29, 85, 145, 196, 245, 301}) {
    const auto& letter = letters[at++];
    INFO("line " << line);
    CHECK(letter.at("node") == "parse");
    CHECK(letter.at("workflow") == "review-stream");
    CHECK_THAT(std::string{letter.at("cause").as_string()},
               Catch::Contains("sample.jsonl:" + std::to_string(line)));
    CHECK(letter.at("kind") == "error");
    CHECK(letter.at("attempts") == 1);
    for (const auto* when : {"first_seen", "last_seen"}) {
      const std::string time{letter.at(when).as_string()};
      INFO(time);
      CHECK(time.size() == std::string_view{"2026-05-04T12:30:00.000Z"}.size());
      CHECK(time.substr(10, 1) == "T");
      CHECK(time.ends_with("Z"));
    }
    CHECK(letter.at("first_seen").as_string() <= letter.at("last_seen").as_string());
    CHECK(letter.at("payload").as_string() == lines[line - 1]);
    ids.insert(std::string{letter.at("id").as_string()});
  }
  CHECK(ids.size() == 6);
}

TEST_CASE("the summary as JSON is the last line of standard output and its figures add up") {
  const temporary_folder work;
  const finished run = run_reviews(work.path(), {"--summary", "json"});
  CHECK(run.exit == 0);
  const auto s = summary_of(run);
  CHECK(figure(s, "records_in") == 326);
  CHECK(figure(s, "records_out") == 317);
  CHECK(figure(s, "duplicates") == 3);
  CHECK(figure(s, "filtered") == 0);
  CHECK(figure(s, "dead_letters") == 6);
  CHECK(figure(s, "records_in") == figure(s, "records_out") + figure(s, "duplicates") +
                                       figure(s, "filtered") + figure(s, "dead_letters"));
  CHECK(figure(s, "retries") == 0);
  CHECK(figure(s, "timeouts") == 0);
  CHECK(figure(s, "restarts") == 0);
  CHECK(s.at("duration_s").to_number<double>() > 0);
  CHECK(s.at("throughput_per_s").to_number<double>() > 0);
  const auto& latency = s.at("latency_ms").as_object();
  CHECK(latency.at("p50").to_number<double>() > 0);
  CHECK(latency.at("p50").to_number<double>() <= latency.at("p95").to_number<double>());
  CHECK(latency.at("p95").to_number<double>() <= latency.at("p99").to_number<double>());
  CHECK(figure(s, "exit") == 0);
}

TEST_CASE("run again finds every id there already and changes nothing") {
  const temporary_folder work;
  REQUIRE(run_reviews(work.path(), {}).exit == 0);
  const std::string everything = "SELECT group_concat(id || text || sentiment || score, '|') FROM reviews";
  const std::string before = ask_text(work / "reviews.db", everything);
  const finished again = run_reviews(work.path(), {"--summary", "json"});
  CHECK(again.exit == 0);
  CHECK(figure(summary_of(again), "duplicates") == 320);
  CHECK(stored(work / "reviews.db") == 317);
  CHECK(ask_text(work / "reviews.db", everything) == before);
}

TEST_CASE(
    "the sample's texts are stored as they were written, but for markup, broken blanks and personal data") {
  const temporary_folder work;
  REQUIRE(run_reviews(work.path(), {}).exit == 0);
  const std::set<std::string> cleaned = {"r-0043", "r-0076", "r-0080", "r-0083", "r-0088", "r-0100",
                                         "r-0149", "r-0173", "r-0262", "r-0269", "r-0316"};
  std::set<std::string> seen;
  std::size_t compared = 0;
  for (const auto& line : sample_lines()) {
    if (!line.starts_with('{') || !line.ends_with('}'))
      continue;
    const boost::json::object review = json_lines_in(line + "\n").at(0);
    if (!review.contains("id") || !review.contains("text") || !review.at("text").is_string() ||
        (review.contains("rating") && !review.at("rating").is_number()))
      continue;
    const std::string id{review.at("id").as_string()};
    if (!seen.insert(id).second)
      continue;
    INFO(id);
    const std::string kept =
        ask_text(work / "reviews.db", "SELECT text FROM reviews WHERE id = '" + id + "'");
    REQUIRE((kept == review.at("text").as_string()) == !cleaned.contains(id));
    ++compared;
  }
  CHECK(compared == 317);
  const auto text_of = [&](const std::string& id) {
    return ask_text(work / "reviews.db", "SELECT text FROM reviews WHERE id = '" + id + "'");
  };
  CHECK(text_of("r-0149") == "El mejor arroz que he probado en años. ¡Repetiremos!");
  CHECK(text_of("r-0083") == "Nice crema\nNice colour\nNot nice: the puddle under it every morning 😩");
  CHECK_THAT(text_of("r-0316"), Catch::Contains("[card]") && Catch::Contains("[email]"));
}

TEST_CASE("dead letters change the exit code only when asked to") {
  const temporary_folder work;
  const finished strict = run_reviews(work.path(), {"--fail-on-dead-letters"});
  CHECK(strict.exit == 1);
  CHECK_THAT(strict.err,
             Catch::Contains("error: there are dead letters (dead-letters.jsonl): look at their causes, "
                             "or leave --fail-on-dead-letters out\n"));
  CHECK(stored(work / "reviews.db") == 317);
}
