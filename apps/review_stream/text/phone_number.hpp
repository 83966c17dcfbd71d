#pragma once

// Phone numbers among groups of digits. The rules are in personal_data.hpp. Thread-safe.

#include <apps/review_stream/text/digit_groups.hpp>

#include <vector>

namespace weir::reviews {

/// The phone numbers of a run between its cards (in order, none overlapping), in order.
std::vector<group_range> find_phones(const digit_run& run, const std::vector<group_range>& cards);

} // namespace weir::reviews
