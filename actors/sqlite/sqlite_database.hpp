#pragma once

// A connection to an SQLite file, and its statements.
//
// Opened for a writer beside readers: write-ahead log, `synchronous = NORMAL` (a crash of the process loses
// nothing that was committed, a power failure may lose the last transactions, never the database). How errors
// come back:
//   transient  the database is locked by someone else
//   exhausted  no space left on the disk (or under PRAGMA max_page_count), or the file is damaged
//   permanent  no database, not writable, wrong SQL, a constraint
// Thread-safety: one thread at a time for a connection and all its statements.
//
// The first open() of the process turns off SQLite's count of its memory (sqlite3_memory_used() answers 0).

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace weir::actors {

class sqlite_database;

/// A prepared statement. Parameters and columns are numbered as in SQLite: parameters from 1, columns from 0.
/// A bind that fails shows in the next step(). Must not be used after its database.
class sqlite_statement {
 public:
  void bind(int parameter, std::nullptr_t);
  void bind(int parameter, double value);
  /// Copies the text. Bytes are stored as they are.
  void bind(int parameter, std::string_view text);
  /// Does not copy: `text` must live until the statement has been run and reset (in a sink: as long as its
  /// record).
  void bind_borrowed(int parameter, std::string_view text);
  template <std::integral I>
  void bind(int parameter, I value) {
    bind_integer(parameter, static_cast<std::int64_t>(value));
  }
  template <class V>
  void bind(int parameter, const std::optional<V>& value) {
    value ? bind(parameter, *value) : bind(parameter, nullptr);
  }

  /// Runs to the next row; false when there is none (any more).
  result<bool> step();
  /// Makes the statement ready to run again; parameters keep their values.
  void reset() noexcept;

  std::int64_t integer(int column) const noexcept;
  double real(int column) const noexcept;
  /// Valid until the next step() or reset(); empty for NULL.
  std::string_view text(int column) const noexcept;
  bool is_null(int column) const noexcept;

 private:
  friend class sqlite_database;
  struct finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  sqlite_statement(sqlite3_stmt* statement, const std::string* path) : statement_(statement), path_(path) {}
  void bind_integer(int parameter, std::int64_t value);
  void check(int code) noexcept {
    if (bind_code_ == 0)
      bind_code_ = code;
  }

  std::unique_ptr<sqlite3_stmt, finalize> statement_;
  const std::string* path_;
  int bind_code_ = 0;
};

struct sqlite_options {
  /// How long a call waits for another writer before it answers that the database is locked. Default 1 s.
  /// More makes a lock less visible, and the thread hang longer.
  duration busy_timeout = std::chrono::seconds{1};
  /// Pages kept in memory. Default 32 MiB. More helps when keys come in no order and the file is large.
  std::size_t cache_bytes = std::size_t{32} << 20U;
  /// The log is folded into the file, which is when the disk is waited for, each time it has grown to this.
  /// Default 40 MiB. More makes writing faster, and the log and the time to reopen after a crash larger.
  std::size_t log_bytes = std::size_t{40} << 20U;
  /// Open an existing database for reading only. Default false.
  bool read_only = false;
};

class sqlite_database {
 public:
  /// Opens `path`, creating the file if need be (not when reading only).
  static result<sqlite_database> open(const std::string& path, sqlite_options options = {});

  /// Runs one or more statements that have no parameters and whose rows are of no interest.
  result<> execute(const std::string& sql);
  result<sqlite_statement> prepare(std::string_view sql);

  /// Rows that the last INSERT, UPDATE or DELETE changed; 0 when it was ignored.
  std::int64_t changes() const noexcept;
  /// Whether BEGIN was run and neither COMMIT nor ROLLBACK since.
  bool in_transaction() const noexcept;
  /// Whether the file was moved or deleted since it was opened: what is written now would be lost with this
  /// process.
  bool file_is_gone() const noexcept;
  const std::string& path() const noexcept { return *path_; }

 private:
  struct close {
    void operator()(sqlite3* database) const noexcept;
  };
  sqlite_database() = default;

  std::unique_ptr<const std::string> path_; ///< its address is kept by statements
  std::unique_ptr<sqlite3, close> database_;
};

} // namespace weir::actors
