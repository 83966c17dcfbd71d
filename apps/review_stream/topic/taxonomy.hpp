#pragma once

// What a review is about: topics told by weighted terms.
//
// A topic's weight in a review is the sum of the weights of its terms there. Each term counts once, and
// `title_weight` times if it is in the title. The topic's confidence is
//
//   confidence = weight / (weight + half_weight * max(1, sqrt(words / 40)))
//
// so it grows with every term and stays below 1; a weight of `half_weight` gives 0.5 in a text of up to 40
// words, and a text of 160 words needs twice as much for that. A Chinese character is a word.
//
// Thread-safety: immutable, all calls may come from many threads; copies are independent.

#include <apps/review_stream/review.hpp>
#include <apps/review_stream/text/term_matcher.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

struct taxonomy_settings {
  double min_confidence = 0.3; ///< topics below are left out; higher = fewer, surer topics
  std::size_t max_topics = 3;  ///< the most confident ones that a review keeps
  double title_weight = 2;     ///< what a term in the title counts more
  double half_weight = 2;      ///< the weight that makes half sure; higher = less confidence for all
};

/// A term and the topic it speaks for. An exception only keeps shorter terms of the topic from counting.
struct topic_term {
  std::string topic;
  std::string language; ///< ISO 639 code, or "any"
  std::string text;     ///< see term_matcher.hpp
  double weight = 1;
  bool exception = false;
};

/// Why a topic was found.
struct topic_evidence {
  std::string topic;
  std::string term;  ///< as written in the list
  double weight = 0; ///< what it counted, title_weight included
  bool in_title = false;
};

class taxonomy {
 public:
  taxonomy() = default; ///< knows no topic
  explicit taxonomy(const std::vector<topic_term>& terms, taxonomy_settings settings = {});

  /// The topics of a review, most confident first, then by name; empty when there is none. `language` is
  /// the text's: terms of other languages do not count, unless it is "unknown".
  std::vector<topic> topics_of(std::string_view title, std::string_view text,
                               std::string_view language) const;

  /// Every term that counted, also for topics that topics_of() leaves out; by topic, then as in the list.
  std::vector<topic_evidence> explain(std::string_view title, std::string_view text,
                                      std::string_view language) const;

  const std::vector<std::string>& names() const noexcept { return names_; } ///< of all topics, sorted
  const taxonomy_settings& settings() const noexcept { return settings_; }

 private:
  template <class F>
  void each_term(const term_matches& matches, F counted) const;

  taxonomy_settings settings_;
  std::vector<std::string> names_; // a term's group is an index in it
  term_matcher matcher_;
};

} // namespace weir::reviews
