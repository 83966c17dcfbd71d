#include <apps/review_stream/results/result_json.hpp>

#include <apps/review_stream/results/json_text.hpp>

#include <cmath>

namespace weir::reviews {

namespace {
double rounded(double x) { return std::round(x * 1e4) / 1e4; }
} // namespace

void append_json(const judged_review& judged, std::string& line) {
  const review& r = judged.review;
  json_text out{line};
  out.field("id", r.id)
      .field_or_null("product", r.product)
      .field_or_null("ts", r.ts)
      .field_or_null("language", r.language);
  out.object("sentiment")
      .field("label", judged.sentiment.label)
      .field("score", rounded(judged.sentiment.score))
      .field("confidence", rounded(judged.sentiment.confidence))
      .end();
  out.field("model", judged.model).field("origin", judged.origin);
  auto in = out.object("review");
  in.field_or_null("title", r.title).field("text", r.text);
  if (r.rating)
    in.field("rating", *r.rating);
  else
    in.raw("rating", "null");
  in.field_or_null("category", r.category);
  if (!r.extra.empty())
    in.raw("extra", r.extra);
  in.end();
  out.end();
}

} // namespace weir::reviews
