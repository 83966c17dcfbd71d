// review-stream generate as its users run it: into a run, into head, into a file that is rotated.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>

#include <boost/json/parse.hpp>

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

finished generate(std::vector<std::string> arguments, process_options options = {}) {
  arguments.insert(arguments.begin(), "generate");
  return run_program(review_stream(), arguments, std::move(options));
}

/// The object on the last line of standard error.
boost::json::object planted(const finished& run) {
  INFO(run.err);
  REQUIRE(run.err.size() > 2);
  const auto from = run.err.rfind('\n', run.err.size() - 2);
  boost::json::error_code code;
  auto value =
      boost::json::parse(std::string_view{run.err}.substr(from == std::string::npos ? 0 : from + 1), code);
  REQUIRE_FALSE(code);
  return value.as_object();
}

std::size_t lines_in(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST_CASE("a run finds the dead letters and duplicates that generate says it planted") {
  const temporary_folder work;
  const finished made = generate({"--count", "5000", "--seed", "1", "--summary", "json"});
  CHECK(made.exit == 0);
  CHECK(lines_in(made.out) == 5000);
  const auto told = planted(made);
  CHECK(figure(told, "dead_letters") > 50);
  CHECK(figure(told, "duplicates") > 10);

  process run{review_stream(),
              {"run", "--input", "-", "--output", "sqlite:a.db", "--summary", "json"},
              {.folder = work.path(), .input = process::stream::piped}};
  REQUIRE(run.write(made.out));
  const finished end = run.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  const auto summary = summary_of(end);
  CHECK(figure(summary, "records_in") == 5000);
  CHECK(figure(summary, "dead_letters") == figure(told, "dead_letters"));
  CHECK(figure(summary, "duplicates") == figure(told, "duplicates"));
  CHECK(static_cast<std::uint64_t>(stored(work / "a.db")) ==
        5000 - figure(told, "dead_letters") - figure(told, "duplicates"));
}

TEST_CASE("generate without end stops quietly when its reader has gone") {
  const finished run = generate({"--count", "0", "--quiet"}, {.reads_output = 100'000});
  CHECK(run.exit == 0);
  CHECK(run.err.empty());
  CHECK(run.out.size() >= 100'000);
}

TEST_CASE("a signal ends generate with whole lines and exit code 0") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const temporary_folder work;
    process run{review_stream(),
                {"generate", "--rate", "2000", "--mess", "0", "--output", "out.jsonl", "--summary", "json"},
                {.folder = work.path()}};
    CHECK(eventually(run, [&] { return !read_file(work / "out.jsonl").empty(); }));
    run.send_signal(signal);
    const finished end = run.wait();
    CHECK(end.exit == 0);
    const auto lines = json_lines(work / "out.jsonl"); // every one of them whole
    CHECK(lines.size() == figure(planted(end), "lines"));
  }
}

TEST_CASE("generate at a rate writes its count and no more, dated from the present on") {
  const finished run = generate({"--rate", "5000", "--count", "200", "--mess", "0", "--quiet"});
  CHECK(run.exit == 0);
  const auto lines = json_lines_in(run.out);
  REQUIRE(lines.size() == 200);
  CHECK(lines.front().at("ts").as_string() > "2026-");
  CHECK(lines.front().at("ts").as_string() < lines.back().at("ts").as_string());
}

TEST_CASE("generate goes on in a new file after SIGHUP, and loses no line between the two") {
  const temporary_folder work;
  process run{review_stream(),
              {"generate", "--rate", "1000", "--mess", "0", "--output", "out.jsonl", "--summary", "json"},
              {.folder = work.path()}};
  CHECK(eventually(run, [&] { return !read_file(work / "out.jsonl").empty(); }));
  std::filesystem::rename(work / "out.jsonl", work / "old.jsonl");
  run.send_signal(SIGHUP);
  CHECK(eventually(run, [&] { return !read_file(work / "out.jsonl").empty(); }));
  run.send_signal(SIGTERM);
  const finished end = run.wait();
  CHECK(end.exit == 0);
  const auto before = json_lines(work / "old.jsonl");
  const auto after = json_lines(work / "out.jsonl");
  CHECK(before.size() + after.size() == figure(planted(end), "lines"));
}

TEST_CASE("generate appends to a file that is there") {
  const temporary_folder work;
  for (int i = 0; i < 2; ++i)
    CHECK(generate({"--count", "10", "--mess", "0", "--output", "out.jsonl", "--quiet"},
                   {.folder = work.path()})
              .exit == 0);
  CHECK(json_lines(work / "out.jsonl").size() == 20);
}

TEST_CASE("a disk that is full ends generate with exit code 3 and names the output") {
  const finished run = generate({"--count", "10", "--output", "/dev/full", "--quiet"});
  CHECK(run.exit == 3);
  CHECK_THAT(run.err, Catch::StartsWith("error: disk full: ") && Catch::Contains("(/dev/full)"));
}

TEST_CASE("options of generate that cannot be met are named, and nothing is written") {
  const temporary_folder work;
  const std::pair<std::vector<std::string>, std::string> wrong[] = {
      {{"--languages", "fr=1"},
       "error: no phrases in the language 'fr' (--languages): use de, en, es, zh, or add [languages.fr] to "
       "the file "
       "of phrases\n"},
      {{"--start", "soon"},
       "error: 'soon' is not a time (--start): use ISO 8601 in UTC, such as 2026-05-04T12:30:00Z\n"},
      {{"--interval", "5"},
       "error: '5' is not a time between two reviews (--interval): give a number and a unit, such as 500ms, "
       "30s or "
       "2h, at most a year\n"}};
  for (auto [arguments, says] : wrong) {
    arguments.insert(arguments.end(), {"--output", "out.jsonl"});
    const finished run = generate(arguments, {.folder = work.path()});
    CHECK(run.exit == 2);
    CHECK(run.err == says);
    CHECK_FALSE(std::filesystem::exists(work / "out.jsonl"));
  }
}
