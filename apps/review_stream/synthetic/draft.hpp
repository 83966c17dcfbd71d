#pragma once

// What one made-up review says, before it is written as a line. Owning thread only.

#include <apps/review_stream/synthetic/dice.hpp>
#include <apps/review_stream/synthetic/phrase_book.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

struct draft {
  const language_phrases* language = nullptr; ///< that it is written in
  const made_up_product* product = nullptr;
  const made_up_category* category = nullptr;
  mood feels = mood::neutral;
  std::vector<std::uint32_t> topics; ///< what it is about, places in phrase_book::topics
  std::string title;                 ///< empty: none
  std::string text;
  std::vector<std::size_t> sentences; ///< where each sentence of the text ends
  std::string_view lang;              ///< what the line says the language is; empty: nothing
  std::uint32_t rating = 0;           ///< 1 to 5; 0: none
  bool contradictory = false;         ///< the rating says the opposite of the text, as in life
};

class draft_maker {
 public:
  /// The book must outlive it; `languages` are shares by language of the book, not all 0.
  draft_maker(const phrase_book& book, const std::vector<std::uint32_t>& languages);

  /// The review at this place of the stream: 1, 2, …
  void make(draft& into, std::uint64_t ordinal, dice& chance) const;
  /// Appends a sentence to the text.
  void add_sentence(draft& to, const phrase& said, dice& chance) const;
  /// Appends what customers of the category say, until the text has more than `characters`.
  void lengthen(draft& to, std::size_t characters, dice& chance) const;

  const phrase_book& book() const noexcept { return *book_; }

 private:
  void choose_mood(draft& of, std::uint64_t ordinal, dice& chance) const;
  void choose_topics(draft& of, std::size_t at_least, dice& chance) const;
  void choose_rating(draft& of, dice& chance) const;
  void write_text(draft& of, std::size_t sentences, dice& chance) const;
  void fill(std::string& to, const draft& of, const phrase& said, dice& chance) const;

  const phrase_book* book_;
  weights languages_;
  weights lengths_;
};

} // namespace weir::reviews
