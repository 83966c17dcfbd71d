#pragma once

// A line of JSON into a review, with an error that names file, line, field and the fix for every line that is
// not one. Thread-safe.

#include <actors/lines/text_line.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

namespace weir::reviews {

/// Fields: `id`, `text` required; `product`, `title`, `rating` (a number), `category`, `lang`, `ts` (ISO
/// 8601) optional, null meaning absent; others are kept in review::extra. All failures are permanent.
result<review> parse_review(const actors::text_line& line);

} // namespace weir::reviews
