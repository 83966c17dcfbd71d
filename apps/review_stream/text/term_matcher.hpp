#pragma once

// Finds the terms of a word list in a review: thousands of terms in many languages, in one pass.
//
//   "late"          the word, in any case: Late, LATE
//   "arrived late"  the words one after the other; no sign of ! ? : ( ) between them
//   "deliver*"      a word with any ending, also none: deliver, delivery, delivered
//   "burn* my hand" the same inside a phrase
//   "快递"           characters one after the other, anywhere in a Chinese text
//
// Terms are compared as the tokenizer spells them (tokens.hpp), so "Didn't" finds "didnt" and "ＦＩＮＥ"
// finds "fine". A term counts in a text of its own language, and in a text whose language is unknown; a
// term of the language "any" counts everywhere.
//
// Terms belong to groups (a topic, a kind of urgency). Inside a group no word counts twice: of terms that
// overlap the longest wins, then the first. A term that is an exception wins in the same way and is then
// left out: with "bug spray" as exception, "bug" is not found in "bug spray".
//
// Thread-safety: immutable; match() may be called by many threads. Each thread keeps its own buffers.

#include <apps/review_stream/text/tokens.hpp>
#include <weir/base/result.hpp>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

inline constexpr std::string_view any_language = "any";
inline constexpr std::string_view unknown_language = "unknown";
inline constexpr std::size_t max_term_words = 12; ///< words, or Chinese characters, of one term

struct term {
  std::string text;     ///< as a person writes it
  std::string language; ///< an ISO 639 code, or "any"
  std::uint32_t group = 0;
  bool exception = false; ///< only takes its words away from the group's other terms
  double weight = 1;      ///< not used here: for the owner of the list
};

/// How a term is compared: "Arrived  LATE" is "arrived late", "快递" is "快 递". An error says what is wrong
/// with it: nothing to compare, too long, or a * that is not at the end of a word.
result<std::string> spell_term(std::string_view text);

/// A term in a text, by the numbers of its first and last token.
struct term_match {
  std::uint32_t term = 0; ///< index in term_matcher::terms()
  std::uint32_t group = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// What is in a review. Valid until the thread's next call of any matcher.
struct term_matches {
  std::span<const term_match> found; ///< by group, then term, then place
  const tokenizer* tokens = nullptr; ///< of title and text, with a ':' between that no term crosses
  std::size_t title_tokens = 0;      ///< how many of them are the title's
};

class term_matcher {
 public:
  term_matcher() = default;
  /// Terms that spell_term() refuses find nothing.
  explicit term_matcher(std::vector<term> terms);

  /// The terms in a review; the title may be empty.
  term_matches match(std::string_view title, std::string_view text, std::string_view language) const;

  const std::vector<term>& terms() const noexcept { return terms_; }

 private:
  // A trie over the bytes of spelled terms. A node's edges are a slice of edges_, one for each byte from its
  // lowest to its highest; 0 where no term goes on. Node 0 is the root, one more node ends the list.
  struct node {
    std::uint32_t edges = 0;
    std::uint32_t star = 0;  // where its '*' leads: any ending
    std::uint32_t terms = 0; // where the terms that end here begin in ending_; up to the next node's
    std::uint8_t lowest = 0;
    std::uint8_t more = 0; // highest byte - lowest
  };
  struct scratch;
  void expect(std::string_view spelled);
  std::uint32_t child(const node& n, unsigned char byte) const noexcept {
    const unsigned offset = static_cast<unsigned>(byte) - n.lowest; // below the lowest: wraps around
    return offset <= n.more ? edges_[n.edges + offset] : 0;
  }
  void walk(scratch& s, std::uint32_t node_index, std::uint32_t first, std::uint32_t at) const;
  void report(scratch& s, std::uint32_t node_index, std::uint32_t first, std::uint32_t last) const;
  static void resolve(scratch& s, const std::vector<term>& terms);

  std::vector<term> terms_;
  std::vector<std::string> languages_;     // the first is "any"
  std::vector<std::uint32_t> language_of_; // of each term, as index in languages_
  std::vector<node> nodes_;
  std::vector<std::uint32_t> edges_;
  std::vector<std::uint32_t> ending_; // indexes of terms
  // Which beginnings of a token, hashed, any term begins with: nine words of ten need no walk. A few say yes
  // by chance.
  std::bitset<65536> beginnings_;
};

} // namespace weir::reviews
