// Standard input and output that are closed, or whose other end goes away.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir::test;

TEST_CASE("standard input that is closed is named") {
  const temporary_folder work;
  const finished run = run_reviews(work.path(), {"--input", "-"}, {.input = process::stream::closed});
  CHECK(run.exit == 2);
  CHECK(run.err ==
        "error: cannot read input from standard input: Bad file descriptor (-): check the path and that you "
        "may read it\n");
}

TEST_CASE("standard output that is closed is named when results should go there") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 10));
  const finished run =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "-"}, {.output = process::stream::closed});
  CHECK(run.exit == 2);
  CHECK(run.err ==
        "error: cannot open output file: Bad file descriptor (-): check that it is open for writing\n");
}

TEST_CASE("with standard input and output closed no file takes their place") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 10) + "broken\n");
  const finished run =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "out.jsonl", "--output", "out.db"},
                  {.input = process::stream::closed, .output = process::stream::closed});
  CHECK(run.exit == 0);
  CHECK(json_lines(work / "out.jsonl").size() == 10); // and no summary among them
  CHECK(json_lines(work / "dead-letters.jsonl").size() == 1);
  CHECK(stored(work / "out.db") == 10);
  CHECK(ask_text(work / "out.db", "PRAGMA integrity_check") == "ok");
}

TEST_CASE("a reader of the results that goes away ends the run with what was left, without hang or crash") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 20000));
  const finished run =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "-", "--output", "sqlite:all.db"},
                  {.reads_output = 1000});
  CHECK(run.signal == 0);
  CHECK(run.exit == 3);
  CHECK_THAT(run.err,
             Catch::Contains(
                 "error: cannot write: the reader has gone (-): keep the reader of the output running\n"));
  CHECK_THAT(run.err, Catch::Contains("undelivered:\n"));
  CHECK(ask_text(work / "all.db", "PRAGMA integrity_check") == "ok");
}
