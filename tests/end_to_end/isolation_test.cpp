// review-stream with its workers in processes of their own: the same results, whatever kills them.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// The children of a process, now.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> all;
  std::error_code gone;
  for (const auto& thread :
       std::filesystem::directory_iterator{"/proc/" + std::to_string(parent) + "/task", gone}) {
    std::ifstream children{thread.path() / "children"};
    for (pid_t child = 0; children >> child;)
      all.push_back(child);
  }
  return all;
}

/// The worker processes of a run: children of its only child.
std::vector<pid_t> workers_of(const process& run) {
  std::vector<pid_t> all;
  for (const pid_t nursery : children_of(run.pid()))
    for (const pid_t worker : children_of(nursery))
      all.push_back(worker);
  return all;
}

std::string everything(const std::filesystem::path& database) {
  return ask_text(database, "SELECT group_concat(line, char(10)) FROM (SELECT id || language || sentiment || "
                            "score || topics || urgency || route || coalesce(response, '-') || auto_send AS "
                            "line FROM reviews ORDER BY id)");
}

void generate(const temporary_folder& work, int count) {
  const finished made = process{
      review_stream(),
      {"generate", "--count", std::to_string(count), "--seed", "3"},
      {.folder =
           work.path()}}.wait();
  REQUIRE(made.exit == 0);
  work.write("in.jsonl", made.out);
}

} // namespace

TEST_CASE("with workers in processes the results are those of workers on threads") {
  const temporary_folder work;
  generate(work, 4'000);
  for (const char* where : {"thread", "process"}) {
    const finished run =
        run_reviews(work.path(), {"--input", "in.jsonl", "--output", std::string{where} + ".db",
                                  "--isolation", where, "--workers", "2", "--admin", "off"});
    INFO(run.err);
    REQUIRE(run.exit == 0);
  }
  CHECK(stored(work / "process.db") == stored(work / "thread.db"));
  const std::string expected = everything(work / "thread.db");
  REQUIRE(expected.size() > 100'000);
  CHECK(everything(work / "process.db") == expected);
}

TEST_CASE("worker processes that are killed while it runs cost no review and double none") {
  const temporary_folder work;
  generate(work, 6'000);
  const finished whole = run_reviews(
      work.path(), {"--input", "in.jsonl", "--output", "whole.db", "--workers", "2", "--admin", "off"});
  REQUIRE(whole.exit == 0);
  process run{review_stream(),
              {"run", "--input", "in.jsonl", "--output", "shot.db", "--isolation", "process", "--workers",
               "2", "--rate", "3000", "--batch", "100", "--retries", "20", "--admin", "off", "--summary",
               "json"},
              {.folder = work.path()}};
  int killed = 0;
  while (run.runs_for(150ms)) {
    const auto workers = workers_of(run);
    if (!workers.empty() && killed < 5)
      killed += ::kill(workers[static_cast<std::size_t>(killed) % workers.size()], SIGKILL) == 0 ? 1 : 0;
  }
  const finished end = run.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK(killed == 5);
  CHECK(figure(summary_of(end), "restarts") >= 1);
  const std::string expected = everything(work / "whole.db");
  REQUIRE(expected.size() > 100'000);
  CHECK(everything(work / "shot.db") == expected);
}

TEST_CASE("worker processes end with the run, also when it is killed") {
  const temporary_folder work;
  process run{review_stream(),
              {"run", "--input", "-", "--output", "a.db", "--isolation", "process", "--workers", "2",
               "--admin", "off"},
              {.folder = work.path(), .input = process::stream::piped}};
  std::vector<pid_t> workers;
  REQUIRE(eventually(run, [&] {
    workers = workers_of(run);
    return workers.size() == 6; // two for each of three steps
  }));
  run.send_signal(SIGKILL);
  CHECK(run.wait().signal == SIGKILL);
  for (const pid_t worker : workers) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (::kill(worker, 0) == 0 && std::chrono::steady_clock::now() < end)
      ::usleep(1'000);
    CHECK(::kill(worker, 0) != 0);
  }
}
