#pragma once

// Drafted responses: from a judged review to a short answer, and whether it may go out unread.
//
// The book is a TOML file (data/responses.toml says how it is written). The template for a review is the
// first there is of
//
//   its language, its topic, its sentiment        "de/delivery/negative"
//   its language, general,   its sentiment        "de/general/negative"
//   the fallback language, its topic or general   "en/delivery/negative", "en/general/negative"
//
// where its topic is the most confident one, if that is confident enough.
//
// A template is checked when the book is read: every placeholder is known, and it promises nothing ("we will
// refund", "guarantee") but by {promise:NAME} from a list of allowed promises. What a customer wrote is never
// a template: of a review only the product's name enters the response, in one pass, without markup, control
// characters, personal data or forbidden phrases, and cut to 80 characters. A name that holds a web address
// or no letter is left out. The review's text is not quoted.

#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::reviews {

/// A copy is a pointer to the same book. Thread-safe.
class response_book {
 public:
  /// The answer to the review: its template, text, whether it may be sent unread, and the reasons for both.
  /// Needs the language, sentiment, topics, urgency and route of the review. Never fails: every language
  /// and sentiment ends at a general template.
  response draft(const judged_review& judged) const;

  struct contents;
  explicit response_book(std::shared_ptr<const contents> book) : book_(std::move(book)) {}

 private:
  std::shared_ptr<const contents> book_;
};

/// The book in a TOML file; an error names file, line, field and what to do.
result<response_book> load_response_book(const std::filesystem::path& file);

/// The book in a TOML text; `where` names it in errors.
result<response_book> parse_response_book(std::string_view text, const std::string& where);

} // namespace weir::reviews
