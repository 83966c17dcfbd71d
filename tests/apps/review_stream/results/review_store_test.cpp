#include <apps/review_stream/results/review_store.hpp>

#include <tests/apps/review_stream/support/judged.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace weir;
using namespace weir::reviews;
using weir::test::complete;
using weir::test::judged;
using weir::test::temporary_folder;

namespace {

/// One value of the database, as text.
std::string ask(const std::string& path, const std::string& sql) {
  auto db = actors::sqlite_database::open(path, {.read_only = true});
  REQUIRE(db);
  auto query = db->prepare(sql);
  REQUIRE(query);
  const auto row = query->step();
  REQUIRE(row);
  REQUIRE(*row);
  return query->is_null(0) ? "NULL" : std::string{query->text(0)};
}

} // namespace

TEST_CASE("of reviews with the same id the first is kept and the rest are counted") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  const auto counters = std::make_shared<actors::sqlite_counters>();
  auto store = review_store(path, counters);
  REQUIRE(store.write(std::vector{judged("a", "first"), judged("b", "other"), judged("a", "second")}));
  REQUIRE(store.write(std::vector{judged("a", "third")}));
  CHECK(counters->inserted == 2);
  CHECK(counters->ignored == 2);
  CHECK(ask(path, "SELECT count(*) FROM reviews") == "2");
  CHECK(ask(path, "SELECT text FROM reviews WHERE id = 'a'") == "first");
}

TEST_CASE("every field of a judged review has its column") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  auto store = review_store(path, nullptr);
  REQUIRE(store.write(std::vector{complete()}));
  const std::pair<std::string, std::string> columns[] = {
      {"id", "r-1"},
      {"product", "lamp"},
      {"ts", "2026-05-04"},
      {"language", "en"},
      {"sentiment", "negative"},
      {"score", "-0.98765432"},
      {"confidence", "0.75"},
      {"title", "Fine"},
      {"text", "Good\n\"lamp\" 好"},
      {"rating", "4.5"},
      {"category", "light"},
      {"extra", R"({"store":"north"})"},
      {"topics", R"([{"name":"quality","confidence":0.8},{"name":"delivery","confidence":0.5}])"},
      {"urgency", "high"},
      {"urgency_reasons", R"(["injury: burned my hand"])"},
      {"route", "human"},
      {"route_reason", "urgency high"},
      {"response_template", "en/quality/negative"},
      {"response", "We are sorry."},
      {"auto_send", "0"},
      {"response_reasons", R"(["urgency is high"])"},
      {"lang", "en"},
      {"model", "model-1"},
      {"origin", "local"}};
  for (const auto& [column, value] : columns) {
    INFO(column);
    CHECK(ask(path, "SELECT " + column + " FROM reviews") == value);
  }
}

TEST_CASE("what a review did not say is NULL, while an empty text stays a text") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  auto store = review_store(path, nullptr);
  REQUIRE(store.write(std::vector{judged("a", "")}));
  for (const std::string column :
       {"product", "ts", "title", "rating", "category", "extra", "lang", "response"}) {
    INFO(column);
    CHECK(ask(path, "SELECT " + column + " FROM reviews") == "NULL");
  }
  CHECK(ask(path, "SELECT text FROM reviews").empty());
}

TEST_CASE("a review of high urgency raises one alert, with the review and never without it") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  auto store = review_store(path, nullptr);
  REQUIRE(store.write(std::vector{complete(), judged("calm", "fine"), complete()}));
  CHECK(ask(path, "SELECT count(*) FROM alerts") == "1");
  CHECK(ask(path, "SELECT id || product || level || reasons || route FROM alerts") ==
        R"(r-1lamphigh["injury: burned my hand"]human)");
}

TEST_CASE("the summary of a product is kept once for a time span, the latest run's figures win") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  auto store = product_store(path);
  product_summary lamp;
  lamp.product = "lamp";
  lamp.add(complete());
  lamp.product = "lamp";
  REQUIRE(store.write(std::vector{lamp}));
  lamp.add(complete());
  REQUIRE(store.write(std::vector{lamp}));
  CHECK(ask(path, "SELECT count(*) FROM product_windows") == "1");
  CHECK(ask(path, "SELECT product || window_start || window_end || count || urgent FROM product_windows") ==
        "lamp2026-05-042026-05-0422");
  CHECK(ask(path, "SELECT round(mean_sentiment, 2) || ' ' || negative_share FROM product_windows") ==
        "-0.99 1.0");
  CHECK(ask(path, "SELECT top_topics FROM product_windows") ==
        R"([{"name":"delivery","reviews":2,"negative":2},{"name":"quality","reviews":2,"negative":2}])");
}

