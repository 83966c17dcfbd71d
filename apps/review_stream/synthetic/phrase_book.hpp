#pragma once

// What made-up reviews are made of: categories, products and sentences, read from a TOML file that people
// edit (data/phrases.toml, whose head explains it). Plain values: thread-safe as long as nobody changes them.

#include <apps/review_stream/synthetic/dice.hpp>
#include <weir/base/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

/// How a review or a sentence feels; also the place in by_mood.
enum class mood : std::uint8_t { positive, negative, neutral };
std::string_view to_string(mood m) noexcept;

/// A sentence with places to fill: "It took {days}." is "It took " {days} and "." {nothing}.
struct phrase {
  struct piece {
    std::string text;
    std::uint32_t slot; ///< what follows the text: a place in language_phrases::slots, or one of those below
  };
  static constexpr std::uint32_t nothing = UINT32_MAX;
  static constexpr std::uint32_t product = UINT32_MAX - 1; ///< {product}: the name of the product
  static constexpr std::uint32_t part = UINT32_MAX - 2;    ///< {part}: a part that the category has
  std::vector<piece> pieces;
};

using by_mood = std::array<std::vector<phrase>, 3>;

/// All that is said in one language. No list that reviews need is empty.
struct language_phrases {
  std::string code;    ///< ISO 639-1
  std::string between; ///< stands between two sentences
  std::vector<std::vector<std::string>> slots;
  std::vector<std::vector<std::string>> parts; ///< by category; empty where the category has none
  std::vector<phrase> openers;                 ///< say nothing good or bad
  by_mood verdicts;                            ///< of the whole, first or last
  by_mood titles;
  std::vector<by_mood> topics; ///< by topic
  std::vector<phrase> urgent;  ///< injury, allergy, legal threat, fraud
  std::vector<phrase> contact; ///< with an e-mail address, a phone number or a card number
};

/// A product that has a fault for a while: most reviews of it complain about that topic meanwhile.
struct defect {
  std::uint32_t topic = 0;
  std::uint64_t from = 0; ///< of each phrase_book::defects_repeat reviews: the first with it …
  std::uint64_t to = 0;   ///< … and the first without
};

struct made_up_product {
  std::string name;
  std::uint32_t category = 0;
  std::optional<reviews::defect> defect;
};

struct made_up_category {
  std::string name;
  std::vector<std::uint32_t> topics; ///< what its customers talk about
};

struct phrase_book {
  std::vector<std::string> topics;
  std::vector<bool> complaint; ///< by topic: seldom raised by those who are not unhappy
  std::vector<made_up_category> categories;
  std::vector<made_up_product> products;
  weights sold; ///< how often each product is reviewed
  std::uint64_t defects_repeat = 10'000;
  std::vector<language_phrases> languages;
  std::vector<std::string> emoji;
  std::vector<std::string> placeholders; ///< of templates that somebody forgot to fill

  /// The place of a language in `languages`.
  std::optional<std::size_t> language(std::string_view code) const;
};

/// Errors name file, line, field and the fix.
result<phrase_book> read_phrases(const std::filesystem::path& file);
/// The same for text in memory; `where` names it in errors.
result<phrase_book> parse_phrases(std::string_view text, const std::string& where);

} // namespace weir::reviews
