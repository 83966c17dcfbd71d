#pragma once

// How the words of `review-stream generate` become options. Thread-safe.

#include <apps/review_stream/synthetic/review_generator.hpp>
#include <weir/base/result.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir::reviews {

/// "en=60,de=15": shares of languages that the book has.
result<std::vector<std::pair<std::string, std::uint32_t>>> parse_language_shares(const std::string& text,
                                                                                 const phrase_book& book);
/// "broken_json,emoji": kinds of mess; "all" is every kind.
result<std::vector<mess>> parse_mess_kinds(const std::string& text);
/// "2026-05-04", "2026-05-04T12:30" or "2026-05-04T12:30:15Z": UTC, years 1970 to 9000.
result<calendar_time> parse_start(const std::string& text);

/// What was made, as people read it, and as one line of JSON without line end.
std::string made_text(const generator_counts& made, double seconds);
std::string made_json(const generator_counts& made, double seconds);

} // namespace weir::reviews
