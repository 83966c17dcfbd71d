#include <apps/review_stream/rules/sections.hpp>

#include <utility>

namespace weir::reviews {
namespace {

constexpr std::size_t max_routes = 1000;

bool asks_nothing(const route_rule& r) {
  return r.topic.empty() && r.urgency.empty() && r.because.empty() && r.sentiment.empty() &&
         r.min_confidence <= 0;
}

} // namespace

std::vector<route_rule> read_routes(section& file, const std::vector<std::string>& topics,
                                    const std::vector<std::string>& urgency_rules) {
  std::vector<route_rule> out;
  const toml::node* node = file.node("route");
  if (node == nullptr)
    return out;
  const toml::array* list = node->as_array();
  if (list == nullptr || list->empty() || !list->is_homogeneous<toml::table>()) {
    file.wrong("route", *node, "not a list of rules", "write each rule under [[route]]");
    return out;
  }
  if (list->size() > max_routes)
    file.wrong("route", *node, "more than 1,000 rules", "merge some of them");
  for (std::size_t i = 0; i < list->size() && file.ok(); ++i) {
    section s{file.file(), *list->get_as<toml::table>(i), "route[" + std::to_string(i + 1) + "]"};
    route_rule rule;
    rule.to = s.text("to", "");
    if (rule.to.empty() && s.ok())
      s.wrong_here("the rule does not say where to",
                   "add to = \"human\", \"engineering\", \"product\", "
                   "\"none\" or a name of your own",
                   "to");
    const auto known = [&](std::string_view field, const std::vector<std::string>& names) {
      // With no names at all texts() would take anything.
      return s.texts(field, names.empty() ? std::vector<std::string>{"(there are none)"} : names);
    };
    rule.topic = known("topic", topics);
    rule.min_topic_confidence = s.number("min_topic_confidence", 0, 0, 1);
    rule.urgency = s.texts("urgency", urgency_levels());
    rule.because = known("because", urgency_rules);
    rule.sentiment = s.texts("sentiment", sentiment_labels());
    rule.min_confidence = s.number("min_confidence", 0, 0, 1);
    if (s.ok() && rule.topic.empty() && rule.min_topic_confidence > 0)
      s.wrong_here("a confidence of no topic", "add topic = [...], or remove the field",
                   "min_topic_confidence");
    if (s.ok() && asks_nothing(rule) && i + 1 < list->size())
      s.wrong_here("the rule asks for nothing, so those after it are never reached",
                   "add a condition, or make it the last rule");
    if (auto read = s.finish(); !read)
      file.wrong(read.error());
    out.push_back(std::move(rule));
  }
  return out;
}

} // namespace weir::reviews
