#include <apps/review_stream/language/evident_language.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::reviews {
namespace {

enum language : std::uint8_t { none, english, german, doubtful };

/// Each is common in its language and hardly a word in any that is written with the same letters.
constexpr auto english_words = std::to_array<std::string_view>(
    {"the",   "and",   "this",  "that", "with",   "you",    "have", "they", "would", "your", "there",
     "which", "their", "these", "been", "were",   "very",   "when", "what", "but",   "from", "because",
     "about", "than",  "could", "how",  "really", "should", "not",  "who",  "did",   "does", "only"});
constexpr auto german_words = std::to_array<std::string_view>(
    {"und",   "nicht", "ist",  "ich",  "das",  "eine",  "auch", "aber", "sich",
     "auf",   "sehr",  "wird", "sind", "dass", "habe",  "oder", "wenn", "wurde",
     "schon", "noch",  "zum",  "zur",  "dem",  "einen", "kein"});
/// Common in a language that is neither, or in several: an English text with one of them gets a closer look.
constexpr auto other_words = std::to_array<std::string_view>(
    {"der", "die", "den",  "mit", "von", "bei", "unten", "hier", "wir", "ein",
     "el",  "los", "las",  "una", "les", "est", "une",   "pour", "que", "het",
     "een", "dat", "niet", "och", "jeg", "nie", "jest",  "il",   "di",  "per"});

/// A word of at most eight bytes as a number.
constexpr std::uint64_t append(std::uint64_t word, char c) noexcept {
  return word << 8U | static_cast<unsigned char>(c);
}

struct entry {
  std::uint64_t word = 0;
  language of = none;
};

constexpr std::size_t table_bits = 9;
constexpr std::size_t slot_of(std::uint64_t word) noexcept {
  return (word * 0x9E3779B97F4A7C15U) >> (64U - table_bits);
}

/// Open addressing: a word is in its slot or in one right behind it.
constexpr auto known_words = [] {
  std::array<entry, std::size_t{1} << table_bits> table{};
  const auto add = [&table](const auto& words, language of) {
    for (const std::string_view text : words) {
      std::uint64_t word = 0;
      for (const char c : text)
        word = append(word, c);
      std::size_t slot = slot_of(word);
      while (table[slot].word != 0)
        slot = (slot + 1) % table.size();
      table[slot] = {word, of};
    }
  };
  add(english_words, english);
  add(german_words, german);
  add(other_words, doubtful);
  return table;
}();

language language_of(std::uint64_t word) noexcept {
  for (std::size_t slot = slot_of(word);; slot = (slot + 1) % known_words.size()) {
    if (known_words[slot].word == word)
      return known_words[slot].of;
    if (known_words[slot].word == 0)
      return none;
  }
}

} // namespace

std::string_view evident_language(std::string_view text) noexcept {
  // Where these settle it, CLD2 says the same of 34,000 real reviews and 20,000 made-up ones; with half of
  // each it differs for a dozen.
  constexpr std::size_t fewest_english = 2; // words that only one language has
  constexpr std::size_t fewest_german = 3;
  constexpr std::size_t one_in = 8;      // of so many words, at least
  constexpr std::size_t fewest_han = 24; // characters, and no letter
  std::array<std::size_t, 4> known{};    // words, by language
  std::size_t words = 0;
  std::size_t han = 0;
  std::size_t length = 0; // of the word
  std::uint64_t word = 0; // its last eight bytes
  const auto end_word = [&] {
    if (length == 0)
      return;
    ++words;
    if (length <= 8)
      ++known[language_of(word)];
    length = word = 0;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto lower = static_cast<char>(c | 0x20U);
    if (lower >= 'a' && lower <= 'z') {
      word = append(word, lower);
      ++length;
    } else if (c < 0x80) {
      end_word();
    } else if (c >= 0xE4 && c <= 0xE9) { // U+4000 to U+9FFF, nearly all of it Han
      end_word();
      ++han;
      i += 2;
    } else if (const std::string_view two = text.substr(i, 2); two == "\xE3\x80" || two == "\xEF\xBC") {
      end_word(); // full-width signs
      i += 2;
    } else { // makes a word that is not among the known ones
      word = append(word, text[i]);
      ++length;
    }
  }
  end_word();
  const auto only = [&](language one, std::size_t fewest, language other) {
    return han == 0 && known[one] >= fewest && known[one] * one_in >= words && known[other] == 0;
  };
  if (only(english, fewest_english, german) && known[doubtful] == 0)
    return "en";
  if (only(german, fewest_german, english))
    return "de";
  return han >= fewest_han && words == 0 ? "zh" : std::string_view{};
}

} // namespace weir::reviews
