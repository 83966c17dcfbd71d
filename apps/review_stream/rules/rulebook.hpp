#pragma once

// The file that says what reviews are about, what is urgent and who looks at it (topics.toml).
//
//   [settings]                    # all optional, see topic/taxonomy.hpp
//   min_confidence = 0.3
//   max_topics = 3
//
//   [topic.delivery.en]           # term = weight above 0
//   "arrived late" = 3
//   "deliver*" = 2                # any ending
//   "special delivery" = false    # these words do not count for the topic
//
//   [urgency.injury]
//   level = "high"
//   unless_negated = true         # the default: "no injury" does not count
//   [urgency.injury.en]
//   "burned my hand" = true       # false = these words do not count
//
//   [urgency.confident_negative]  # without terms: the sentiment decides
//   level = "normal"
//   sentiment = "negative"
//   min_confidence = 0.9
//
//   [negation.en]
//   words = ["no", "not"]
//   between = ["any"]
//
//   [[route]]                     # from top to bottom, the first that holds wins
//   to = "engineering"
//   topic = ["bug", "usability"]
//
// Every mistake is an error that names file, line, field and the fix; unknown fields are mistakes. At most
// 100,000 terms, 1,000 topics, urgency rules and routes each. Thread-safe.

#include <apps/review_stream/routing/routing_rules.hpp>
#include <apps/review_stream/topic/taxonomy.hpp>
#include <apps/review_stream/urgency/urgency_rules.hpp>
#include <weir/base/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace weir::reviews {

struct rulebook {
  taxonomy topics;
  urgency_rules urgency;
  routing_rules routing;
};

/// Reads a rulebook; default_rulebook_path() (data_dir.hpp) is the one that is shipped.
result<rulebook> load_rulebook(const std::filesystem::path& file);

/// The same for text in memory; `where` names it in errors.
result<rulebook> parse_rulebook(std::string_view toml, const std::string& where);

} // namespace weir::reviews
