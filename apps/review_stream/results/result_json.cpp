#include <apps/review_stream/results/result_json.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>

namespace weir::reviews {

namespace json = boost::json;

namespace {
json::value text_or_null(const std::string& text) { return text.empty() ? json::value{} : json::value(text); }
double rounded(double x) { return std::round(x * 1e4) / 1e4; }
} // namespace

void append_json(const judged_review& judged, std::string& line) {
  const review& r = judged.review;
  json::object o;
  o["id"] = r.id;
  o["product"] = text_or_null(r.product);
  o["ts"] = text_or_null(r.ts);
  o["language"] = text_or_null(r.language);
  o["sentiment"] = {{"label", judged.sentiment.label},
                    {"score", rounded(judged.sentiment.score)},
                    {"confidence", rounded(judged.sentiment.confidence)}};
  o["model"] = judged.model;
  o["origin"] = judged.origin;
  json::object& in = o["review"].emplace_object();
  in["title"] = text_or_null(r.title);
  in["text"] = r.text;
  in["rating"] = r.rating ? json::value(*r.rating) : json::value{};
  in["category"] = text_or_null(r.category);
  if (!r.extra.empty())
    in["extra"] = json::parse(r.extra);
  line += json::serialize(o);
}

} // namespace weir::reviews
