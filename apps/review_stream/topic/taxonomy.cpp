#include <apps/review_stream/topic/taxonomy.hpp>

#include <algorithm>
#include <cmath>

namespace weir::reviews {
namespace {

constexpr double short_text_words = 40; // up to here length does not matter

} // namespace

taxonomy::taxonomy(const std::vector<topic_term>& terms, taxonomy_settings settings) : settings_(settings) {
  for (const topic_term& t : terms)
    names_.push_back(t.topic);
  std::ranges::sort(names_);
  names_.erase(std::ranges::unique(names_).begin(), names_.end());
  std::vector<term> list;
  list.reserve(terms.size());
  for (const topic_term& t : terms) {
    const auto group = std::ranges::lower_bound(names_, t.topic) - names_.begin();
    list.push_back({t.text, t.language, static_cast<std::uint32_t>(group), t.exception, t.weight});
  }
  matcher_ = term_matcher{std::move(list)};
}

// Calls `counted(match, weight, in_title)` once a term. The first place decides: the title comes first.
template <class F>
void taxonomy::each_term(const term_matches& matches, F counted) const {
  for (std::size_t i = 0; i < matches.found.size(); ++i) {
    const term_match& m = matches.found[i];
    if (i > 0 && matches.found[i - 1].term == m.term)
      continue;
    const bool in_title = m.first < matches.title_tokens;
    counted(m, matcher_.terms()[m.term].weight * (in_title ? settings_.title_weight : 1), in_title);
  }
}

std::vector<topic> taxonomy::topics_of(std::string_view title, std::string_view text,
                                       std::string_view language) const {
  struct weighed {
    std::uint32_t group;
    double weight;
  };
  thread_local std::vector<weighed> topics; // reused memory: no allocation a review
  topics.clear();
  const term_matches matches = matcher_.match(title, text, language);
  each_term(matches, [&](const term_match& m, double weight, bool) {
    if (topics.empty() || topics.back().group != m.group)
      topics.push_back({m.group, 0});
    topics.back().weight += weight;
  });
  const auto words = static_cast<double>(matches.tokens->size());
  const double half = settings_.half_weight * std::max(1.0, std::sqrt(words / short_text_words));
  const auto confidence = [&](const weighed& t) { return t.weight / (t.weight + half); };
  std::erase_if(topics, [&](const weighed& t) { return confidence(t) < settings_.min_confidence; });
  // Groups are in the order of names.
  std::ranges::sort(topics, [](const weighed& a, const weighed& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.group < b.group;
  });
  std::vector<topic> out;
  out.reserve(std::min(topics.size(), settings_.max_topics));
  for (std::size_t i = 0; i < topics.size() && i < settings_.max_topics; ++i)
    out.push_back({names_[topics[i].group], confidence(topics[i])});
  return out;
}

std::vector<topic_evidence> taxonomy::explain(std::string_view title, std::string_view text,
                                              std::string_view language) const {
  std::vector<topic_evidence> out;
  each_term(matcher_.match(title, text, language), [&](const term_match& m, double weight, bool in_title) {
    out.push_back({names_[m.group], matcher_.terms()[m.term].text, weight, in_title});
  });
  return out;
}

} // namespace weir::reviews
