#pragma once

// The node `summarise`: judged reviews in; when the input ends, one record a product out.

#include <apps/review_stream/review.hpp>
#include <weir/node/context.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

namespace weir::reviews {

/// How often something was said, and how often by an unhappy customer.
struct tally {
  std::uint64_t reviews = 0;
  std::uint64_t negative = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (reviews, negative))

/// A review worth showing.
struct shown_review {
  std::string id;
  std::string product;
  std::string text;   ///< cut to 160 characters
  std::string reason; ///< why it is urgent, or which template answered it
  std::string answer; ///< the drafted response; empty for urgent ones
};
BOOST_DESCRIBE_STRUCT(shown_review, (), (id, product, text, reason, answer))

/// What the reviews of one product said between `start` and `end`.
struct product_summary {
  std::string product; ///< empty: of reviews that name none
  std::string start;   ///< the earliest and the latest `ts`, compared as text; empty when none has one
  std::string end;
  std::uint64_t reviews = 0;
  std::uint64_t positive = 0;
  std::uint64_t negative = 0;
  std::uint64_t neutral = 0;
  std::uint64_t unknown = 0;
  double score_sum = 0; ///< over the reviews that are not `unknown`
  std::uint64_t urgent = 0;
  std::uint64_t auto_sent = 0; ///< responses that may go out as they are
  std::map<std::string, tally> topics;
  std::map<std::string, std::uint64_t> routes;
  std::map<std::string, std::uint64_t> urgency_reasons; ///< kinds, of urgent ones
  std::vector<shown_review> urgent_examples;            ///< at most 3
  std::vector<shown_review> answers;                    ///< at most 2, of different templates

  void add(const judged_review& judged);
  /// Adds the figures of another product; `product` stays as it is.
  void merge(const product_summary& other);

  double mean_score() const noexcept;     ///< -1 to 1; 0 when nothing was judged
  double negative_share() const noexcept; ///< 0 to 1
  /// The topics named most, at most `most`.
  std::vector<std::pair<std::string, tally>> top_topics(std::size_t most) const;
};
BOOST_DESCRIBE_STRUCT(product_summary, (),
                      (product, start, end, reviews, positive, negative, neutral, unknown, score_sum, urgent,
                       auto_sent, topics, routes, urgency_reasons, urgent_examples, answers))

/// A node class, to be used with one worker. Memory is bounded: what comes for the products after the first
/// `max_products` is added up under one name, `other_products`.
class summarise_products {
 public:
  static constexpr std::size_t max_products = 10'000;
  static constexpr std::string_view other_products = "(other products)";

  void on_record(const judged_review& judged, context<product_summary>&);
  void on_drain(context<product_summary>& out);

 private:
  std::map<std::string, product_summary, std::less<>> products_;
};

} // namespace weir::reviews
