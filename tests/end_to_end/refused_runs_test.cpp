// Runs that cannot begin: exit 2, one line that says what, where and how to mend it, and nothing is touched.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace weir::test;

namespace {

const std::string help = " (command line): see review-stream --help or review-stream COMMAND --help\n";

/// Runs and expects to be refused with exactly `message`.
void refused(const temporary_folder& work, std::vector<std::string> arguments, const std::string& message) {
  arguments.insert(arguments.end(), {"--output", "sqlite:untouched.db"});
  const finished run = run_reviews(work.path(), arguments);
  CHECK(run.exit == 2);
  CHECK(run.err == "error: " + message);
  CHECK(run.out.empty());
  CHECK_FALSE(std::filesystem::exists(work / "untouched.db"));
  CHECK_FALSE(std::filesystem::exists(work / "dead-letters.jsonl"));
}

} // namespace

TEST_CASE("a missing input file is named before anything is read or written") {
  const temporary_folder work;
  work.write("there.jsonl", rows(0, 1));
  refused(work, {"--input", "there.jsonl", "--input", "none.jsonl"},
          "cannot read input file: No such file or directory (none.jsonl): check the path and that you may "
          "read it\n");
}

TEST_CASE("an input directory and an input file without permission are named") {
  const temporary_folder work;
  work.write("closed/a.jsonl", rows(0, 1));
  work.write("secret.jsonl", rows(0, 1));
  std::filesystem::permissions(work / "closed", std::filesystem::perms::none);
  std::filesystem::permissions(work / "secret.jsonl", std::filesystem::perms::none);
  const finished directory = run_reviews(work.path(), {"--input", "closed"}, {.obeys_permissions = true});
  CHECK(directory.exit == 2);
  CHECK(directory.err ==
        "error: cannot read input directory: Permission denied (closed): check the path and that you "
        "may read it\n");
  const finished file = run_reviews(work.path(), {"--input", "secret.jsonl"}, {.obeys_permissions = true});
  CHECK(file.exit == 2);
  CHECK(file.err ==
        "error: cannot read input file: Permission denied (secret.jsonl): check the path and that you may "
        "read it\n");
  CHECK_FALSE(std::filesystem::exists(work / "reviews.db"));
  std::filesystem::permissions(work / "closed", std::filesystem::perms::owner_all);
}

TEST_CASE("an input directory without files is named") {
  const temporary_folder work;
  std::filesystem::create_directory(work / "empty");
  refused(work, {"--input", "empty"},
          "no files in the input directory (empty): name a directory that holds the files to read\n");
}

TEST_CASE("an unknown flag, command or format is named") {
  const temporary_folder work;
  refused(work, {"--nonsense"}, "The following argument was not expected: --nonsense" + help);
  refused(work, {"--summary", "xml"}, "--summary: xml not in {text,json}" + help);
  refused(work, {"--limit", "-3"}, "--limit: '-3' is not a whole number" + help);
  refused(work, {"--limit", "many"}, "--limit: 'many' is not a whole number" + help);
  const finished none = run_program(review_stream(), {});
  CHECK(none.exit == 2);
  CHECK(none.err == "error: A subcommand is required" + help);
  const finished unknown = run_program(review_stream(), {"dance"});
  CHECK(unknown.exit == 2);
}

TEST_CASE("a flag's value that makes no sense is named with an example of one that does") {
  const temporary_folder work;
  refused(
      work, {"--workers", "banana"},
      "'banana' is not a number of workers (--workers): give a number such as 4, or a range such as 2..10\n");
  refused(work, {"--timeout", "soon"},
          "'soon' is not a duration (--timeout): give a number and a unit: 500ms, 30s, 5m, 1h\n");
  refused(work, {"--drain-timeout", "10"},
          "'10' is not a duration (--drain-timeout): give a number and a unit: 500ms, 30s, 5m, 1h\n");
  refused(work, {"--isolation", "cloud"},
          "unknown isolation 'cloud' (--isolation): use shared, thread or process\n");
  refused(work, {"--input", "ftp:x"},
          "unknown kind of input 'ftp' (--input ftp:x): use a file, a directory, or - for standard input\n");
}

TEST_CASE("an output that cannot be is named before anything is read") {
  const temporary_folder work;
  refused(work, {"--output", "nonsense:x"},
          "unknown kind of output 'nonsense' (--output nonsense:x): use sqlite:FILE, jsonl:FILE, csv:FILE, a "
          "path, or "
          "- for "
          "standard output\n");
  refused(work, {"--output", "a.jsonl", "--output", "jsonl:a.jsonl"},
          "the same output twice: 'a.jsonl' (--output): give each output once\n");
  const finished folder = run_reviews(work.path(), {"--output", "jsonl:no/such/folder/a.jsonl"});
  CHECK(folder.exit == 2);
  CHECK(folder.err ==
        "error: cannot open output file: No such file or directory (no/such/folder/a.jsonl): check that "
        "the directory exists and that you may write there\n");
  work.write("notes.db", std::string(5000, 'x'));
  const finished no_database = run_reviews(work.path(), {"--output", "notes.db"});
  CHECK(no_database.exit == 2);
  CHECK(no_database.err ==
        "error: this file is not an SQLite database (notes.db): name another file or move this one away\n");
}

TEST_CASE("a model that is missing or damaged is named") {
  const temporary_folder work;
  const std::string good = read_file(WEIR_SOURCE_DIR "/apps/review_stream/data/sentiment.model");
  REQUIRE(good.size() > 1000);
  std::string damaged = good;
  damaged[good.size() / 2] ^= 1;
  work.write("damaged.model", damaged);
  work.write("cut.model", good.substr(0, good.size() / 2));
  work.write("text.model", "This is not a model.\n");
  work.write("empty.model", "");
  for (const std::string name : {"none", "damaged", "cut", "text", "empty"}) {
    const finished run = run_reviews(work.path(), {"--model", name + ".model"});
    INFO(run.err);
    CHECK(run.exit == 2);
    CHECK_THAT(run.err, Catch::StartsWith("error: "));
    CHECK_THAT(run.err, Catch::Contains("(" + name + ".model): "));
    CHECK_FALSE(std::filesystem::exists(work / "reviews.db"));
  }
}

TEST_CASE("help and version are answers, not errors") {
  CHECK(run_program(review_stream(), {"--help"}).exit == 0);
  const finished help_of_run = run_program(review_stream(), {"run", "--help"});
  CHECK(help_of_run.exit == 0);
  CHECK_THAT(help_of_run.out, Catch::Contains("--drain-timeout"));
  const finished version = run_program(review_stream(), {"--version"});
  CHECK(version.exit == 0);
  CHECK_THAT(version.out, Catch::StartsWith("review-stream "));
}
