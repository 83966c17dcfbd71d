#include <actors/sqlite/sqlite_sink.hpp>
#include <tests/actors/support/surroundings.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <weir/node/concepts.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

struct score {
  std::string id;
  double value;
};
static_assert(sink_class<sqlite_sink<score>>);

using scores = std::vector<score>;

sqlite_table_options table_in(std::string path, std::shared_ptr<sqlite_counters> counters = nullptr) {
  return {
      .path = std::move(path),
      .schema = {"CREATE TABLE IF NOT EXISTS scores (id TEXT PRIMARY KEY, value REAL CHECK (value >= 0))"},
      .insert = "INSERT INTO scores VALUES (?, ?) ON CONFLICT DO NOTHING",
      .counters = std::move(counters),
      .connection = {.busy_timeout = 1ms}};
}

void bind(sqlite_statement& row, const score& s) {
  row.bind_borrowed(1, s.id);
  row.bind(2, s.value);
}

std::int64_t rows_in(const std::string& path) {
  auto database = sqlite_database::open(path, {.read_only = true});
  REQUIRE(database);
  auto count = database->prepare("SELECT count(*) FROM scores");
  REQUIRE(count);
  REQUIRE(count->step());
  return count->integer(0);
}

scores large_scores(int from, int count) {
  scores made;
  for (int i = 0; i < count; ++i)
    made.push_back({std::to_string(from + i) + std::string(500, 'x'), 1});
  return made;
}

} // namespace

TEST_CASE("a task is stored and a repeated id is ignored and counted") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  const auto counters = std::make_shared<sqlite_counters>();
  sqlite_sink<score> sink{table_in(path, counters), bind};
  sink.on_start();
  CHECK(sink.write(scores{{"a", 1}, {"b", 2}, {"a", 3}}));
  CHECK(sink.write(scores{{"b", 4}, {"c", 5}}));
  CHECK(rows_in(path) == 3);
  CHECK(counters->inserted == 3);
  CHECK(counters->ignored == 2);
  sink.on_drain();
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST_CASE("a new row that asks for it is followed by a second one, in its transaction") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  auto table = table_in(path);
  table.schema.emplace_back("CREATE TABLE IF NOT EXISTS best (id TEXT PRIMARY KEY)");
  table.follow_up = "INSERT INTO best VALUES (?)";
  const auto follow_up = [](sqlite_statement& row, const score& s) {
    row.bind_borrowed(1, s.id);
    return s.value >= 10;
  };
  const auto best = [&path] {
    auto database = sqlite_database::open(path, {.read_only = true});
    auto query = database->prepare("SELECT coalesce(group_concat(id), '') FROM best");
    REQUIRE(query->step());
    return std::string{query->text(0)};
  };
  sqlite_sink<score> sink{table, bind, follow_up};
  CHECK(sink.write(scores{{"a", 1}, {"b", 10}, {"a", 20}})); // the second a is ignored, so not followed
  CHECK(best() == "b");
  CHECK_FALSE(sink.write(scores{{"c", 30}, {"d", -1}}));
  CHECK(best() == "b");
  CHECK(sink.write(scores{{"c", 30}}));
  CHECK(best() == "b,c");
  CHECK(rows_in(path) == 3);
}

TEST_CASE("a second statement that fails takes the task back") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  auto table = table_in(path);
  table.schema.emplace_back("CREATE TABLE IF NOT EXISTS best (id TEXT CHECK (id <> 'b'))");
  table.follow_up = "INSERT INTO best VALUES (?)";
  sqlite_sink<score> sink{table, bind, [](sqlite_statement& row, const score& s) {
                            row.bind_borrowed(1, s.id);
                            return true;
                          }};
  CHECK_FALSE(sink.write(scores{{"a", 1}, {"b", 1}}));
  CHECK(rows_in(path) == 0);
}

TEST_CASE("a row that is refused takes its whole task back and names the reason") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  const auto counters = std::make_shared<sqlite_counters>();
  sqlite_sink<score> sink{table_in(path, counters), bind};
  sink.on_start();
  const auto refused = sink.write(scores{{"a", 1}, {"b", -1}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_kind::permanent);
  CHECK(refused.error().what == "SQLite: CHECK constraint failed: value >= 0");
  CHECK(rows_in(path) == 0);
  CHECK(counters->inserted == 0);
  CHECK(sink.write(scores{{"a", 1}}));
  CHECK(rows_in(path) == 1);
}

