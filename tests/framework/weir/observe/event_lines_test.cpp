#include <tests/support/catch.hpp>
#include <weir/observe/event_lines.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace weir;
using namespace std::chrono_literals;

namespace {

const time_point start = time_point{} + 1h;

event restart(std::string cause, std::int64_t worker = 2) {
  event e{.number = 1, .kind = event_kind::restart, .node = "analyze", .worker = worker, .cause = cause};
  e.time = std::chrono::system_clock::time_point{1'767'225'600s + 45ms}; // 2026-01-01
  return e;
}

} // namespace

TEST_CASE("an event is one line that names workflow, node, worker and cause") {
  event_lines lines{"review-stream", log_format::text, log_level::info};
  const auto all = lines.take(std::vector{restart("timeout: it did not return")}, start);
  REQUIRE(all.size() == 1);
  CHECK(all[0] == "2026-01-01T00:00:00.045Z warning restart workflow=review-stream node=analyze worker=2 "
                  "cause=\"timeout: it did not return\"");
}

TEST_CASE("for machines an event is one JSON object") {
  event_lines lines{"review-stream", log_format::json, log_level::info};
  const auto all = lines.take(std::vector{restart("\"quoted\"\n\xff")}, start);
  REQUIRE(all.size() == 1);
  CHECK(all[0].find('\n') == std::string::npos);
  const auto o = boost::json::parse(all[0]).as_object();
  CHECK(o.at("time") == "2026-01-01T00:00:00.045Z");
  CHECK(o.at("level") == "warning");
  CHECK(o.at("event") == "restart");
  CHECK(o.at("workflow") == "review-stream");
  CHECK(o.at("node") == "analyze");
  CHECK(o.at("worker") == 2);
  CHECK(o.at("cause") == "\"quoted\"\n\xEF\xBF\xBD");
  CHECK_FALSE(o.contains("repeated"));
}

TEST_CASE("what repeats is written once, and then how many more there were") {
  event_lines lines{"w", log_format::text, log_level::info};
  CHECK(lines.take(std::vector(313, restart("the same")), start).size() == 1);
  CHECK(lines.take(std::vector{restart("another")}, start + 1s).size() == 1);
  CHECK(lines.take({}, start + 9s).empty());
  const auto told = lines.take({}, start + 10s);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Catch::EndsWith("cause=\"the same\" … 312 more"));
  CHECK(lines.take({}, start + 25s).empty());
  // After a quiet time it is news again.
  const auto again = lines.take(std::vector{restart("the same")}, start + 60s);
  REQUIRE(again.size() == 1);
  CHECK_THAT(again[0], Catch::EndsWith("cause=\"the same\""));
  lines.take(std::vector(2, restart("the same")), start + 61s);
  const auto rest = lines.rest();
  REQUIRE(rest.size() == 1);
  CHECK_THAT(rest[0], Catch::EndsWith("… 2 more"));
  CHECK(lines.rest().empty());
}

TEST_CASE("a level hides what is less") {
  event_lines lines{"w", log_format::text, log_level::error};
  CHECK(lines.take(std::vector{restart("x")}, start).empty());
  event failed{.kind = event_kind::failed, .node = {}, .cause = "disk full"};
  CHECK(lines.take(std::vector{failed}, start).size() == 1);
  event_lines none{"w", log_format::text, log_level::off};
  CHECK(none.take(std::vector{failed}, start).empty());
  CHECK(log_level_of("warn") == log_level::warning);
  CHECK(log_level_of("warning") == log_level::warning);
  CHECK_FALSE(log_level_of("loud").has_value());
}

TEST_CASE("a hostile cause stays on its line, cannot reach the terminal, and is cut") {
  event_lines lines{"w", log_format::text, log_level::info};
  const auto all = lines.take(std::vector{restart("a\x1b[2J\nb\"" + std::string(5'000, 'x'))}, start);
  REQUIRE(all.size() == 1);
  CHECK(all[0].find('\n') == std::string::npos);
  CHECK(all[0].find('\x1b') == std::string::npos);
  CHECK_THAT(all[0], Catch::Contains("a\\x1b[2J\\x0ab\\\""));
  CHECK(all[0].size() < 1'300);
}

TEST_CASE("a thousand different causes at once take bounded memory and lose no line") {
  event_lines lines{"w", log_format::text, log_level::info};
  std::size_t written = 0;
  for (int i = 0; i < 5'000; ++i)
    written += lines.take(std::vector{restart("cause " + std::to_string(i))}, start).size();
  CHECK(written == 5'000);
}
