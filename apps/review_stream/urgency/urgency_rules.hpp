#pragma once

// How soon somebody should look at a review.
//
// A rule holds when one of its terms is in the title or text (if it has terms), and the sentiment is one of
// those it names (if it names any) with at least its confidence. The review's level is the highest of the
// rules that hold, "low" if none does; each of them adds a reason:
//
//   "injury: burned my hand"     the rule and the term, as the list has it
//   "confident negative (0.97)"  a rule without terms, and the sentiment's confidence
//
// "No injury" is no injury: a term that comes right after a negation does not count, unless the rule says
// otherwise. Between the two may be up to three words of the language's `between`: "no one was injured".
//
// Thread-safety: immutable, rate() may be called by many threads; copies are independent.

#include <apps/review_stream/review.hpp>
#include <apps/review_stream/text/term_matcher.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

inline constexpr std::string_view low_urgency = "low";
inline constexpr std::string_view normal_urgency = "normal";
inline constexpr std::string_view high_urgency = "high";

/// 0 for low, 1 for normal, 2 for high, -1 for anything else.
int urgency_rank(std::string_view level) noexcept;

struct urgency_term {
  std::string language; ///< ISO 639 code, or "any"
  std::string text;     ///< see term_matcher.hpp
  bool exception = false;
};

struct urgency_rule {
  std::string name;
  std::string level{high_urgency};
  bool unless_negated = true;              ///< a negated term does not count
  std::vector<std::string> sentiment = {}; ///< labels that it wants; empty = any
  double min_confidence = 0;               ///< of the sentiment
  std::vector<urgency_term> terms = {};    ///< empty = the sentiment alone decides
};

/// How a language says no. Single words; a Chinese character is a word.
struct negation_words {
  std::string language;
  std::vector<std::string> words;   ///< "no", "not", "without"
  std::vector<std::string> between; ///< what may come between: "any", "was"
};

class urgency_rules {
 public:
  urgency_rules() = default; ///< everything is low
  /// Rules of another level than these three never hold.
  explicit urgency_rules(const std::vector<urgency_rule>& rules,
                         const std::vector<negation_words>& negations = {});

  /// Looks at review.title, review.text, language and sentiment. Reasons come highest level first, then in
  /// the rules' order.
  urgency rate(const judged_review& judged) const;

  const std::vector<urgency_rule>& rules() const noexcept { return rules_; }

 private:
  using word_set = std::set<std::string, std::less<>>;
  struct negation {
    std::string language;
    word_set words;
    word_set between;
  };
  bool negated(const term_matches& matches, std::size_t first, std::string_view language) const;
  bool sentiment_fits(const urgency_rule& rule, const sentiment& felt) const;

  std::vector<urgency_rule> rules_; // highest level first; a term's group is an index in it
  std::vector<negation> negations_;
  term_matcher matcher_;
};

/// The rule behind a reason that rate() wrote: "injury" of "injury: burned my hand".
std::string_view rule_of_reason(std::string_view reason) noexcept;

} // namespace weir::reviews
