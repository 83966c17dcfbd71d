// Signals to a run whose input has not ended.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/end_to_end/support/surroundings.hpp>
#include <tests/support/catch.hpp>

#include <csignal>
#include <string>

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// A run that reads what the test writes.
class fed_run : public process {
 public:
  explicit fed_run(const temporary_folder& work, std::vector<std::string> more = {})
      : process(review_stream(), arguments(std::move(more)),
                {.folder = work.path(), .input = process::stream::piped}) {}

 private:
  static std::vector<std::string> arguments(std::vector<std::string> more) {
    more.insert(more.begin(), {"run", "--input", "-", "--output", "a.db", "--summary", "json"});
    return more;
  }
};

} // namespace

TEST_CASE("SIGTERM and SIGINT store what was read and end the run cleanly") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const temporary_folder work;
    fed_run run{work};
    REQUIRE(run.write(rows(0, 1000) + "broken\n"));
    CHECK(eventually(run, [&] { return stored(work / "a.db") > 0; }));
    run.send_signal(signal);
    CHECK(run.says(
        "draining: what was read is being stored, for at most 30.0 s; a second signal stops at once\n"));
    CHECK(eventually(run, [&] { return !run.runs_for(1ms); })); // although its input is still open
    const finished end = run.wait();
    INFO(end.err);
    CHECK(end.exit == 0);
    const auto summary = summary_of(end);
    CHECK(figure(summary, "records_out") == static_cast<std::uint64_t>(stored(work / "a.db")));
    CHECK(figure(summary, "records_in") == figure(summary, "records_out") + figure(summary, "dead_letters"));
    CHECK(summary.at("status") == "drained");
  }
}

TEST_CASE("a drain in the middle of much input stores all that was read, and running again completes it") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 60000));
  process run{review_stream(),
              {"run", "--input", "in.jsonl", "--output", "a.db", "--summary", "json"},
              {.folder = work.path()}};
  CHECK(eventually(run, [&] { return stored(work / "a.db") > 0; }));
  run.send_signal(SIGTERM);
  const finished end = run.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK(figure(summary_of(end), "records_in") == static_cast<std::uint64_t>(stored(work / "a.db")));
  CHECK(run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db"}).exit == 0);
  CHECK(stored(work / "a.db") == 60000);
}

TEST_CASE("a second SIGINT ends a drain at once, by the number of the signal") {
  const temporary_folder work;
  const lock_on lock{work / "a.db"}; // so that the drain has to wait
  fed_run run{work};
  REQUIRE(run.write(rows(0, 100) + "broken\n"));
  CHECK(eventually(run, [&] { return !read_file(work / "dead-letters.jsonl").empty(); }));
  run.send_signal(SIGINT);
  CHECK(run.says("draining: "));
  const auto asked = std::chrono::steady_clock::now();
  run.send_signal(SIGINT);
  CHECK(eventually(run, [&] { return !run.runs_for(1ms); }));
  CHECK(std::chrono::steady_clock::now() - asked < 10s); // far below the 30 s of the drain
  const finished end = run.wait();
  CHECK(end.exit == 128 + SIGINT);
  CHECK(figure(summary_of(end), "exit") == 128 + SIGINT);
  CHECK(figure(summary_of(end), "undelivered") == 101); // the dead letter is not in the database either
}

TEST_CASE("SIGHUP has a run read model, rules and responses again and go on") {
  const temporary_folder work;
  fed_run run{work};
  REQUIRE(run.write(rows(0, 100)));
  CHECK(eventually(run, [&] { return stored(work / "a.db") > 0; }));
  run.send_signal(SIGHUP);
  CHECK(run.says("SIGHUP: sentiment.model: read again (sentiment-"));
  CHECK(run.says("SIGHUP: topics.toml: read again\n"));
  CHECK(run.says("SIGHUP: responses.toml: read again\n"));
  REQUIRE(run.write(rows(100, 200)));
  CHECK(run.wait().exit == 0);
  CHECK(stored(work / "a.db") == 200);
}

TEST_CASE("a run that is killed leaves a sound database, and running again stores every id once") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 100000));
  for (int kills = 0; kills < 3; ++kills) {
    process run{review_stream(),
                {"run", "--input", "in.jsonl", "--output", "a.db", "--batch", "100"},
                {.folder = work.path()}};
    const auto before = std::max<std::int64_t>(0, stored(work / "a.db"));
    CHECK(eventually(run, [&] { return stored(work / "a.db") > before; }));
    run.send_signal(SIGKILL);
    CHECK(run.wait().signal == SIGKILL);
    CHECK(ask_text(work / "a.db", "PRAGMA integrity_check") == "ok");
    CHECK(stored(work / "a.db") < 100000);
  }
  const auto kept = stored(work / "a.db");
  const finished end =
      run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db", "--summary", "json"});
  CHECK(end.exit == 0);
  CHECK(stored(work / "a.db") == 100000);
  CHECK(figure(summary_of(end), "duplicates") == static_cast<std::uint64_t>(kept));
}
