#include <tests/end_to_end/support/review_stream.hpp>

#include <tests/support/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

#include <sqlite3.h>

namespace weir::test {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

struct closing {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// Calls `take` with the first row that the database answers; false when there is none.
bool ask(const std::filesystem::path& database, const std::string& sql,
         const std::function<void(sqlite3_stmt*)>& take) {
  if (!std::filesystem::exists(database))
    return false;
  sqlite3* opened = nullptr;
  // Not read-only: the log of a writer that was killed must be recovered.
  const int code = sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, closing> closes{opened};
  sqlite3_stmt* prepared = nullptr;
  if (code != SQLITE_OK || sqlite3_prepare_v2(opened, sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK)
    return false;
  const std::unique_ptr<sqlite3_stmt, closing> finalizes{prepared};
  if (sqlite3_step(prepared) != SQLITE_ROW)
    return false;
  take(prepared);
  return true;
}

} // namespace

const std::filesystem::path& review_stream() {
  static const std::filesystem::path program{WEIR_BIN_DIR "/review-stream"};
  return program;
}

finished run_reviews(const std::filesystem::path& folder, std::vector<std::string> arguments,
                     process_options options) {
  arguments.insert(arguments.begin(), "run");
  options.folder = folder;
  return run_program(review_stream(), arguments, std::move(options));
}

std::string without_events(std::string_view err) {
  std::string rest;
  while (!err.empty()) {
    const auto line = err.substr(0, std::min(err.find('\n'), err.size() - 1) + 1);
    if (line.find(" workflow=review-stream ") == std::string_view::npos)
      rest += line;
    err.remove_prefix(line.size());
  }
  return rest;
}

std::string row(std::string_view id, std::string_view text) {
  return json::serialize(json::object{{"id", id}, {"text", text}}) + "\n";
}

std::string rows(std::size_t from, std::size_t to, std::size_t text_bytes) {
  static constexpr std::string_view words = "The lamp is good and the cable is too short. ";
  std::string text;
  while (text.size() < text_bytes)
    text += words;
  text.resize(text_bytes);
  std::string all;
  for (std::size_t i = from; i < to; ++i)
    all += row("r-" + std::to_string(i), text);
  return all;
}

json::object summary_of(const finished& run) {
  const std::string line = run.last_line();
  INFO(line << "\nstandard error: " << run.err);
  json::error_code code;
  const auto value = json::parse(line, code);
  REQUIRE_FALSE(code);
  REQUIRE(value.is_object());
  return value.get_object();
}

std::uint64_t figure(const json::object& summary, std::string_view name) {
  INFO(name << " in " << json::serialize(summary));
  REQUIRE(summary.contains(name));
  return summary.at(name).to_number<std::uint64_t>();
}

std::vector<json::object> json_lines(const std::filesystem::path& file) {
  return json_lines_in(read_file(file));
}

std::vector<json::object> json_lines_in(std::string_view text) {
  std::vector<json::object> objects;
  while (!text.empty()) {
    const auto end = text.find('\n');
    REQUIRE(end != std::string_view::npos); // no line is cut off
    json::error_code code;
    const auto value = json::parse(text.substr(0, end), code);
    INFO(text.substr(0, std::min<std::size_t>(end, 200)));
    REQUIRE_FALSE(code);
    REQUIRE(value.is_object());
    objects.push_back(value.get_object());
    text.remove_prefix(end + 1);
  }
  return objects;
}

std::int64_t ask_number(const std::filesystem::path& database, const std::string& sql) {
  std::int64_t answer = -1;
  ask(database, sql, [&](sqlite3_stmt* row) { answer = sqlite3_column_int64(row, 0); });
  return answer;
}

std::string ask_text(const std::filesystem::path& database, const std::string& sql) {
  std::string answer = "(no answer)";
  ask(database, sql, [&](sqlite3_stmt* row) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
    answer = text == nullptr ? "NULL" : text;
  });
  return answer;
}

bool eventually(const process& child, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    if (!child.runs_for(10ms))
      return condition();
  }
  return true;
}

} // namespace weir::test
