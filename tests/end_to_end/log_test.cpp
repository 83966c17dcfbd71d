// What a run says of events on standard error: for people and for machines.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

std::vector<boost::json::object> objects_in(const std::string& text) {
  std::vector<boost::json::object> all;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const auto line = text.substr(at, end - at);
    if (!line.empty() && line.front() == '{')
      all.push_back(boost::json::parse(line).as_object());
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return all;
}

} // namespace

TEST_CASE("a dead letter is one line on standard error, with node and cause, and without its payload") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 50) + "my secret row\n");
  const finished end = run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db"});
  CHECK(end.exit == 0);
  CHECK_THAT(end.err, Catch::Contains(" warning dead_letter workflow=review-stream node=parse cause="));
  CHECK_THAT(end.err, !Catch::Contains("my secret row"));
}

TEST_CASE("logs of format json are events as JSON lines, from the start to the end of a run") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 50) + "broken\n");
  const finished end = run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db", "--log-format",
                                                 "json", "--log-level", "info"});
  CHECK(end.exit == 0);
  const auto events = objects_in(end.err);
  REQUIRE(events.size() >= 3);
  CHECK(events.front().at("event") == "started");
  CHECK(events.back().at("event") == "ended");
  CHECK(events.back().at("cause") == "completed");
  bool dead = false;
  for (const auto& e : events) {
    CHECK(e.at("workflow") == "review-stream");
    dead |= e.at("event") == "dead_letter" && e.at("node") == "parse" && e.at("level") == "warning";
  }
  CHECK(dead);
}

TEST_CASE("the log level off hides events, and other words are refused") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 5) + "broken\n");
  const finished quiet = run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db", "--log-level",
                                                   "off", "--max-dead-letters", "100"});
  CHECK(quiet.exit == 0);
  CHECK_THAT(quiet.err, !Catch::Contains("dead_letter"));
  const finished wrong = run_reviews(work.path(), {"--log-level", "loud"});
  CHECK(wrong.exit == 2);
  CHECK_THAT(wrong.err, Catch::Contains("--log-level"));
}
