#include <apps/review_stream/results/result_json.hpp>

#include <apps/review_stream/results/json_text.hpp>

#include <cmath>

namespace weir::reviews {

namespace {
double rounded(double x) { return std::round(x * 1e4) / 1e4; }
} // namespace

void append_list(std::string& to, const std::vector<topic>& topics) {
  to += '[';
  bool first = true;
  for (const auto& t : topics) {
    to += first ? "" : ",";
    first = false;
    json_text{to}.field("name", t.name).field("confidence", rounded(t.confidence)).end();
  }
  to += ']';
}

void append_json(const judged_review& judged, std::string& line) {
  const review& r = judged.review;
  json_text out{line};
  out.field("id", r.id)
      .field_or_null("product", r.product)
      .field_or_null("ts", r.ts)
      .field_or_null("language", judged.language);
  out.object("sentiment")
      .field("label", judged.sentiment.label)
      .field("score", rounded(judged.sentiment.score))
      .field("confidence", rounded(judged.sentiment.confidence))
      .end();
  std::string topics;
  append_list(topics, judged.topics);
  out.raw("topics", topics);
  out.object("urgency").field("level", judged.urgency.level).field("reasons", judged.urgency.reasons).end();
  out.field("route", judged.route.to).field("route_reason", judged.route.reason);
  out.object("response")
      .field("template", judged.response.template_id)
      .field("text", judged.response.text)
      .field("auto_send", judged.response.auto_send)
      .field("reasons", judged.response.reasons)
      .end();
  out.field("model", judged.model).field("origin", judged.origin);
  auto in = out.object("review");
  in.field_or_null("title", r.title).field("text", r.text);
  if (r.rating)
    in.field("rating", *r.rating);
  else
    in.raw("rating", "null");
  in.field_or_null("category", r.category).field_or_null("lang", r.language);
  if (!r.extra.empty())
    in.raw("extra", r.extra);
  in.end();
  out.end();
}

} // namespace weir::reviews
