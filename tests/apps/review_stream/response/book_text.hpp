#pragma once

// A small response book, as tests change it.

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::test {

inline constexpr std::string_view small_book = R"([settings]
languages = ["en", "de"]
fallback_language = "en"
topics = ["delivery", "quality"]
shop = "Test Shop"
contact = "help@shop.example"
[policy]
auto_send_min_confidence = 0.9
auto_send_sentiments = ["positive", "negative"]
human_routes = ["human", "legal"]
topic_min_confidence = 0.5
promises = ["check", "answer"]
forbidden = ["we will refund", "guarantee", "退款"]
[signature]
en = "Yours, {shop}"
de = "Ihr {shop}"
[products.en]
about = " of '{product}'"
unnamed = "your purchase"
[products.de]
about = " zu '{product}'"
unnamed = "Ihr Einkauf"
[promises.en]
check = "We will refund what is due after a check."
answer = "Write to {contact}."
[promises.de]
check = "Wir prüfen das."
[topic_names.en]
general = "your experience"
delivery = "the delivery"
[topic_names.de]
general = "Ihre Erfahrung"
[response.en.general]
positive = "Thanks for your review{about_product}."
negative = "Sorry about {topic}. {promise:check}"
neutral = "Thanks for writing about {product}."
unknown = "Thanks. {promise:answer}"
[response.en.delivery]
negative = "Sorry about the delivery {{{topic}}}."
[response.de.general]
positive = "Danke für Ihre Bewertung{about_product}."
)";

/// The small book with one text in place of another, which must be there.
inline std::string book_with(std::string_view replaced, std::string_view by) {
  std::string text{small_book};
  const std::size_t at = text.find(replaced);
  return at == std::string::npos ? "the small book has no: " + std::string{replaced}
                                 : text.replace(at, replaced.size(), by);
}

} // namespace weir::test
