#pragma once

// One table that tasks are inserted into: a transaction a task, all rows or none. What sqlite_sink.hpp stands
// on, without its record type. Thread-safety: one thread at a time; the counters may be read by any.

#include <actors/sqlite/sqlite_database.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::actors {

/// Rows of committed transactions. When the outcome of a commit was unknown and the task was repeated, its
/// rows may have been counted as ignored.
struct sqlite_counters {
  std::atomic<std::uint64_t> inserted{0};
  /// Rows that the insert left out: a key that was there already, with `INSERT OR IGNORE` or `ON CONFLICT DO
  /// NOTHING`.
  std::atomic<std::uint64_t> ignored{0};
};

struct sqlite_table_options {
  std::string path;
  /// Run when the database is opened: `CREATE TABLE IF NOT EXISTS …`, indexes, pragmas.
  std::vector<std::string> schema;
  /// One row, with parameters.
  std::string insert;
  /// What some new rows are to be followed by, with parameters of its own: a row of another table. Empty =
  /// nothing. In place of a trigger, which would make every row slower, followed or not.
  std::string follow_up = {};
  /// Where to count rows; may be null.
  std::shared_ptr<sqlite_counters> counters;
  sqlite_options connection{};
};

class sqlite_table {
 public:
  explicit sqlite_table(sqlite_table_options options) : options_(std::move(options)) {}
  /// A copy has a connection of its own.
  sqlite_table(const sqlite_table& other) : options_(other.options_) {}
  sqlite_table(sqlite_table&&) noexcept = default;
  sqlite_table& operator=(sqlite_table&&) noexcept = default;
  ~sqlite_table() = default;

  /// Opens the database and prepares the insert; nothing to do when that was done.
  result<> open();
  /// Opens if need be and begins a transaction. Other failures than a lock or a full disk are `exhausted`
  /// too, since no record can be at fault.
  result<> begin();
  /// The insert, to bind the parameters of a row.
  sqlite_statement& row() noexcept { return *insert_; }
  /// Inserts the row.
  result<> add();
  /// Whether the last add() made a new row: it was not ignored.
  bool is_new() const noexcept { return new_; }
  /// The second statement, to bind its parameters; only if there is one.
  sqlite_statement& follow_up() noexcept { return *follow_up_; }
  /// Runs the second statement.
  result<> add_follow_up();
  /// Commits; on failure nothing of the transaction is there.
  result<> commit();
  /// Gives up the transaction, if there is one.
  void roll_back() noexcept;
  /// Closes the database; the last connection to it folds the log into the file.
  void close() noexcept;

 private:
  result<> open_now();

  sqlite_table_options options_;
  std::optional<sqlite_database> database_;
  std::optional<sqlite_statement> begin_;
  std::optional<sqlite_statement> insert_;
  std::optional<sqlite_statement> follow_up_;
  std::optional<sqlite_statement> commit_;
  std::uint64_t inserted_ = 0; ///< in this transaction
  std::uint64_t ignored_ = 0;
  bool new_ = false;
};

} // namespace weir::actors
