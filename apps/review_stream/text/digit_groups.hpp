#pragma once

// Numbers as people write them: groups of digits with signs between, "+49 (170) 123-4567".
//
// Digits may be full-width. Thread-safety: plain values.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

/// Neighbouring digits.
struct digit_group {
  std::size_t begin = 0; ///< byte in the text
  std::size_t end = 0;   ///< one past its last byte
  std::size_t first = 0; ///< its first digit in digit_run::digits
  std::size_t count = 0; ///< digits
};

/// Groups of digits with at most three separating characters between, within a text.
struct digit_run {
  std::string_view text;           ///< the whole text
  std::string digits;              ///< of all groups, as ASCII
  std::vector<digit_group> groups; ///< in the order of the text

  std::string_view of(std::size_t group) const { return of(group, group); }
  /// The digits of the groups from `first` to `last`, both included.
  std::string_view of(std::size_t first, std::size_t last) const {
    const std::size_t end = groups[last].first + groups[last].count;
    return std::string_view{digits}.substr(groups[first].first, end - groups[first].first);
  }
  /// What is between a group and the one before it; empty for the first.
  std::string_view gap(std::size_t group) const {
    return group == 0 ? std::string_view{}
                      : text.substr(groups[group - 1].end, groups[group].begin - groups[group - 1].end);
  }
};

/// Groups that belong together: a card or a phone number.
struct group_range {
  std::size_t first = 0;
  std::size_t last = 0; ///< included
};

/// The run in the bytes from `begin` to `end` of a text, which start and end with a digit.
digit_run split_digits(std::string_view text, std::size_t begin, std::size_t end);

/// Four digits that are a year from 1900 to 2099.
constexpr bool is_year(std::string_view digits) noexcept {
  return digits.size() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
}

} // namespace weir::reviews
