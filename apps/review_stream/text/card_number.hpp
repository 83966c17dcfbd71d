#pragma once

// Payment cards among groups of digits. The rules are in personal_data.hpp. Thread-safe.

#include <apps/review_stream/text/digit_groups.hpp>

#include <string_view>
#include <vector>

namespace weir::reviews {

/// The cards of a run, in order, none overlapping.
std::vector<group_range> find_cards(const digit_run& run);

/// 13 to 19 digits with the prefix and length of a known issuer and a right check digit.
bool is_card_number(std::string_view digits) noexcept;

} // namespace weir::reviews
