#pragma once

// The records of review-stream.

#include <cstdint>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>

namespace weir::reviews {

/// One customer review as it came in. Absent optional fields are empty.
struct review {
  std::string id;
  std::string text;
  std::string product;
  std::string title;
  std::string category;
  std::string language; ///< the input's `lang`
  std::string ts;       ///< ISO 8601, as given
  std::optional<double> rating;
  std::string extra; ///< fields that review-stream does not know, as one JSON object; empty if there are none
};
BOOST_DESCRIBE_STRUCT(review, (), (id, text, product, title, category, language, ts, rating, extra))

/// What the customer felt.
struct sentiment {
  std::string label;     ///< positive, negative, neutral, unknown
  double score = 0;      ///< -1 to 1
  double confidence = 0; ///< that the label is right, 0 to 1
};
BOOST_DESCRIBE_STRUCT(sentiment, (), (label, score, confidence))

/// A review and what review-stream made of it.
struct judged_review {
  weir::reviews::review review;
  weir::reviews::sentiment sentiment;
  std::string model;            ///< which model judged it
  std::string origin = "local"; ///< where the judgement was made
};
BOOST_DESCRIBE_STRUCT(judged_review, (), (review, sentiment, model, origin))

} // namespace weir::reviews
