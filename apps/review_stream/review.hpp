#pragma once

// The records of review-stream: a review, and what the steps behind it find out.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

namespace weir::reviews {

/// One customer review as it came in, cleaned. Absent optional fields are empty.
struct review {
  std::string id;
  std::string text;
  std::string product;
  std::string title;
  std::string category;
  std::string language; ///< the input's `lang`, which may be wrong
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

/// What the review is about; a review may have several.
struct topic {
  std::string name;
  double confidence = 0; ///< 0 to 1
};
BOOST_DESCRIBE_STRUCT(topic, (), (name, confidence))

/// How soon somebody should look, and why.
struct urgency {
  std::string level = "low";        ///< low, normal, high
  std::vector<std::string> reasons; ///< "injury: burned my hand", "confident negative (0.97)"
};
BOOST_DESCRIBE_STRUCT(urgency, (), (level, reasons))

/// Who should look.
struct route {
  std::string to = "none"; ///< engineering, product, human, none, or what the user's rules say
  std::string reason;      ///< the rule that decided
};
BOOST_DESCRIBE_STRUCT(route, (), (to, reason))

/// The drafted answer to the customer.
struct response {
  std::string template_id; ///< "en/delivery/negative"
  std::string text;
  bool auto_send = false;           ///< may go out without a person having read it
  std::vector<std::string> reasons; ///< why this template, why (not) sent
};
BOOST_DESCRIBE_STRUCT(response, (), (template_id, text, auto_send, reasons))

/// A review and what review-stream made of it so far: each step fills in its part.
struct judged_review {
  weir::reviews::review review;
  std::string language; ///< of the text: en, de, es, zh, another ISO 639 code, or "unknown"
  weir::reviews::sentiment sentiment;
  std::vector<topic> topics; ///< most confident first
  weir::reviews::urgency urgency;
  weir::reviews::route route;
  weir::reviews::response response;
  std::string model;            ///< which model judged the sentiment
  std::string origin = "local"; ///< where the judgement was made: local, cache, remote, fallback
};
BOOST_DESCRIBE_STRUCT(judged_review, (),
                      (review, language, sentiment, topics, urgency, route, response, model, origin))

} // namespace weir::reviews