TEST_CASE("a bind function that throws takes its whole task back") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  sqlite_sink<score> sink{table_in(path), [](sqlite_statement& row, const score& s) {
                            if (s.id == "bad")
                              throw std::runtime_error("bad");
                            bind(row, s);
                          }};
  sink.on_start();
  CHECK_THROWS(sink.write(scores{{"a", 1}, {"bad", 1}}));
  CHECK(rows_in(path) == 0);
  CHECK(sink.write(scores{{"a", 1}}));
  CHECK(rows_in(path) == 1);
}

TEST_CASE("a locked database is tried again and then takes the task once") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  const auto counters = std::make_shared<sqlite_counters>();
  auto other = sqlite_database::open(path);
  REQUIRE(other);
  REQUIRE(other->execute("BEGIN IMMEDIATE"));
  sqlite_sink<score> sink{table_in(path, counters), bind};
  sink.on_start(); // a lock is no reason not to start
  const scores task{{"a", 1}, {"b", 2}};
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto locked = sink.write(task);
    REQUIRE_FALSE(locked);
    CHECK(locked.error().kind == error_kind::transient);
    CHECK(locked.error().what == "the database is locked (" + path + "): another process is writing");
  }
  REQUIRE(other->execute("COMMIT"));
  CHECK(sink.write(task));
  REQUIRE(other->execute("BEGIN IMMEDIATE"));
  CHECK_FALSE(sink.write(scores{{"c", 3}}));
  REQUIRE(other->execute("ROLLBACK"));
  CHECK(sink.write(scores{{"c", 3}}));
  CHECK(rows_in(path) == 3);
  CHECK(counters->inserted == 3);
  CHECK(counters->ignored == 0);
}

TEST_CASE("a database that may not grow is an exhausted error and keeps whole tasks only") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  auto options = table_in(path);
  options.schema.emplace_back("PRAGMA max_page_count = 20");
  sqlite_sink<score> sink{options, bind};
  sink.on_start();
  int tasks = 0;
  auto written = sink.write(large_scores(0, 20));
  while (written) {
    ++tasks;
    written = sink.write(large_scores(20 * tasks, 20));
  }
  CHECK(written.error().kind == error_kind::exhausted);
  CHECK(written.error().what == "disk full: the database cannot grow");
  CHECK(tasks > 0);
  CHECK(rows_in(path) == 20 * tasks);
}

TEST_CASE("a full disk is an exhausted error and keeps whole tasks only") {
  const temporary_folder folder;
  const small_disk disk{folder.path()};
  if (!disk) {
    WARN("skipped: cannot mount a small file system");
    return;
  }
  const std::string path = folder / "a.db";
  sqlite_sink<score> sink{table_in(path), bind};
  sink.on_start();
  int tasks = 0;
  auto written = sink.write(large_scores(0, 5));
  while (written && tasks < 1000) {
    ++tasks;
    written = sink.write(large_scores(5 * tasks, 5));
  }
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == error_kind::exhausted);
  CHECK(written.error().message() ==
        "disk full: the database cannot grow (" + path + "): free some space and run again");
  CHECK(rows_in(path) == 5 * tasks);
}

TEST_CASE("a disk that is full from the start is an exhausted error") {
  const temporary_folder folder;
  const small_disk disk{folder.path()};
  if (!disk) {
    WARN("skipped: cannot mount a small file system");
    return;
  }
  folder.write("filler", std::string(60'000, 'x'));
  const auto sink = sqlite_sink<score>::open(table_in(folder / "a.db"), bind);
  REQUIRE_FALSE(sink);
  CHECK(sink.error().kind == error_kind::exhausted);
}

TEST_CASE("a database file that is deleted under way stops the run instead of losing rows") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  auto sink = sqlite_sink<score>::open(table_in(path), bind);
  REQUIRE(sink);
  CHECK(sink->write(scores{{"a", 1}}));
  std::filesystem::remove(path);
  const auto written = sink->write(scores{{"b", 1}});
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == error_kind::exhausted);
  CHECK(written.error().what == "the database file was moved or deleted while in use");
}

TEST_CASE("a table of another version is named with a way out") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  {
    auto database = sqlite_database::open(path);
    REQUIRE(database);
    REQUIRE(database->execute("CREATE TABLE scores (id)"));
  }
  sqlite_sink<score> sink{table_in(path), bind};
  CHECK_THROWS_WITH(sink.on_start(),
                    Catch::Contains("table scores has 1 columns but 2 values were supplied") &&
                        Catch::Contains("name a new file"));
}
