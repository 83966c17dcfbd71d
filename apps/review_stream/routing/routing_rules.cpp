#include <apps/review_stream/routing/routing_rules.hpp>

#include <apps/review_stream/urgency/urgency_rules.hpp>

#include <algorithm>
#include <string_view>

namespace weir::reviews {
namespace {

bool among(const std::vector<std::string>& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

// The first reason whose rule is in the list; a name's underscores are spaces in reasons.
std::string_view reason_among(const std::vector<std::string>& rules, const urgency& u) {
  const auto same = [](std::string_view name, std::string_view shown) {
    return std::ranges::equal(name, shown, [](char a, char b) { return a == b || (a == '_' && b == ' '); });
  };
  for (const std::string& reason : u.reasons)
    for (const std::string& rule : rules)
      if (same(rule, rule_of_reason(reason)))
        return rule_of_reason(reason);
  return {};
}

// Adds what decided to `reason`; false when the rule does not hold.
bool holds(const route_rule& rule, const judged_review& judged, std::string& reason) {
  reason.clear();
  const auto because = [&](std::string_view kind, std::string_view what) {
    reason.append(reason.empty() ? "" : ", ").append(kind).append(" ").append(what);
  };
  if (!rule.urgency.empty() || !rule.because.empty()) {
    const urgency& u = judged.urgency;
    if (!rule.urgency.empty() && !among(rule.urgency, u.level))
      return false;
    std::string_view why = u.reasons.empty() ? std::string_view{} : rule_of_reason(u.reasons.front());
    if (!rule.because.empty()) {
      why = reason_among(rule.because, u);
      if (why.empty())
        return false;
    }
    because("urgency", u.level);
    if (!why.empty())
      reason.append(": ").append(why);
  }
  if (!rule.topic.empty()) {
    const auto wanted = std::ranges::find_if(judged.topics, [&](const topic& t) {
      return t.confidence >= rule.min_topic_confidence && among(rule.topic, t.name);
    });
    if (wanted == judged.topics.end())
      return false;
    because("topic", wanted->name);
  }
  if (judged.sentiment.confidence < rule.min_confidence)
    return false;
  if (!rule.sentiment.empty()) {
    if (!among(rule.sentiment, judged.sentiment.label))
      return false;
    because("sentiment", judged.sentiment.label);
  }
  return true;
}

} // namespace

route routing_rules::choose(const judged_review& judged) const {
  std::string reason;
  for (const route_rule& rule : rules_)
    if (holds(rule, judged, reason))
      return {rule.to, reason.empty() ? "everything else" : reason};
  return {"none", "no rule holds"};
}

} // namespace weir::reviews
