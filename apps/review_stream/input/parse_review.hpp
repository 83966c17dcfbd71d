#pragma once

// A row of input into a review, with an error that names file, line, field and the fix for every row that is
// not one. Nothing is cleaned here: see read_review.hpp. Thread-safe.

#include <actors/lines/text_line.hpp>
#include <apps/review_stream/input/field_map.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

namespace weir::reviews {

/// A line of JSON. Fields: `id`, `text` required; `product`, `title`, `rating` (a number), `category`,
/// `lang`, `ts` (ISO 8601) optional, null meaning absent; others are kept in review::extra. All failures are
/// permanent.
result<review> parse_json_review(const actors::text_line& line, const field_map& fields = {});

/// A row of a CSV or TSV file. The same fields, an empty one meaning absent; other columns that are not empty
/// are kept in review::extra as strings. All failures are permanent.
result<review> parse_table_review(const actors::text_line& row, const field_map& fields = {});

/// Whichever of the two the row is.
inline result<review> parse_review(const actors::text_line& row, const field_map& fields = {}) {
  return row.format == actors::row_format::lines ? parse_json_review(row, fields)
                                                 : parse_table_review(row, fields);
}

namespace detail {
/// "2026-05-04", or with "THH:MM", seconds, fraction and zone behind it. Ranges of the date are checked.
bool looks_like_iso_8601(std::string_view text) noexcept;
/// A permanent error "WHAT (FILE:LINE, field 'FIELD'): FIX".
error wrong_field(const actors::text_line& line, std::string what, std::string_view field, std::string fix);
error wrong_time(const actors::text_line& line, std::string_view ts);
} // namespace detail

} // namespace weir::reviews
