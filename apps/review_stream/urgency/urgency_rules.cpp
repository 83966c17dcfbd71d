#include <apps/review_stream/urgency/urgency_rules.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <utility>

namespace weir::reviews {
namespace {

constexpr std::size_t words_between = 3; // between a negation and its term, at most

std::string with_spaces(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string two_digits(double value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

} // namespace

int urgency_rank(std::string_view level) noexcept {
  return level == low_urgency ? 0 : level == normal_urgency ? 1 : level == high_urgency ? 2 : -1;
}

std::string_view rule_of_reason(std::string_view reason) noexcept {
  return reason.substr(0, std::min(reason.find(": "), reason.find(" (")));
}

urgency_rules::urgency_rules(const std::vector<urgency_rule>& rules,
                             const std::vector<negation_words>& negations) {
  for (const std::string_view level : {high_urgency, normal_urgency, low_urgency})
    std::ranges::copy_if(rules, std::back_inserter(rules_),
                         [&](const urgency_rule& rule) { return rule.level == level; });
  std::vector<term> list;
  for (std::uint32_t i = 0; i < rules_.size(); ++i)
    for (const urgency_term& t : rules_[i].terms)
      list.push_back({t.text, t.language, i, t.exception});
  matcher_ = term_matcher{std::move(list)};
  for (const negation_words& n : negations) {
    negation spelled{n.language, {}, {}};
    const auto add = [](word_set& to, const std::vector<std::string>& words) {
      for (const std::string& word : words)
        if (auto w = spell_term(word))
          to.insert(*std::move(w));
    };
    add(spelled.words, n.words);
    add(spelled.between, n.between);
    negations_.push_back(std::move(spelled));
  }
}

// Is there, before token `first`, a negation with nothing but words of `between` in the middle?
bool urgency_rules::negated(const term_matches& matches, std::size_t first, std::string_view language) const {
  for (const negation& n : negations_) {
    if (language != n.language && language != unknown_language && n.language != any_language)
      continue;
    for (std::size_t back = 1; back <= words_between + 1 && back <= first; ++back) {
      const std::string_view word = (*matches.tokens)[first - back];
      if (n.words.contains(word))
        return true;
      if (!n.between.contains(word))
        break;
    }
  }
  return false;
}

bool urgency_rules::sentiment_fits(const urgency_rule& rule, const sentiment& felt) const {
  if (!rule.sentiment.empty() && std::ranges::find(rule.sentiment, felt.label) == rule.sentiment.end())
    return false;
  return felt.confidence >= rule.min_confidence;
}

urgency urgency_rules::rate(const judged_review& judged) const {
  urgency out;
  const auto hold = [&](const urgency_rule& rule, std::string reason) {
    if (urgency_rank(rule.level) > urgency_rank(out.level))
      out.level = rule.level;
    out.reasons.push_back(std::move(reason));
  };
  const review& r = judged.review;
  const term_matches matches = matcher_.match(r.title, r.text, judged.language);
  auto found = matches.found.begin();
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    const urgency_rule& rule = rules_[i];
    const bool fits = sentiment_fits(rule, judged.sentiment);
    if (fits && rule.terms.empty())
      hold(rule, with_spaces(rule.name) + " (" + two_digits(judged.sentiment.confidence) + ")");
    const term_match* why = nullptr;
    for (; found != matches.found.end() && found->group == i; ++found)
      if (fits && why == nullptr && !(rule.unless_negated && negated(matches, found->first, judged.language)))
        why = &*found;
    if (why != nullptr)
      hold(rule, with_spaces(rule.name) + ": " + matcher_.terms()[why->term].text);
  }
  return out;
}

} // namespace weir::reviews
