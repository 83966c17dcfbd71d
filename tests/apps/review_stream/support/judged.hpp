#pragma once

// Judged reviews as tests need them.

#include <apps/review_stream/review.hpp>

#include <string>
#include <utility>

namespace weir::test {

/// A review that says nothing but its id and text.
inline reviews::judged_review judged(std::string id, std::string text, std::string label = "positive") {
  reviews::judged_review j;
  j.review.id = std::move(id);
  j.review.text = std::move(text);
  j.sentiment = {std::move(label), 0.5, 0.75};
  j.model = "model-1";
  return j;
}

/// A review with every field.
inline reviews::judged_review complete() {
  reviews::judged_review j;
  j.review = {.id = "r-1",
              .text = "Good\n\"lamp\" 好",
              .product = "lamp",
              .title = "Fine",
              .category = "light",
              .language = "en",
              .ts = "2026-05-04",
              .rating = 4.5,
              .extra = R"({"store":"north"})"};
  j.language = "en";
  j.sentiment = {"negative", -0.98765432, 0.75};
  j.topics = {{"quality", 0.8}, {"delivery", 0.5}};
  j.urgency = {"high", {"injury: burned my hand"}};
  j.route = {"human", "urgency high"};
  j.response = {"en/quality/negative", "We are sorry.", false, {"urgency is high"}};
  j.model = "model-1";
  return j;
}

} // namespace weir::test
