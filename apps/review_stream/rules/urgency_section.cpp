#include <apps/review_stream/rules/sections.hpp>

#include <utility>

namespace weir::reviews {
namespace {

std::string single_text(section& from, std::string_view field, std::string otherwise,
                        const std::vector<std::string>& choice) {
  auto given = from.texts(field, choice);
  return given.empty() ? std::move(otherwise) : std::move(given.front());
}

std::vector<negation_words> read_negations(section& file) {
  std::vector<negation_words> out;
  each_named(file, "negation", "[negation.en]", [&](const std::string& language, section& s) {
    negation_words n{language, s.texts("words"), s.texts("between")};
    for (const auto* list : {&n.words, &n.between})
      for (const std::string& word : *list)
        if (const auto spelled = spell_term(word);
            !spelled || spelled->find_first_of(" *") != std::string::npos)
          s.wrong(list == &n.words ? "words" : "between", *s.node(list == &n.words ? "words" : "between"),
                  "'" + word + "' is not a single word", "write single words; a Chinese character is a word");
    out.push_back(std::move(n));
  });
  return out;
}

} // namespace

const std::vector<std::string>& urgency_levels() {
  static const std::vector<std::string> levels{std::string{low_urgency}, std::string{normal_urgency},
                                               std::string{high_urgency}};
  return levels;
}

const std::vector<std::string>& sentiment_labels() {
  static const std::vector<std::string> labels{"positive", "negative", "neutral", "unknown"};
  return labels;
}

urgency_section read_urgency(section& file) {
  urgency_section out;
  each_named(file, "urgency", "[urgency.injury]", [&](const std::string& name, section& s) {
    urgency_rule rule;
    rule.name = name;
    rule.level = single_text(s, "level", rule.level, urgency_levels());
    rule.unless_negated = s.flag("unless_negated", rule.unless_negated);
    rule.sentiment = s.texts("sentiment", sentiment_labels());
    rule.min_confidence = s.number("min_confidence", rule.min_confidence, 0, 1);
    s.rest([&](const std::string& language, const toml::node& terms) {
      each_term(s, language, terms,
                [&](const std::string& text, const toml::node& at, const toml::node* value) {
                  const auto counts = value == nullptr ? std::optional{true} : value->value_exact<bool>();
                  if (!counts)
                    return s.wrong(language + "." + text, at, "neither true nor false",
                                   "write = true, or = false when these words shall not count");
                  rule.terms.push_back({language, text, !*counts});
                });
    });
    if (rule.terms.empty() && rule.sentiment.empty())
      s.wrong_here("the rule has neither terms nor a sentiment", "add a section like [urgency." + name +
                                                                     ".en] with \"a term\" = true, or "
                                                                     "sentiment = \"negative\"");
    out.rules.push_back(std::move(rule));
  });
  out.negations = read_negations(file);
  return out;
}

} // namespace weir::reviews
