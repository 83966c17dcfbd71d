#include <apps/review_stream/results/review_store.hpp>

#include <utility>

namespace weir::reviews {

namespace {

actors::sqlite_table_options table(const std::string& path,
                                   std::shared_ptr<actors::sqlite_counters> counters) {
  return {.path = path,
          .schema = {R"(CREATE TABLE IF NOT EXISTS reviews (
  id TEXT PRIMARY KEY,
  product TEXT,
  ts TEXT,
  language TEXT,
  sentiment TEXT NOT NULL,   -- positive, negative, neutral, unknown
  score REAL NOT NULL,       -- -1 to 1
  confidence REAL NOT NULL,  -- 0 to 1
  title TEXT,
  text TEXT NOT NULL,
  rating REAL,
  category TEXT,
  extra TEXT,                -- fields of the input that review-stream does not know, as JSON
  model TEXT NOT NULL,
  origin TEXT NOT NULL
) WITHOUT ROWID)"},
          .insert =
              "INSERT INTO reviews VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
              "ON CONFLICT (id) DO NOTHING",
          .counters = std::move(counters)};
}

void bind_text_or_null(actors::sqlite_statement& row, int parameter, const std::string& text) {
  if (text.empty())
    row.bind(parameter, nullptr);
  else
    row.bind_borrowed(parameter, text);
}

void bind_row(actors::sqlite_statement& row, const judged_review& j) {
  const review& r = j.review;
  row.bind_borrowed(1, r.id);
  bind_text_or_null(row, 2, r.product);
  bind_text_or_null(row, 3, r.ts);
  bind_text_or_null(row, 4, r.language);
  row.bind_borrowed(5, j.sentiment.label);
  row.bind(6, j.sentiment.score);
  row.bind(7, j.sentiment.confidence);
  bind_text_or_null(row, 8, r.title);
  row.bind_borrowed(9, r.text);
  row.bind(10, r.rating);
  bind_text_or_null(row, 11, r.category);
  bind_text_or_null(row, 12, r.extra);
  row.bind_borrowed(13, j.model);
  row.bind_borrowed(14, j.origin);
}

} // namespace

actors::sqlite_sink<judged_review> review_store(const std::string& path,
                                                std::shared_ptr<actors::sqlite_counters> counters) {
  return {table(path, std::move(counters)), bind_row};
}

result<> check_review_store(const std::string& path) {
  auto opened = actors::sqlite_sink<judged_review>::open(table(path, nullptr), bind_row);
  if (!opened && opened.error().kind != error_kind::transient) // a lock is waited for when the run writes
    return std::move(opened).error();
  return {};
}

result<std::vector<label_count>> count_labels(const std::string& path) {
  auto db = actors::sqlite_database::open(path, {.read_only = true});
  if (!db)
    return std::move(db).error();
  auto query = db->prepare("SELECT sentiment, count(*) FROM reviews GROUP BY sentiment ORDER BY 2 DESC, 1");
  if (!query)
    return std::move(query).error();
  std::vector<label_count> counts;
  for (;;) {
    auto row = query->step();
    if (!row)
      return std::move(row).error();
    if (!*row)
      return counts;
    counts.push_back({std::string{query->text(0)}, static_cast<std::uint64_t>(query->integer(1))});
  }
}

} // namespace weir::reviews
