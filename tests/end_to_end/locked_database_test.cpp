// A database that another program holds: the run waits for it, for as long as it takes or as the user allows.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/end_to_end/support/surroundings.hpp>
#include <tests/support/catch.hpp>

#include <csignal>
#include <string>

using namespace weir::test;
using namespace std::chrono_literals;

TEST_CASE(
    "a run waits for a locked database and stores everything once it is free, the first of an id first") {
  const temporary_folder work;
  std::string input = rows(0, 500);
  for (int i = 0; i < 500; ++i)
    input += row("r-" + std::to_string(i), "second");
  work.write("in.jsonl", input);
  work.write("one.jsonl", row("before", "x"));
  REQUIRE(run_reviews(work.path(), {"--input", "one.jsonl", "--output", "a.db"}).exit == 0);
  lock_on lock{work / "a.db"};
  process run{review_stream(),
              {"run", "--input", "in.jsonl", "--output", "a.db", "--batch", "100", "--summary", "json"},
              {.folder = work.path()}};
  CHECK(run.runs_for(4500ms)); // longer than one attempt waits
  lock.release();
  const finished end = run.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK(stored(work / "a.db") == 501);
  CHECK(ask_number(work / "a.db", "SELECT count(*) FROM reviews WHERE text = 'second'") == 0);
  const auto summary = summary_of(end);
  CHECK(figure(summary, "records_in") == 1000);
  CHECK(figure(summary, "records_out") == 500);
  CHECK(figure(summary, "duplicates") == 500);
  CHECK(figure(summary, "dead_letters") == 0);
  CHECK(figure(summary, "retries") > 0);
  CHECK_THAT(end.err, Catch::Contains("waiting: node 'store' cannot go on: the database is locked"));
}

TEST_CASE("a new database that is locked while it is made is waited for too") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 100));
  lock_on lock{work / "a.db"};
  process run{review_stream(), {"run", "--input", "in.jsonl", "--output", "a.db"}, {.folder = work.path()}};
  CHECK(run.runs_for(2500ms));
  lock.release();
  CHECK(run.wait().exit == 0);
  CHECK(stored(work / "a.db") == 100);
}

TEST_CASE("a database locked for ever ends a drain at its deadline with the list of what was left") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 100) + "broken\n");
  const lock_on lock{work / "a.db"};
  process run{
      review_stream(),
      {"run", "--input", "in.jsonl", "--output", "a.db", "--drain-timeout", "1s", "--summary", "json"},
      {.folder = work.path()}};
  CHECK(eventually(run, [&] { return !read_file(work / "dead-letters.jsonl").empty(); })); // it has read all
  run.send_signal(SIGTERM);
  const finished end = run.wait(20s);
  INFO(end.err);
  CHECK(end.exit == 3);
  CHECK_THAT(end.err,
             Catch::Contains("draining: what was read is being stored, for at most 1.0 s; a second signal "
                             "stops at once\n"));
  CHECK_THAT(end.err, Catch::Contains("undelivered:\n  "));
  // Before `store`, or where they were when both of two scheduler threads waited for the database.
  CHECK_THAT(end.err, Catch::Contains("  store: ") || Catch::Contains("  deduplicate: "));
  const auto summary = summary_of(end);
  CHECK(figure(summary, "records_in") == 101);
  CHECK(figure(summary, "records_out") == 0);
  CHECK(figure(summary, "undelivered") == 101); // the dead letter is not in the database either
  CHECK(figure(summary, "exit") == 3);
}
