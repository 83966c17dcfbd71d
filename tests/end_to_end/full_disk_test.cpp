// A disk that fills up: the run stops, names the disk, lists what it holds; with space again, the same
// command completes what was left. Root only: the disk is a small tmpfs.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/end_to_end/support/surroundings.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir::test;

namespace {

constexpr const char* not_root = "skipped: only root can mount the small disk that this needs";

/// What was read went somewhere: out, to the dead letters, or onto the list of what is left.
void adds_up(const boost::json::object& summary) {
  CHECK(figure(summary, "records_in") ==
        figure(summary, "records_out") + figure(summary, "dead_letters") + figure(summary, "undelivered"));
}

} // namespace

TEST_CASE(
    "a full disk stops the run with a sound database, and with space again nothing is lost or doubled") {
  const temporary_folder work;
  const small_disk disk{work / "disk", "512k"};
  if (!disk) {
    WARN(not_root);
    return;
  }
  work.write("in.jsonl", rows(0, 5000, 400));
  const std::vector<std::string> command{"--input",          "in.jsonl",  "--output",
                                         "sqlite:disk/a.db", "--summary", "json"};
  const finished full = run_reviews(work.path(), command);
  INFO(full.err);
  CHECK(full.exit == 3);
  CHECK_THAT(full.err,
             Catch::Contains("error: disk full: the database cannot grow (disk/a.db): free some space and "
                             "run again\n"));
  CHECK_THAT(full.err, Catch::Contains("undelivered:\n"));
  CHECK_THAT(full.err, Catch::Contains("  store: "));
  const auto summary = summary_of(full);
  CHECK(figure(summary, "exit") == 3);
  CHECK(figure(summary, "undelivered") > 0);
  adds_up(summary);

  disk.grow("64m");
  CHECK(ask_text(work / "disk/a.db", "PRAGMA integrity_check") == "ok");
  const auto before = stored(work / "disk/a.db");
  CHECK(before == static_cast<std::int64_t>(figure(summary, "records_out")));
  CHECK(before < 5000);
  const finished again = run_reviews(work.path(), command);
  CHECK(again.exit == 0);
  CHECK(stored(work / "disk/a.db") == 5000);
  CHECK(figure(summary_of(again), "duplicates") == static_cast<std::uint64_t>(before));
}

TEST_CASE("a disk that is full from the start is named, and nothing is read") {
  const temporary_folder work;
  const small_disk disk{work / "disk", "64k"};
  if (!disk) {
    WARN(not_root);
    return;
  }
  work.write("disk/filling", std::string(60 * 1024, 'x'));
  work.write("in.jsonl", rows(0, 10));
  const finished run = run_reviews(work.path(), {"--input", "in.jsonl", "--output", "sqlite:disk/a.db"});
  INFO(run.err);
  CHECK(run.exit == 3);
  CHECK_THAT(run.err,
             Catch::StartsWith("error: disk full: the database cannot grow (disk/a.db): free some space"));
}

TEST_CASE("a full disk never leaves half a line in a JSON Lines output") {
  const temporary_folder work;
  const small_disk disk{work / "disk", "256k"};
  if (!disk) {
    WARN(not_root);
    return;
  }
  work.write("in.jsonl", rows(0, 3000, 400));
  const finished run =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "disk/a.jsonl", "--summary", "json"});
  INFO(run.err);
  CHECK(run.exit == 3);
  CHECK_THAT(run.err,
             Catch::Contains("error: disk full: cannot write: No space left on device (disk/a.jsonl): free "
                             "some space and run again\n"));
  const auto results = json_lines(work / "disk/a.jsonl");
  CHECK(results.size() == figure(summary_of(run), "records_out"));
  adds_up(summary_of(run));
}

TEST_CASE("a full disk under the dead letters stops the run instead of losing them") {
  const temporary_folder work;
  const small_disk disk{work / "disk", "64k"};
  if (!disk) {
    WARN(not_root);
    return;
  }
  std::string input;
  for (int i = 0; i < 2000; ++i)
    input += "{\"broken\": " + std::string(100, '1') + "\n";
  work.write("in.jsonl", input);
  const finished run = run_reviews(work.path(), {"--input", "in.jsonl", "--dead-letters", "disk/dead.jsonl",
                                                 "--max-dead-letters", "100", "--summary", "json"});
  INFO(run.err);
  CHECK(run.exit == 3);
  CHECK_THAT(run.err, Catch::Contains("error: cannot write the dead-letter file: No space left on device "
                                      "(disk/dead.jsonl): free some space, then run again\n"));
  CHECK(json_lines(work / "disk/dead.jsonl").size() == figure(summary_of(run), "dead_letters"));
  adds_up(summary_of(run));
}
