#include <apps/review_stream/results/review_store.hpp>

#include <actors/sqlite/sqlite_dead_letters.hpp>
#include <apps/review_stream/results/json_text.hpp>
#include <apps/review_stream/results/result_json.hpp>
#include <apps/review_stream/urgency/urgency_rules.hpp>

#include <utility>

namespace weir::reviews {

namespace {

const std::vector<std::string>& schema() {
  static const std::vector<std::string> statements = {
      R"(CREATE TABLE IF NOT EXISTS reviews (
  id TEXT NOT NULL PRIMARY KEY,
  product TEXT,
  ts TEXT,
  language TEXT NOT NULL,    -- of the text: en, de, es, zh, another ISO 639 code, unknown
  sentiment TEXT NOT NULL,   -- positive, negative, neutral, unknown
  score REAL NOT NULL,       -- -1 to 1
  confidence REAL NOT NULL,  -- 0 to 1
  topics TEXT NOT NULL,      -- JSON: [{"name": ..., "confidence": ...}], most confident first
  urgency TEXT NOT NULL,     -- low, normal, high
  urgency_reasons TEXT NOT NULL, -- JSON: [...]
  route TEXT NOT NULL,       -- engineering, product, human, none
  route_reason TEXT NOT NULL,
  response_template TEXT,
  response TEXT,
  auto_send INTEGER NOT NULL,
  response_reasons TEXT NOT NULL, -- JSON: [...]
  title TEXT,
  text TEXT NOT NULL,
  rating REAL,
  category TEXT,
  lang TEXT,                 -- as the input said
  extra TEXT,                -- fields of the input that review-stream does not know, as JSON
  model TEXT NOT NULL,
  origin TEXT NOT NULL       -- local, cache, remote, fallback
))",
      "CREATE INDEX IF NOT EXISTS reviews_by_product ON reviews (product, ts)",
      "CREATE INDEX IF NOT EXISTS reviews_by_route ON reviews (route, ts) WHERE route <> 'none'",
      R"(CREATE TABLE IF NOT EXISTS alerts (
  id TEXT PRIMARY KEY REFERENCES reviews (id),
  product TEXT,
  ts TEXT,
  level TEXT NOT NULL,
  reasons TEXT NOT NULL,     -- JSON: [...]
  route TEXT NOT NULL
) WITHOUT ROWID)",
      "CREATE INDEX IF NOT EXISTS alerts_by_product ON alerts (product, ts)",
      "DROP TRIGGER IF EXISTS alert_on_high_urgency", // how earlier versions wrote alerts
      R"(CREATE TABLE IF NOT EXISTS product_windows (
  product TEXT NOT NULL,     -- '' = reviews that name none
  window_start TEXT NOT NULL, -- the earliest and latest ts of these reviews; '' = none has one
  window_end TEXT NOT NULL,
  count INTEGER NOT NULL,
  mean_sentiment REAL,       -- -1 to 1, over the reviews that could be judged; NULL = none
  negative_share REAL NOT NULL, -- 0 to 1
  top_topics TEXT NOT NULL,  -- JSON: [{"name": ..., "reviews": ..., "negative": ...}], most named first
  urgent INTEGER NOT NULL,
  PRIMARY KEY (product, window_start, window_end)
) WITHOUT ROWID)",
      actors::dead_letter_schema()}; // there for queries before the first dead letter
  return statements;
}

actors::sqlite_table_options review_table(const std::string& path,
                                          std::shared_ptr<actors::sqlite_counters> counters) {
  return {.path = path,
          .schema = schema(),
          .insert =
              "INSERT INTO reviews VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
              "?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24) ON CONFLICT (id) DO NOTHING",
          .follow_up = "INSERT OR IGNORE INTO alerts VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
          .counters = std::move(counters)};
}

actors::sqlite_table_options product_table(const std::string& path) {
  return {.path = path,
          .schema = schema(),
          .insert = "INSERT INTO product_windows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
                    "ON CONFLICT DO UPDATE SET count = ?4, mean_sentiment = ?5, negative_share = ?6, "
                    "top_topics = ?7, urgent = ?8",
          .counters = nullptr};
}

