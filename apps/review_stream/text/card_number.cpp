#include <apps/review_stream/text/card_number.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace weir::reviews {
namespace {

constexpr std::size_t fewest_digits = 13;
constexpr std::size_t most_digits = 19;

struct issuer {
  int low; // of the first four digits
  int high;
  std::size_t shortest;
  std::size_t longest;
};

constexpr issuer issuers[] = {
    {4000, 4999, 13, 13}, {4000, 4999, 16, 16}, {4000, 4999, 19, 19}, // Visa
    {5100, 5599, 16, 16}, {2221, 2720, 16, 16},                       // Mastercard
    {3400, 3499, 15, 15}, {3700, 3799, 15, 15},                       // American Express
    {3000, 3059, 14, 19}, {3095, 3095, 14, 19}, {3600, 3699, 14, 19}, {3800, 3999, 14, 19}, // Diners Club
    {3528, 3589, 16, 19},                                                                   // JCB
    {6011, 6011, 16, 19}, {6440, 6599, 16, 19},                                             // Discover
    {6200, 6299, 16, 19},                                                                   // UnionPay
    {5000, 5099, 13, 19}, {5600, 5899, 13, 19}, {6300, 6399, 13, 19}, {6700, 6799, 13, 19}, // Maestro
    {2200, 2204, 16, 19},                                                                   // Mir
    {6000, 6099, 16, 16},                                                                   // RuPay
};

bool luhn_holds(std::string_view digits) noexcept {
  int sum = 0;
  bool doubled = false;
  for (std::size_t i = digits.size(); i-- > 0; doubled = !doubled) {
    const int value = (digits[i] - '0') * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

// A sentence ends between: "4111. 1111".
bool parts(std::string_view gap) noexcept { return gap.find(". ") != std::string_view::npos; }

// 4-4-4-4 with one kind of gap is meant as a card even when a digit is wrong.
bool looks_like_card(const digit_run& run, std::size_t first) {
  if (first + 4 > run.groups.size())
    return false;
  bool years = true;
  for (std::size_t i = first; i < first + 4; ++i) {
    if (run.groups[i].count != 4 || (i > first && run.gap(i) != run.gap(first + 1)))
      return false;
    years = years && is_year(run.of(i));
  }
  return !years && !parts(run.gap(first + 1));
}

// The card that starts with this group; its groups have two digits or more, or each has one.
std::optional<group_range> card_at(const digit_run& run, std::size_t first) {
  const bool single = run.groups[first].count == 1;
  std::optional<group_range> found;
  for (std::size_t last = first; last < run.groups.size(); ++last) {
    if ((run.groups[last].count == 1) != single || (last > first && parts(run.gap(last))))
      break;
    const std::string_view digits = run.of(first, last);
    if (digits.size() > most_digits)
      break;
    if (is_card_number(digits))
      found = group_range{first, last};
  }
  return found;
}

} // namespace

bool is_card_number(std::string_view digits) noexcept {
  if (digits.size() < fewest_digits || digits.size() > most_digits)
    return false;
  int prefix = 0;
  for (const char c : digits.substr(0, 4))
    prefix = prefix * 10 + (c - '0');
  const bool known = std::ranges::any_of(issuers, [&](const issuer& i) {
    return prefix >= i.low && prefix <= i.high && digits.size() >= i.shortest && digits.size() <= i.longest;
  });
  return known && luhn_holds(digits);
}

std::vector<group_range> find_cards(const digit_run& run) {
  std::vector<group_range> cards;
  std::vector<bool> taken;
  if (run.digits.size() < fewest_digits)
    return cards;
  taken.resize(run.groups.size());
  const auto take = [&](group_range card) {
    for (std::size_t i = card.first; i <= card.last; ++i)
      if (taken[i])
        return;
    std::fill(taken.begin() + static_cast<std::ptrdiff_t>(card.first),
              taken.begin() + static_cast<std::ptrdiff_t>(card.last) + 1, true);
    cards.push_back(card);
  };
  // The usual ways to write a card first: chance groupings around one must not split it.
  const std::size_t groups = run.groups.size();
  for (std::size_t i = 0; i < groups; ++i) {
    if (is_card_number(run.of(i)))
      take({i, i});
    else if (looks_like_card(run, i) && is_card_number(run.of(i, i + 3)))
      take({i, i + 3});
  }
  for (std::size_t i = 0; i < groups; ++i)
    if (const auto card = card_at(run, i))
      take(*card);
  for (std::size_t i = 0; i < groups; ++i)
    if (looks_like_card(run, i))
      take({i, i + 3});
  std::ranges::sort(cards, {}, &group_range::first);
  return cards;
}

} // namespace weir::reviews
