#include <tests/end_to_end/support/small_cluster.hpp>

#include <tests/end_to_end/support/watched_run.hpp>
#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/catch.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

#include <sqlite3.h>

namespace weir::test {

small_cluster::small_cluster(std::size_t reviews) : port(free_port()), admin(free_port()) {
  const finished made =
      run_program(review_stream(), {"generate", "--count", std::to_string(reviews), "--seed", "7"});
  REQUIRE(made.exit == 0);
  folder_.write("in.jsonl", made.out);
}

const std::string& small_cluster::expected() {
  if (expected_.empty())
    expected_ = results_alone(folder_);
  return expected_;
}

process& small_cluster::start_coordinator(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"run",
                                     "--input",
                                     "in.jsonl",
                                     "--output",
                                     "a.db",
                                     "--cache",
                                     "off",
                                     "--summary",
                                     "json",
                                     "--admin",
                                     "127.0.0.1:" + std::to_string(admin),
                                     "--cluster-listen",
                                     address()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  coordinator_ =
      std::make_unique<process>(review_stream(), arguments, process_options{.folder = folder_.path()});
  return *coordinator_;
}

process& small_cluster::start_host(const std::string& name, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"host", "--host-name", name, "--cache", "off"};
  if (std::ranges::find(more, "--cluster-join") == more.end())
    arguments.insert(arguments.end(), {"--cluster-join", address()});
  arguments.insert(arguments.end(), more.begin(), more.end());
  hosts_.push_back(
      std::make_unique<process>(review_stream(), arguments, process_options{.folder = folder_.path()}));
  return *hosts_.back();
}

finished small_cluster::finish() { return coordinator_->wait(std::chrono::seconds{120}); }
std::string small_cluster::results() const { return tables_of(folder_ / "a.db"); }

bool small_cluster::has_stored(std::int64_t reviews) {
  return eventually(*coordinator_, [&] { return stored(folder_ / "a.db") >= reviews; });
}

boost::json::object small_cluster::status() const {
  boost::json::error_code failed;
  auto answer =
      boost::json::parse(weir_tests::body_of(weir_tests::ask(admin, "GET", "/api/v1/cluster")), failed);
  return answer.is_object() ? answer.as_object() : boost::json::object{};
}

boost::json::object small_cluster::member(std::string_view name) const {
  const auto now = status();
  if (const auto* const members = now.if_contains("members"))
    for (const auto& m : members->as_array())
      if (m.at("name").as_string() == boost::json::string_view{name.data(), name.size()})
        return m.as_object();
  return {};
}

bool small_cluster::becomes(std::string_view name, std::string_view state) {
  return eventually(*coordinator_, [&] {
    const auto m = member(name);
    return m.empty() ? state.empty() : std::string_view{m.at("state").as_string().c_str()} == state;
  });
}

std::string results_alone(const temporary_folder& folder) {
  const finished alone =
      run_reviews(folder.path(), {"--input", "in.jsonl", "--output", "alone.db", "--admin", "off", "--cache",
                                  "off", "--dead-letters", "alone.dead"});
  INFO(alone.err);
  REQUIRE(alone.exit == 0);
  return tables_of(folder / "alone.db");
}

std::string tables_of(const std::filesystem::path& database) {
  sqlite3* db = nullptr;
  std::string all;
  if (sqlite3_open_v2(database.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK)
    for (const char* sql :
         {"SELECT * FROM reviews ORDER BY id", "SELECT * FROM product_windows ORDER BY 1, 2, 3",
          "SELECT * FROM alerts ORDER BY 1, 2, 3"}) {
      sqlite3_stmt* rows = nullptr;
      if (sqlite3_prepare_v2(db, sql, -1, &rows, nullptr) == SQLITE_OK)
        while (sqlite3_step(rows) == SQLITE_ROW) {
          for (int c = 0; c < sqlite3_column_count(rows); ++c) {
            const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(rows, c));
            all += text == nullptr ? "NULL" : text;
            all += '|';
          }
          all += '\n';
        }
      sqlite3_finalize(rows);
    }
  sqlite3_close(db);
  return all;
}

} // namespace weir::test
