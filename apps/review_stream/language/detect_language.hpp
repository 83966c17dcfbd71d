#pragma once

// The language a text is written in, by CLD2 (naive Bayes over letter quadgrams, Google's Compact Language
// Detector 2). Thread-safe, about 10 us a review.

#include <string>
#include <string_view>

namespace weir::reviews {

/// An ISO 639 code such as "en", "de", "es", "zh" (simplified and traditional alike); "unknown" when neither
/// text nor `declared` say.
///
/// The first 160 bytes of `text` are looked at, with `title` before them when the text is short. What CLD2 is
/// sure of wins, whatever `declared` (the input's `lang` field: "en", "en-US", "EN") says; where it is not
/// sure (a word or two, emoji), a declared language is believed, and without one CLD2's best guess is taken.
/// `title` and `text` must be UTF-8; CLD2 stops at a byte that is not.
std::string detect_language(std::string_view title, std::string_view text, std::string_view declared);

} // namespace weir::reviews
