#pragma once

// A sink that inserts each record as a row into a table of an SQLite file; a task is one transaction.
//
//     auto store = weir::actors::sqlite_sink<score>{
//         {.path = "scores.db",
//          .schema = {"CREATE TABLE IF NOT EXISTS scores (id TEXT PRIMARY KEY, value REAL)"},
//          .insert = "INSERT INTO scores VALUES (?, ?) ON CONFLICT DO NOTHING"},
//         [](weir::actors::sqlite_statement& row, const score& s) { row.bind_borrowed(1, s.id); row.bind(2,
//         s.value); }};
//
// An insert that ignores known keys makes repeated tasks harmless and is counted apart (sqlite_counters).
// A locked database is a transient error: the write is tried again. A full disk is an `exhausted` one.
// Thread-safety: one thread at a time. Blocks for up to the busy timeout: give it a thread of its own.

#include <actors/sqlite/sqlite_table.hpp>

#include <functional>
#include <span>
#include <stdexcept>
#include <utility>

namespace weir::actors {

template <class T>
class sqlite_sink {
 public:
  /// Binds the parameters of the insert.
  using binder = std::function<void(sqlite_statement&, const T&)>;
  /// Binds the parameters of sqlite_table_options::follow_up; false: this record needs none.
  using follow_up_binder = std::function<bool(sqlite_statement&, const T&)>;

  /// A sink that opens its database when the workflow starts. With a `follow_up`, the table must have one: it
  /// is run behind each new row for which the binder says true, in the same transaction.
  sqlite_sink(sqlite_table_options table, binder bind, follow_up_binder follow_up = {})
      : table_(std::move(table)), bind_(std::move(bind)), follow_up_(std::move(follow_up)) {}
  /// The same, opened at once, so that a bad path shows before anything runs.
  static result<sqlite_sink> open(sqlite_table_options table, binder bind, follow_up_binder follow_up = {}) {
    sqlite_sink sink{std::move(table), std::move(bind), std::move(follow_up)};
    if (auto opened = sink.table_.open(); !opened)
      return std::move(opened).error();
    return sink;
  }

  /// A database that is locked at the start is tried again by the first write.
  void on_start() {
    if (auto opened = table_.open(); !opened && opened.error().kind != error_kind::transient)
      throw std::runtime_error(opened.error().message());
  }

  result<> write(std::span<const T> records) {
    if (auto begun = table_.begin(); !begun)
      return begun;
    const roll_back_unless_committed guard{table_};
    for (const T& record : records) {
      bind_(table_.row(), record);
      if (auto added = table_.add(); !added)
        return added;
      if (follow_up_ && table_.is_new() && follow_up_(table_.follow_up(), record))
        if (auto added = table_.add_follow_up(); !added)
          return added;
    }
    return table_.commit();
  }

  void on_drain() { table_.close(); }

 private:
  struct roll_back_unless_committed {
    sqlite_table& table;
    ~roll_back_unless_committed() { table.roll_back(); }
  };

  sqlite_table table_;
  binder bind_;
  follow_up_binder follow_up_;
};

} // namespace weir::actors
