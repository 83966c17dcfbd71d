// Where reviews may come from and go to.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <zlib.h>

using namespace weir::test;

namespace {

void write_gzip(const std::filesystem::path& file, const std::string& text) {
  gzFile out = gzopen(file.c_str(), "wb");
  REQUIRE(out != nullptr);
  REQUIRE(gzwrite(out, text.data(), static_cast<unsigned>(text.size())) == static_cast<int>(text.size()));
  REQUIRE(gzclose(out) == Z_OK);
}

std::set<std::string> ids_of(const std::vector<boost::json::object>& results) {
  std::set<std::string> ids;
  for (const auto& r : results)
    ids.insert(std::string{r.at("id").as_string()});
  return ids;
}

} // namespace

TEST_CASE("with results on standard output nothing else is there, and the summary is on standard error") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 500) + "broken\n");
  const finished run =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "-", "--summary", "json"});
  CHECK(run.exit == 0);
  const auto results = json_lines_in(run.out);
  CHECK(results.size() == 500);
  CHECK(ids_of(results).size() == 500);
  for (const auto* key : {"id", "product", "ts", "language", "sentiment", "model", "origin"})
    CHECK(results.front().contains(key));
  for (const auto* key : {"label", "score", "confidence"})
    CHECK(results.front().at("sentiment").as_object().contains(key));
  finished on_stderr;
  on_stderr.out = run.err;
  const auto summary = summary_of(on_stderr);
  CHECK(figure(summary, "records_in") == 501);
  CHECK(figure(summary, "records_out") == 500);
  CHECK(figure(summary, "dead_letters") == 1);
  CHECK_FALSE(std::filesystem::exists(work / "reviews.db"));
}

TEST_CASE("two outputs get the same reviews") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 3000));
  const finished run = run_reviews(work.path(), {"--input", "in.jsonl", "--output", "sqlite:a.db", "--output",
                                                 "jsonl:a.jsonl", "--output", "-"});
  CHECK(run.exit == 0);
  CHECK(stored(work / "a.db") == 3000);
  const auto in_file = json_lines(work / "a.jsonl");
  CHECK(in_file.size() == 3000);
  CHECK(ids_of(in_file).size() == 3000);
  CHECK(ids_of(in_file) == ids_of(json_lines_in(run.out)));
  std::size_t same = 0;
  for (std::size_t i = 0; i < in_file.size(); i += 100) {
    const auto& r = in_file[i];
    same += ask_text(work / "a.db", "SELECT sentiment FROM reviews WHERE id = '" +
                                        std::string{r.at("id").as_string()} + "'") ==
            r.at("sentiment").at("label").as_string();
  }
  CHECK(same == 30);
}

TEST_CASE("a JSON Lines output is appended to") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 2));
  work.write("out.jsonl", "{\"id\":\"before\"}\n");
  REQUIRE(run_reviews(work.path(), {"--input", "in.jsonl", "--output", "out.jsonl"}).exit == 0);
  CHECK(ids_of(json_lines(work / "out.jsonl")) == std::set<std::string>{"before", "r-0", "r-1"});
}

TEST_CASE("plain files, gzip files, directories and a named pipe are read as one input") {
  const temporary_folder work;
  work.write("a.jsonl", rows(0, 10));
  std::filesystem::create_directories(work / "more");
  write_gzip(work / "more/1.jsonl", rows(10, 2000)); // by content, not by name
  work.write("more/2.jsonl", rows(2000, 2010));
  work.write("more/.hidden", "not read\n");
  REQUIRE(::mkfifo((work / "pipe").c_str(), 0600) == 0);
  process run{review_stream(),
              {"run", "--input", "a.jsonl", "--input", "more", "--input", "pipe", "--summary", "json"},
              {.folder = work.path()}};
  const finished writer = run_program("/bin/sh", {"-c", "cat more/2.jsonl a.jsonl > pipe"},
                                      {.folder = work.path()}); // waits for the reader
  CHECK(writer.exit == 0);
  const finished end = run.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK(stored(work / "reviews.db") == 2010);
  const auto summary = summary_of(end);
  CHECK(figure(summary, "records_in") == 2030);
  CHECK(figure(summary, "duplicates") == 20);
  CHECK(figure(summary, "dead_letters") == 0);
}

TEST_CASE("standard input is read to its end, plain or gzip") {
  const temporary_folder work;
  process plain{
      review_stream(), {"run", "--input", "-"}, {.folder = work.path(), .input = process::stream::piped}};
  CHECK(plain.write(rows(0, 5000)));
  CHECK(plain.wait().exit == 0);
  CHECK(stored(work / "reviews.db") == 5000);
  write_gzip(work / "in.gz", rows(5000, 6000));
  process packed{
      review_stream(), {"run", "--input", "-"}, {.folder = work.path(), .input = process::stream::piped}};
  CHECK(packed.write(read_file(work / "in.gz")));
  CHECK(packed.wait().exit == 0);
  CHECK(stored(work / "reviews.db") == 6000);
}

TEST_CASE("an empty input is a run that is done at once") {
  const temporary_folder work;
  work.write("empty.jsonl", "");
  work.write("blank.jsonl", "\n\r\n  \n");
  for (const std::string input : {"empty.jsonl", "blank.jsonl", "-"}) {
    INFO(input);
    const finished run = run_reviews(work.path(), {"--input", input, "--summary", "json"});
    CHECK(run.exit == 0);
    CHECK(figure(summary_of(run), "records_in") == 0);
    CHECK(figure(summary_of(run), "records_out") == 0);
  }
  CHECK(stored(work / "reviews.db") == 0);
  CHECK(run_reviews(work.path(), {"--input", "empty.jsonl"}).exit == 0); // the summary for people
}

TEST_CASE("the limit stops after so many reviews") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 5000));
  const finished run =
      run_reviews(work.path(), {"--input", "in.jsonl", "--limit", "123", "--summary", "json"});
  CHECK(run.exit == 0);
  CHECK(figure(summary_of(run), "records_in") == 123);
  CHECK(stored(work / "reviews.db") == 123);
}

TEST_CASE("of repeated ids the first row of the input is kept however many workers race") {
  const temporary_folder work;
  // The first row of each id takes a hundred times as long to judge as the second, a little behind it.
  std::string input;
  std::string slow = "first";
  while (slow.size() < 4000)
    slow += " the lamp is not good at all, it broke!";
  for (int i = 0; i < 2000; ++i) {
    const std::string id = "r-" + std::to_string(i);
    input += row(id, slow);
    if (i >= 3)
      input += row("r-" + std::to_string(i - 3), "second");
  }
  work.write("in.jsonl", input);
  const finished run = run_reviews(
      work.path(), {"--input", "in.jsonl", "--workers", "4", "--batch", "2", "--isolation", "thread"});
  CHECK(run.exit == 0);
  CHECK(stored(work / "reviews.db") == 2000);
  CHECK(ask_number(work / "reviews.db", "SELECT count(*) FROM reviews WHERE text = 'second'") == 0);
}
