#include <actors/sqlite/sqlite_database.hpp>
#include <actors/sqlite/sqlite_error.hpp>

#include <string>
#include <utility>

#include <sqlite3.h>

namespace weir::actors {

void sqlite_database::close::operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }

namespace {

/// SQLite counts its memory under a global lock, twice a row. Refused, and harmless, when the program has
/// used SQLite before.
void do_not_count_memory() {
  [[maybe_unused]] static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

} // namespace

result<sqlite_database> sqlite_database::open(const std::string& path, sqlite_options options) {
  do_not_count_memory();
  sqlite_database opened;
  opened.path_ = std::make_unique<const std::string>(path);
  const int flags = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  opened.database_.reset(database);
  if (code != SQLITE_OK)
    return sqlite_failure(database, database != nullptr ? sqlite3_extended_errcode(database) : code, path);
  sqlite3_extended_result_codes(database, 1);
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(options.busy_timeout);
  sqlite3_busy_timeout(database, static_cast<int>(wait.count()));
  constexpr std::size_t page_bytes = 4096;
  std::string set_up = "PRAGMA cache_size = -" + std::to_string(options.cache_bytes / 1024) + ';';
  if (options.read_only)
    set_up += "SELECT count(*) FROM sqlite_schema"; // shows what is no database
  else
    set_up += "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
              "PRAGMA wal_autocheckpoint = " +
              std::to_string(options.log_bytes / page_bytes);
  if (auto done = opened.execute(set_up); !done)
    return std::move(done).error();
  return opened;
}

result<> sqlite_database::execute(const std::string& sql) {
  if (const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
      code != SQLITE_OK)
    return sqlite_failure(database_.get(), code, *path_);
  return {};
}

result<sqlite_statement> sqlite_database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK)
    return sqlite_failure(database_.get(), code, *path_);
  return sqlite_statement{statement, path_.get()};
}

std::int64_t sqlite_database::changes() const noexcept { return sqlite3_changes64(database_.get()); }

bool sqlite_database::in_transaction() const noexcept { return sqlite3_get_autocommit(database_.get()) == 0; }

bool sqlite_database::file_is_gone() const noexcept {
  int moved = 0;
  return sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
         moved != 0;
}

void sqlite_statement::finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void sqlite_statement::bind(int parameter, std::nullptr_t) {
  check(sqlite3_bind_null(statement_.get(), parameter));
}

void sqlite_statement::bind(int parameter, double value) {
  check(sqlite3_bind_double(statement_.get(), parameter, value));
}

void sqlite_statement::bind_integer(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value));
}

// A null pointer would bind NULL instead of the empty text.
void sqlite_statement::bind(int parameter, std::string_view text) {
  check(sqlite3_bind_text64(statement_.get(), parameter, text.data() != nullptr ? text.data() : "",
                            text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void sqlite_statement::bind_borrowed(int parameter, std::string_view text) {
  check(sqlite3_bind_text64(statement_.get(), parameter, text.data() != nullptr ? text.data() : "",
                            text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

result<bool> sqlite_statement::step() {
  int code = std::exchange(bind_code_, SQLITE_OK);
  if (code == SQLITE_OK) {
    code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW || code == SQLITE_DONE)
      return code == SQLITE_ROW;
  }
  return sqlite_failure(sqlite3_db_handle(statement_.get()), code, *path_);
}

void sqlite_statement::reset() noexcept { sqlite3_reset(statement_.get()); }

std::int64_t sqlite_statement::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_.get(), column);
}

double sqlite_statement::real(int column) const noexcept {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view sqlite_statement::text(int column) const noexcept {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return bytes == nullptr
             ? std::string_view{}
             : std::string_view{bytes,
                                static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool sqlite_statement::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

} // namespace weir::actors
