#pragma once

// The mess of real input, kind by kind. Owning thread only.

#include <apps/review_stream/synthetic/dice.hpp>
#include <apps/review_stream/synthetic/draft.hpp>
#include <apps/review_stream/synthetic/phrase_book.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::reviews {

/// What may be wrong with a line. The first four make it no review (a dead letter), `repeated_id` makes it
/// one that is stored already; all others are reviews.
enum class mess : std::uint8_t {
  broken_json,    ///< cut off, badly quoted, or not UTF-8
  missing_id,     ///< or null
  missing_text,   ///< or null
  wrong_type,     ///< a number or a list where a string belongs, a word where a number belongs
  repeated_id,    ///< of one of the last good reviews, now and then with its text too
  repeated_text,  ///< exactly the text of one of the last good reviews, under a new id
  markup,         ///< HTML tags and entities
  emoji,          ///< some, or nothing else
  long_text,      ///< more than 10,000 characters
  empty_text,     ///< nothing, or blanks
  wrong_language, ///< `lang` names another language than the text is written in
  contact_data,   ///< an e-mail address, phone or card number; none of them can belong to anybody
  placeholders,   ///< of a template that nobody filled
  odd_space,      ///< tabs, line ends of every kind, invisible and control characters
  urgent          ///< somebody should look now: injury, allergy, legal threat, fraud
};
inline constexpr std::size_t mess_kinds = static_cast<std::size_t>(mess::urgent) + 1;

/// "broken_json", …
std::string_view to_string(mess kind) noexcept;
std::optional<mess> mess_named(std::string_view name) noexcept;

/// Makes the mess of the kinds from `markup` on in the text, language and rating of a draft; kinds that are
/// about the line leave it alone.
void make_mess(mess kind, draft& of, const draft_maker& maker, dice& chance);

/// Makes the line one that no reader of JSON takes.
void break_json(std::string& line, dice& chance);

} // namespace weir::reviews