void bind_text_or_null(actors::sqlite_statement& row, int parameter, const std::string& text) {
  if (text.empty())
    row.bind(parameter, nullptr);
  else
    row.bind_borrowed(parameter, text);
}

/// Memory for the JSON texts of one row: they must live until it is inserted.
std::string& emptied(std::string& text) {
  text.clear();
  return text;
}

void bind_review(actors::sqlite_statement& row, const judged_review& j) {
  thread_local std::string topics, reasons, response_reasons; // reused: no allocation a row
  append_list(emptied(topics), j.topics);
  append_list(emptied(reasons), j.urgency.reasons);
  append_list(emptied(response_reasons), j.response.reasons);
  const review& r = j.review;
  row.bind_borrowed(1, r.id);
  bind_text_or_null(row, 2, r.product);
  bind_text_or_null(row, 3, r.ts);
  row.bind_borrowed(4, j.language);
  row.bind_borrowed(5, j.sentiment.label);
  row.bind(6, j.sentiment.score);
  row.bind(7, j.sentiment.confidence);
  row.bind_borrowed(8, topics);
  row.bind_borrowed(9, j.urgency.level);
  row.bind_borrowed(10, reasons);
  row.bind_borrowed(11, j.route.to);
  row.bind_borrowed(12, j.route.reason);
  bind_text_or_null(row, 13, j.response.template_id);
  bind_text_or_null(row, 14, j.response.text);
  row.bind(15, j.response.auto_send ? 1 : 0);
  row.bind_borrowed(16, response_reasons);
  bind_text_or_null(row, 17, r.title);
  row.bind_borrowed(18, r.text);
  row.bind(19, r.rating);
  bind_text_or_null(row, 20, r.category);
  bind_text_or_null(row, 21, r.language);
  bind_text_or_null(row, 22, r.extra);
  row.bind_borrowed(23, j.model);
  row.bind_borrowed(24, j.origin);
}

/// The alert of a new review: false when it is not urgent.
bool bind_alert(actors::sqlite_statement& row, const judged_review& j) {
  if (j.urgency.level != high_urgency)
    return false;
  thread_local std::string reasons;
  append_list(emptied(reasons), j.urgency.reasons);
  row.bind_borrowed(1, j.review.id);
  bind_text_or_null(row, 2, j.review.product);
  bind_text_or_null(row, 3, j.review.ts);
  row.bind_borrowed(4, j.urgency.level);
  row.bind_borrowed(5, reasons);
  row.bind_borrowed(6, j.route.to);
  return true;
}

std::string top_topics_json(const product_summary& summary) {
  constexpr std::size_t most = 5;
  std::string list = "[";
  for (const auto& [name, said] : summary.top_topics(most)) {
    if (list.size() > 1)
      list += ',';
    json_text{list}.field("name", name).field("reviews", said.reviews).field("negative", said.negative).end();
  }
  return list + "]";
}

void bind_product(actors::sqlite_statement& row, const product_summary& s) {
  row.bind_borrowed(1, s.product);
  row.bind_borrowed(2, s.start);
  row.bind_borrowed(3, s.end);
  row.bind(4, s.reviews);
  if (s.reviews == s.unknown)
    row.bind(5, nullptr);
  else
    row.bind(5, s.mean_score());
  row.bind(6, s.negative_share());
  row.bind(7, top_topics_json(s));
  row.bind(8, s.urgent);
}

} // namespace

actors::sqlite_sink<judged_review> review_store(const std::string& path,
                                                std::shared_ptr<actors::sqlite_counters> counters) {
  return {review_table(path, std::move(counters)), bind_review, bind_alert};
}

actors::sqlite_sink<product_summary> product_store(const std::string& path) {
  return {product_table(path), bind_product};
}

result<> check_review_store(const std::string& path) {
  const auto unless_locked = [](error why) -> result<> { // a lock is waited for when the run writes
    return why.kind == error_kind::transient ? result<>{} : result<>{std::move(why)};
  };
  auto reviews =
      actors::sqlite_sink<judged_review>::open(review_table(path, nullptr), bind_review, bind_alert);
  if (!reviews)
    return unless_locked(std::move(reviews).error());
  auto products = actors::sqlite_sink<product_summary>::open(product_table(path), bind_product);
  return products ? result<>{} : unless_locked(std::move(products).error());
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
