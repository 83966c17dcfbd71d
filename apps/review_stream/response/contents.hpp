#pragma once

// What a response_book holds once it is read and checked. For the .cpp files of this folder.

#include <apps/review_stream/response/forbidden_phrases.hpp>
#include <apps/review_stream/response/response_book.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

inline constexpr std::array<std::string_view, 4> sentiment_labels{"positive", "negative", "neutral",
                                                                  "unknown"};
inline constexpr std::size_t unknown_sentiment = 3;
inline constexpr std::string_view general_topic = "general";

/// The index of a label; anything else is unknown.
constexpr std::size_t sentiment_index(std::string_view label) noexcept {
  for (std::size_t i = 0; i < sentiment_labels.size(); ++i)
    if (sentiment_labels[i] == label)
      return i;
  return unknown_sentiment;
}

/// What differs from review to review; the rest of a template is plain text once it is read.
enum class slot { none, product, about_product, topic };

struct piece {
  slot kind = slot::none;
  std::string text; ///< of slot::none
};

struct response_template {
  std::string id; ///< "en/delivery/negative"
  std::vector<piece> pieces;
};

struct language_templates {
  std::string name;
  std::string signature;
  std::string unnamed;      ///< in place of a product's name
  std::string before_about; ///< around the name in {about_product}
  std::string after_about;
  std::map<std::string, std::string, std::less<>> topic_names;
  std::map<std::string, std::array<std::optional<response_template>, sentiment_labels.size()>, std::less<>>
      topics;

  const response_template* find(std::string_view topic, std::size_t sentiment) const {
    const auto found = topics.find(topic);
    return found == topics.end() || !found->second[sentiment] ? nullptr : &*found->second[sentiment];
  }
};

struct response_book::contents {
  std::vector<language_templates> languages;
  std::size_t fallback = 0; ///< an index of languages
  double min_confidence = 0;
  double min_topic_confidence = 0;
  std::array<bool, sentiment_labels.size()> auto_send{};
  std::vector<std::string> human_routes;
  forbidden_phrases forbidden;

  const language_templates* find(std::string_view language) const {
    for (const language_templates& l : languages)
      if (l.name == language)
        return &l;
    return nullptr;
  }
};

} // namespace weir::reviews
