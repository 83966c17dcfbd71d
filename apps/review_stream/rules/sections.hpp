#pragma once

// The parts of a rulebook, as read. Mistakes go to the file's section. For .cpp files.

#include <apps/review_stream/routing/routing_rules.hpp>
#include <apps/review_stream/rules/section.hpp>
#include <apps/review_stream/topic/taxonomy.hpp>
#include <apps/review_stream/urgency/urgency_rules.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

struct topic_section {
  std::vector<std::string> names; ///< also of topics without terms
  std::vector<topic_term> terms;
  taxonomy_settings settings;
};

struct urgency_section {
  std::vector<urgency_rule> rules; ///< in the file's order
  std::vector<negation_words> negations;
};

/// [settings] and [topic.NAME.LANGUAGE].
topic_section read_topics(section& file);

/// [urgency.NAME], [urgency.NAME.LANGUAGE] and [negation.LANGUAGE].
urgency_section read_urgency(section& file);

/// [[route]]. Topics and urgency rules that it names must be among those given.
std::vector<route_rule> read_routes(section& file, const std::vector<std::string>& topics,
                                    const std::vector<std::string>& urgency_rules);

/// What may stand in `urgency`, `level` and `sentiment`.
const std::vector<std::string>& urgency_levels();
const std::vector<std::string>& sentiment_labels();

/// The fields of the file's section `name`, each of which must be a section again: calls
/// `each(NAME, section)`. Checks that names are good ones and not more than 1,000.
void each_named(section& file, std::string_view name, const std::string& example,
                const std::function<void(const std::string& name, section& inner)>& each);

/// The terms of one language: calls `each(text, value)` for the fields of a section, or for the texts of a
/// list, whose value is null. Checks the language's code, each term's spelling, and that none comes twice.
void each_term(
    section& owner, const std::string& language, const toml::node& terms,
    const std::function<void(const std::string& text, const toml::node& at, const toml::node* value)>& each);

} // namespace weir::reviews
