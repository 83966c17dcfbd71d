#include <actors/sqlite/sqlite_dead_letters.hpp>

#include <actors/sqlite/sqlite_database.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::actors;
using weir::test::temporary_folder;

namespace {

dead_letter letter(std::string id, std::string payload) {
  dead_letter d;
  d.id = std::move(id);
  d.node = "parse";
  d.workflow = "w";
  d.cause = "broken";
  d.payload = std::move(payload);
  return d;
}

std::string ask(const std::string& path, const std::string& sql) {
  auto db = sqlite_database::open(path, {.read_only = true});
  REQUIRE(db);
  auto query = db->prepare(sql);
  REQUIRE(query);
  REQUIRE(*query->step());
  return std::string{query->text(0)};
}

} // namespace

TEST_CASE("dead letters are kept in a table with the record as it was, bytes that are no text too") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  const auto sink = sqlite_dead_letters(path);
  REQUIRE(sink->write(std::vector{letter("lines:1", "{\"id\":"), letter("lines:2", "\xff\x01")}));
  REQUIRE(sink->write(std::vector{letter("lines:3", "x")}));
  CHECK(ask(path, "SELECT group_concat(id, ' ') FROM dead_letters") == "lines:1 lines:2 lines:3");
  CHECK(ask(path, "SELECT payload || cause || first_seen FROM dead_letters WHERE id = 'lines:1'") ==
        "{\"id\":broken1970-01-01T00:00:00.000Z");
  CHECK(ask(path, "SELECT typeof(payload) || hex(payload) FROM dead_letters WHERE id = 'lines:2'") ==
        "blobFF01");
}

TEST_CASE("a dead letter that one of several sinks could not take is not written twice to the others") {
  const temporary_folder folder;
  const std::string path = folder / "a.db";
  const auto memory = std::make_shared<dead_letter_memory>();
  const auto both = dead_letters_to_all({memory, sqlite_dead_letters(path)});
  auto other = sqlite_database::open(path);
  REQUIRE(other);
  REQUIRE(other->execute("BEGIN EXCLUSIVE"));
  const auto refused = both->write(std::vector{letter("lines:1", "x")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_kind::transient);
  REQUIRE(other->execute("COMMIT"));
  REQUIRE(both->write(std::vector{letter("lines:1", "x")}));
  REQUIRE(both->write(std::vector{letter("lines:2", "y")}));
  CHECK(memory->letters().size() == 2);
  CHECK(ask(path, "SELECT group_concat(id, ' ') FROM dead_letters") == "lines:1 lines:2");
}
