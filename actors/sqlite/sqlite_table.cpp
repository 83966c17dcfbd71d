#include <actors/sqlite/sqlite_table.hpp>

#include <utility>

namespace weir::actors {

namespace {

/// Runs a statement that answers no rows.
result<> run(sqlite_statement& statement) {
  auto done = statement.step();
  statement.reset();
  if (!done)
    return std::move(done).error();
  return {};
}

} // namespace

result<> sqlite_table::open() {
  if (insert_)
    return {};
  auto opened = open_now();
  if (!opened)
    close();
  return opened;
}

result<> sqlite_table::open_now() {
  auto database = sqlite_database::open(options_.path, options_.connection);
  if (!database)
    return std::move(database).error();
  database_ = *std::move(database);
  const auto explained = [](error why) {
    if (why.fix.empty())
      why.fix = "if the table was made by another version, name a new file";
    return why;
  };
  for (const auto& sql : options_.schema)
    if (auto done = database_->execute(sql); !done)
      return explained(std::move(done).error());
  const std::pair<std::optional<sqlite_statement>*, std::string_view> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&follow_up_, options_.follow_up},
      {&insert_, options_.insert}};
  for (const auto& [place, sql] : statements) {
    if (sql.empty())
      continue;
    auto statement = database_->prepare(sql);
    if (!statement)
      return explained(std::move(statement).error());
    *place = *std::move(statement);
  }
  return {};
}

result<> sqlite_table::begin() {
  auto begun = open();
  if (begun) {
    if (database_->file_is_gone())
      begun = exhausted("the database file was moved or deleted while in use", options_.path,
                        "put it back and run again");
    else
      begun = run(*begin_);
  }
  inserted_ = 0;
  ignored_ = 0;
  if (begun || begun.error().kind != error_kind::permanent)
    return begun;
  error why = std::move(begun).error();
  why.kind = error_kind::exhausted;
  return why;
}

result<> sqlite_table::add() {
  auto added = run(*insert_);
  new_ = added && database_->changes() > 0;
  if (added)
    ++(new_ ? inserted_ : ignored_);
  return added;
}

result<> sqlite_table::add_follow_up() { return run(*follow_up_); }

result<> sqlite_table::commit() {
  auto committed = run(*commit_);
  if (!committed) {
    roll_back();
    return committed;
  }
  if (options_.counters) {
    options_.counters->inserted.fetch_add(inserted_, std::memory_order_relaxed);
    options_.counters->ignored.fetch_add(ignored_, std::memory_order_relaxed);
  }
  return committed;
}

void sqlite_table::roll_back() noexcept {
  // After some failures SQLite has rolled back by itself.
  if (database_ && database_->in_transaction())
    (void)database_->execute("ROLLBACK").has_value();
}

void sqlite_table::close() noexcept {
  roll_back();
  commit_.reset();
  insert_.reset();
  follow_up_.reset();
  begin_.reset();
  database_.reset();
}

} // namespace weir::actors
