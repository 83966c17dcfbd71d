#pragma once

// Personal data in a text, replaced by marks: e-mail addresses by [email], phone numbers by [phone], payment
// cards by [card], bank accounts by [iban].
//
//   "write to ann@example.com, +49 170 1234567"  ->  "write to [email], [phone]"
//
// Digits may be full-width; groups may be parted by up to three blanks, dots, dashes, slashes and brackets.
//
// - E-mail: name@domain.tld in Latin letters.
// - Card: 13 to 19 digits with the first digits and the length of a known issuer and a right check digit
//   (Luhn); and any 4-4-4-4 digits, unless all four look like years.
// - IBAN: two letters, two digits, and a right check sum; or upper case with its digits in groups of four.
// - Phone: international with + or 00 and 8 to 15 digits; (555) 123-4567 and 555-123-4567; a national number
//   that starts with 0, has 9 to 12 digits and is written in groups, or is a German mobile; Spanish numbers
//   of nine digits in groups, or mobiles without; Chinese mobiles. With a word before it that says phone
//   ("tel", "call me at", "móvil", "电话") any 7 to 15 digits.
// - Not: years, dates, times, prices, sizes, ratings, model numbers with letters, numbers under 13 digits
//   that no rule above names, and those after a word that says what else they are ("order", "Bestellung",
//   "pedido", "订单", "ISBN", "#").
//
// Not seen: addresses spelt out ("ann at example dot com"), names, street addresses.
// Masking twice changes nothing more. A mark never splits a UTF-8 character. Time is linear in the text.
// Thread-safe.

#include <string>
#include <string_view>

namespace weir::reviews {

/// False when there is surely nothing to mask: no '@' behind a character and no seven digits close together.
/// A scan or two; allocates nothing.
bool may_hold_personal_data(std::string_view text) noexcept;

/// Puts marks in place of personal data; true if there was any. Allocates nothing when
/// may_hold_personal_data() is false.
bool mask_personal_data(std::string& text);

/// Whether there is anything to mask, or something was masked before: the text holds a mark.
bool holds_personal_data(std::string_view text);

} // namespace weir::reviews
