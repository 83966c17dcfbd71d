#include <apps/review_stream/results/outputs.hpp>

#include <apps/review_stream/results/result_json.hpp>
#include <apps/review_stream/results/review_store.hpp>

#include <cmath>
#include <utility>
#include <vector>

namespace weir::reviews {

namespace {

const std::vector<std::string>& columns() {
  static const std::vector<std::string> names = {"id",
                                                 "product",
                                                 "ts",
                                                 "language",
                                                 "sentiment",
                                                 "score",
                                                 "confidence",
                                                 "topics",
                                                 "urgency",
                                                 "urgency_reasons",
                                                 "route",
                                                 "route_reason",
                                                 "response_template",
                                                 "response",
                                                 "auto_send",
                                                 "response_reasons",
                                                 "title",
                                                 "text",
                                                 "rating",
                                                 "category",
                                                 "lang",
                                                 "extra",
                                                 "model",
                                                 "origin"};
  return names;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts)
    all += (all.empty() ? "" : "; ") + part;
  return all;
}

std::string names_of(const std::vector<topic>& topics) {
  std::string all;
  for (const auto& t : topics)
    all += (all.empty() ? "" : "; ") + t.name;
  return all;
}

double rounded(double x) { return std::round(x * 1e4) / 1e4; }

void fill(const judged_review& j, actors::csv_row& row) {
  const review& r = j.review;
  row.text(r.id).text(r.product).text(r.ts).text(j.language);
  row.text(j.sentiment.label).number(rounded(j.sentiment.score)).number(rounded(j.sentiment.confidence));
  row.text(names_of(j.topics)).text(j.urgency.level).text(joined(j.urgency.reasons));
  row.text(j.route.to).text(j.route.reason);
  row.text(j.response.template_id).text(j.response.text).text(j.response.auto_send ? "true" : "false");
  row.text(joined(j.response.reasons)).text(r.title).text(r.text);
  if (r.rating)
    row.number(*r.rating);
  else
    row.text("");
  row.text(r.category).text(r.language).text(r.extra).text(j.model).text(j.origin);
}

template <class Sink>
result<> opens(result<Sink> opened) {
  return opened ? result<>{} : result<>{std::move(opened).error()};
}

} // namespace

actors::json_lines_sink<judged_review> json_lines_output(const std::string& path) {
  return {path, append_json};
}

actors::csv_sink<judged_review> csv_output(const std::string& path) { return {path, columns(), fill}; }

result<> check_output(const output_uri& out) {
  switch (out.what) {
  case output_uri::kind::sqlite:
    return check_review_store(out.path);
  case output_uri::kind::json_lines:
    return opens(actors::json_lines_sink<judged_review>::open(out.path, append_json));
  case output_uri::kind::csv:
    return opens(actors::csv_sink<judged_review>::open(out.path, columns(), fill));
  }
  return {};
}

} // namespace weir::reviews