TEST_CASE("the queries that shops ask first have an index") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  REQUIRE(check_review_store(path));
  for (const std::string where :
       {"product = 'lamp'", "product = 'lamp' AND ts > '2026'", "route = 'human' AND route <> 'none'"}) {
    INFO(where);
    auto db = actors::sqlite_database::open(path, {.read_only = true});
    auto plan = db->prepare("EXPLAIN QUERY PLAN SELECT id FROM reviews WHERE " + where);
    REQUIRE(plan);
    REQUIRE(*plan->step());
    CHECK_THAT(std::string{plan->text(3)}, Catch::Contains("USING") && Catch::Contains("INDEX reviews_by_"));
  }
}

TEST_CASE("a file of a version that wrote alerts by a trigger is taken over") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  REQUIRE(check_review_store(path));
  REQUIRE(actors::sqlite_database::open(path)->execute(
      "CREATE TRIGGER alert_on_high_urgency AFTER INSERT ON reviews WHEN NEW.urgency = 'high' BEGIN "
      "INSERT OR IGNORE INTO alerts VALUES (NEW.id, 'old', NEW.ts, NEW.urgency, '[]', NEW.route); END"));
  auto store = review_store(path, nullptr);
  REQUIRE(store.write(std::vector{complete()}));
  CHECK(ask(path, "SELECT product FROM alerts") == "lamp");
  CHECK(ask(path, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == "0");
}

TEST_CASE("only the first review of an id can make an alert") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  auto store = review_store(path, nullptr);
  auto urgent = complete();
  urgent.review.id = "a";
  REQUIRE(store.write(std::vector{judged("a", "calm"), urgent}));
  CHECK(ask(path, "SELECT count(*) FROM alerts") == "0");
}

TEST_CASE("labels are counted, the most frequent first") {
  const temporary_folder folder;
  const std::string path = folder / "reviews.db";
  auto store = review_store(path, nullptr);
  REQUIRE(store.write(std::vector{judged("a", "x", "neutral"), judged("b", "x", "negative"),
                                  judged("c", "x", "negative"), judged("d", "x", "positive")}));
  const auto counts = count_labels(path);
  REQUIRE(counts);
  std::string shown;
  for (const auto& c : *counts)
    shown += c.label + " " + std::to_string(c.reviews) + ", ";
  CHECK(shown == "negative 2, neutral 1, positive 1, ");
}

TEST_CASE("labels of a file that is not there are an error, and the file is not made") {
  const temporary_folder folder;
  CHECK_FALSE(count_labels(folder / "none.db"));
  CHECK_FALSE(std::filesystem::exists(folder / "none.db"));
}

TEST_CASE("the check before a run makes the table, and refuses what cannot hold it") {
  const temporary_folder folder;
  CHECK(check_review_store(folder / "new.db"));
  for (const std::string table : {"reviews", "alerts", "product_windows", "dead_letters"})
    CHECK(ask(folder / "new.db", "SELECT count(*) FROM " + table) == "0");
  const auto text = folder.write("notes.db", std::string(5000, 'x'));
  const auto no_database = check_review_store(text);
  REQUIRE_FALSE(no_database);
  CHECK(no_database.error().message() == "this file is not an SQLite database (" + text.string() +
                                             "): name another file or move this one away");
  CHECK(weir::test::read_file(text) == std::string(5000, 'x'));
  const std::string nowhere = folder / "no/such/folder/a.db";
  const auto no_folder = check_review_store(nowhere);
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().kind == error_kind::permanent);
  CHECK_THAT(no_folder.error().message(), Catch::StartsWith("cannot open the database: "));
}

TEST_CASE("a table of another shape is refused with what to do") {
  const temporary_folder folder;
  const std::string path = folder / "old.db";
  {
    auto db = actors::sqlite_database::open(path);
    REQUIRE(db);
    REQUIRE(db->execute("CREATE TABLE reviews (id TEXT PRIMARY KEY, text TEXT)"));
  }
  const auto answer = check_review_store(path);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message() == "SQLite: no such column: product (" + path +
                                        "): if the table was made by another version, name a new file");
}
