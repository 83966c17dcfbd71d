#include <actors/sqlite/sqlite_database.hpp>
#include <tests/actors/support/surroundings.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <filesystem>
#include <string>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;
using namespace std::chrono_literals;

TEST_CASE("what is bound is what is read back") {
  const temporary_folder folder;
  auto database = sqlite_database::open(folder / "a.db");
  REQUIRE(database);
  REQUIRE(database->execute("CREATE TABLE t (a, b, c, d, e, f)"));
  auto insert = database->prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)");
  REQUIRE(insert);
  const std::string with_zero{"a\0b", 3};
  insert->bind(1, std::string_view{with_zero});
  insert->bind(2, std::int64_t{-1} << 62U);
  insert->bind(3, 0.5);
  insert->bind(4, nullptr);
  insert->bind_borrowed(5, std::string_view{});
  insert->bind(6, std::optional<int>{});
  const auto inserted = insert->step();
  REQUIRE(inserted);
  CHECK_FALSE(*inserted);
  auto select = database->prepare("SELECT *, typeof(e) FROM t");
  REQUIRE(select);
  const auto row = select->step();
  REQUIRE(row);
  REQUIRE(*row);
  CHECK(select->text(0) == with_zero);
  CHECK(select->integer(1) == std::int64_t{-1} << 62U);
  CHECK(select->real(2) == 0.5);
  CHECK(select->is_null(3));
  CHECK(select->text(4).empty());
  CHECK(select->is_null(5));
  CHECK(select->text(6) == "text");
}

TEST_CASE("a parameter that does not exist shows in the step") {
  const temporary_folder folder;
  auto database = sqlite_database::open(folder / "a.db");
  REQUIRE(database);
  auto select = database->prepare("SELECT ?");
  REQUIRE(select);
  select->bind(2, 1);
  const auto row = select->step();
  REQUIRE_FALSE(row);
  CHECK(row.error().kind == error_kind::permanent);
}

TEST_CASE("wrong SQL is a permanent error in SQLite's words") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  auto database = sqlite_database::open(path);
  REQUIRE(database);
  const auto done = database->execute("INSERT INTO missing VALUES (1)");
  REQUIRE_FALSE(done);
  CHECK(done.error().message() == "SQLite: no such table: missing (" + path + ")");
  CHECK(done.error().kind == error_kind::permanent);
}

TEST_CASE("a database in a directory that is missing says what to check") {
  const auto database = sqlite_database::open("/nowhere/a.db");
  REQUIRE_FALSE(database);
  CHECK(database.error().kind == error_kind::permanent);
  CHECK(database.error().message() == "cannot open the database: unable to open database file: No such file "
                                      "or directory (/nowhere/a.db): check "
                                      "that the directory exists and that you may write there");
}

TEST_CASE("a file that is no database is left alone") {
  const temporary_folder folder;
  const std::string path = folder.write("notes.txt", std::string(5000, 'x'));
  const auto database = sqlite_database::open(path);
  REQUIRE_FALSE(database);
  CHECK(database.error().kind == error_kind::permanent);
  CHECK(database.error().what == "this file is not an SQLite database");
  CHECK(read_file(path) == std::string(5000, 'x'));
}

TEST_CASE("a database that may only be read is a permanent error for a writer") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  {
    auto database = sqlite_database::open(path);
    REQUIRE(database);
    REQUIRE(database->execute("CREATE TABLE t (a)"));
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0555});
  std::filesystem::permissions(path, std::filesystem::perms{0444});
  {
    const without_privileges nobody;
    if (nobody) {
      auto database = sqlite_database::open(path);
      const result<> done =
          database ? database->execute("INSERT INTO t VALUES (1)") : result<>{database.error()};
      REQUIRE_FALSE(done);
      CHECK(done.error().kind == error_kind::permanent);
      CHECK(done.error().fix.starts_with("check "));
    } else {
      WARN("skipped: cannot drop the rights of root");
    }
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

TEST_CASE("a reader sees what a writer has committed") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  CHECK_FALSE(sqlite_database::open(path, {.read_only = true}));
  auto writer = sqlite_database::open(path);
  REQUIRE(writer);
  REQUIRE(writer->execute("CREATE TABLE t (a); INSERT INTO t VALUES (7)"));
  CHECK(writer->changes() == 1);
  auto reader = sqlite_database::open(path, {.read_only = true});
  REQUIRE(reader);
  auto select = reader->prepare("SELECT a FROM t");
  REQUIRE(select);
  REQUIRE(select->step());
  CHECK(select->integer(0) == 7);
  CHECK_FALSE(reader->execute("INSERT INTO t VALUES (8)"));
}

TEST_CASE("a database that someone else is writing is a transient error") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  auto first = sqlite_database::open(path);
  auto second = sqlite_database::open(path, {.busy_timeout = 1ms});
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(first->execute("BEGIN IMMEDIATE"));
  CHECK(first->in_transaction());
  const auto locked = second->execute("BEGIN IMMEDIATE");
  REQUIRE_FALSE(locked);
  CHECK(locked.error().kind == error_kind::transient);
  CHECK(locked.error().message() == "the database is locked (" + path +
                                        "): another process is writing: wait for it "
                                        "or stop it; the write is tried again");
}
