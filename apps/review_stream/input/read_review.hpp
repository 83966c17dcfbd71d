#pragma once

// The node `parse`: a row of input into a clean review.

#include <apps/review_stream/input/field_map.hpp>
#include <apps/review_stream/input/parse_review.hpp>

#include <memory>
#include <utility>

namespace weir::reviews {

/// A callable for `map`. Text, title and product are cleaned (text/clean_text.hpp); personal data in them
/// is masked (text/personal_data.hpp), so that no later step, file or table holds it. Fields that
/// review-stream does not know (review::extra) stay as they are. Copies share the map. Thread-safe.
class read_review {
 public:
  explicit read_review(field_map fields = {})
      : fields_(std::make_shared<const field_map>(std::move(fields))) {}

  result<review> operator()(const actors::text_line& row) const;

 private:
  std::shared_ptr<const field_map> fields_;
};

} // namespace weir::reviews
