#include <apps/review_stream/text/personal_data.hpp>

namespace weir::reviews {

bool may_hold_personal_data(std::string_view text) noexcept {
  constexpr int fewest_digits = 7;
  int digits = 0;
  for (const char c : text) {
    if (c == '@')
      return true;
    digits += c >= '0' && c <= '9' ? 1 : 0;
  }
  return digits >= fewest_digits;
}

bool mask_personal_data(std::string&) { return false; }

bool holds_personal_data(std::string_view text) { return text.find("[email]") != std::string_view::npos; }

} // namespace weir::reviews
