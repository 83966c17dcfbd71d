// `--follow`: another process writes, rotates and drops files in; the stream goes on until it is told to
// stop.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// How long the writer writes. WEIR_FOLLOW_SECONDS makes it longer.
std::chrono::seconds writing_time() {
  const char* said = std::getenv("WEIR_FOLLOW_SECONDS");
  return std::chrono::seconds{said != nullptr ? std::max(1, std::atoi(said)) : 4};
}

void append_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file, std::ios::app | std::ios::binary} << text;
}

} // namespace

TEST_CASE("a followed file that is written at 2,000 lines a second and rotated loses and doubles none") {
  const temporary_folder work;
  const auto file = work.write("in.jsonl", "");
  process run{review_stream(),
              {"run", "--follow", "--input", "in.jsonl", "--output", "a.db", "--output", "all.jsonl",
               "--dedupe", "off", "--summary", "json"},
              {.folder = work.path()}};
  // The writer keeps its pace as a service would: a line whenever one is due, whole lines, its own clock.
  constexpr std::size_t lines_a_second = 2000;
  const auto began = std::chrono::steady_clock::now();
  std::size_t written = 0;
  int generation = 0;
  auto rotate_at = began + 700ms;
  std::ofstream out{file, std::ios::app | std::ios::binary};
  for (auto now = began; now - began < writing_time(); now = std::chrono::steady_clock::now()) {
    const auto due =
        static_cast<std::size_t>(std::chrono::duration<double>(now - began).count() * lines_a_second);
    if (now >= rotate_at) {
      rotate_at += 700ms;
      std::filesystem::rename(file, work / ("in.jsonl." + std::to_string(++generation)));
      out << row("after-rename-" + std::to_string(generation), "written by one who has not noticed yet");
      out.close();
      out.open(file, std::ios::app | std::ios::binary);
    }
    if (written < due) {
      out << rows(written, due);
      out.flush();
      written = due;
    }
    REQUIRE(run.runs_for(1ms)); // the next line is due in half a millisecond; a run that ended takes none
  }
  out.close();
  const auto all = static_cast<std::int64_t>(written) + generation;
  CHECK(generation >= 4);
  CHECK(eventually(run, [&] { return stored(work / "a.db") >= all; }));
  run.send_signal(SIGTERM);
  const finished end = run.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK(stored(work / "a.db") == all);
  const auto summary = summary_of(end);
  CHECK(figure(summary, "records_in") == static_cast<std::uint64_t>(all)); // none doubled
  CHECK(figure(summary, "duplicates") == 0);
  CHECK(figure(summary, "dead_letters") == 0);
  CHECK(json_lines(work / "all.jsonl").size() == static_cast<std::size_t>(all));
  std::printf("followed: %lld lines in %lld s, %d rotations\n", static_cast<long long>(all),
              static_cast<long long>(writing_time().count()), generation);
}

TEST_CASE(
    "a followed file may be missing at first, be truncated, and a killed run that starts again loses none") {
  const temporary_folder work;
  {
    process run{review_stream(),
                {"run", "--follow", "--input", "in.jsonl", "--output", "a.db"},
                {.folder = work.path()}};
    CHECK(run.runs_for(200ms));
    append_text(work / "in.jsonl", rows(0, 10));
    CHECK(eventually(run, [&] { return stored(work / "a.db") == 10; }));
    std::filesystem::resize_file(work / "in.jsonl", 0);
    append_text(work / "in.jsonl", rows(10, 15));
    CHECK(eventually(run, [&] { return stored(work / "a.db") == 15; }));
    run.send_signal(SIGKILL);
    CHECK(run.wait().signal == SIGKILL);
  }
  append_text(work / "in.jsonl", rows(15, 20));
  process run{review_stream(),
              {"run", "--follow", "--input", "in.jsonl", "--output", "a.db"},
              {.folder = work.path()}};
  CHECK(eventually(run, [&] { return stored(work / "a.db") == 20; }));
  run.send_signal(SIGINT);
  CHECK(run.wait().exit == 0);
}

TEST_CASE("files that are dropped into a followed folder are read, tables too") {
  const temporary_folder work;
  std::filesystem::create_directory(work / "in");
  process run{
      review_stream(), {"run", "--follow", "--input", "in", "--output", "a.db"}, {.folder = work.path()}};
  work.write("in/a.jsonl", rows(0, 5));
  CHECK(eventually(run, [&] { return stored(work / "a.db") == 5; }));
  work.write("in/b.csv", "ID,Text\n1,\"one, with a comma\"\n2,two\n");
  CHECK(eventually(run, [&] { return stored(work / "a.db") == 7; }));
  CHECK(ask_text(work / "a.db", "SELECT text FROM reviews WHERE id = '1'") == "one, with a comma");
  run.send_signal(SIGTERM);
  const finished end = run.wait();
  CHECK(end.exit == 0);
  CHECK_THAT(end.out, Catch::Contains("What 7 reviews say"));
}
