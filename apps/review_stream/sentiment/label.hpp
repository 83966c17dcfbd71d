#pragma once

// What a review says about its subject.

#include <cstdint>
#include <string_view>

namespace weir::reviews {

enum class sentiment_label : std::uint8_t {
  positive,
  negative,
  neutral,
  unknown, ///< empty, or too little in it that the model knows
};

/// "positive", "negative", "neutral", "unknown".
constexpr std::string_view to_string(sentiment_label label) noexcept {
  switch (label) {
  case sentiment_label::positive:
    return "positive";
  case sentiment_label::negative:
    return "negative";
  case sentiment_label::neutral:
    return "neutral";
  case sentiment_label::unknown:
    break;
  }
  return "unknown";
}

} // namespace weir::reviews
