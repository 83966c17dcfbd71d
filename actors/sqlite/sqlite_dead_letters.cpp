#include <actors/sqlite/sqlite_dead_letters.hpp>

#include <actors/sqlite/sqlite_table.hpp>
#include <weir/base/clock.hpp>
#include <weir/base/utf8.hpp>

#include <mutex>
#include <utility>

namespace weir::actors {

std::string dead_letter_schema() {
  return R"(CREATE TABLE IF NOT EXISTS dead_letters (
  id TEXT NOT NULL,          -- SOURCE:POSITION of the record
  node TEXT NOT NULL,        -- which gave it up
  workflow TEXT NOT NULL,
  cause TEXT NOT NULL,
  kind TEXT NOT NULL,        -- error, timeout, crash, invalid, late, overflow
  attempts INTEGER NOT NULL,
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  payload TEXT NOT NULL      -- the record as it was
))";
}

namespace {

class dead_letter_table final : public dead_letter_sink {
 public:
  explicit dead_letter_table(std::string path)
      : table_({.path = std::move(path),
                .schema = {dead_letter_schema()},
                .insert = "INSERT INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
                          "CASE ?10 WHEN 1 THEN ?9 ELSE CAST(?9 AS BLOB) END)",
                .counters = nullptr}) {}

  result<> write(std::span<const dead_letter> letters) override {
    const std::lock_guard lock{mutex_};
    auto written = table_.begin();
    for (std::size_t i = 0; written && i < letters.size(); ++i)
      written = add(letters[i]);
    if (written)
      return table_.commit();
    table_.roll_back();
    return written;
  }

 private:
  result<> add(const dead_letter& letter) {
    sqlite_statement& row = table_.row();
    row.bind(1, letter.id);
    row.bind(2, letter.node);
    row.bind(3, letter.workflow);
    row.bind(4, to_utf8(letter.cause));
    row.bind(5, to_string(letter.kind));
    row.bind(6, letter.attempts);
    row.bind(7, iso_time(letter.first_seen));
    row.bind(8, iso_time(letter.last_seen));
    row.bind(9, letter.payload);
    row.bind(10, is_utf8(letter.payload) ? 1 : 0);
    return table_.add();
  }

  std::mutex mutex_;
  sqlite_table table_;
};

} // namespace

std::shared_ptr<dead_letter_sink> sqlite_dead_letters(std::string path) {
  return std::make_shared<dead_letter_table>(std::move(path));
}

} // namespace weir::actors
