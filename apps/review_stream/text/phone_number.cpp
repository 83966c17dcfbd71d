#include <apps/review_stream/text/phone_number.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>

#include <re2/re2.h>

namespace weir::reviews {
namespace {

constexpr std::size_t look_behind = 32; // bytes

bool is_latin_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// What may say what a number is: the words before it, back to a sign that ends a thought or to another
// number.
std::string_view before(std::string_view text, std::size_t at) noexcept {
  const std::size_t limit = at > look_behind ? at - look_behind : 0;
  std::size_t from = at;
  while (from > limit && std::string_view{"0123456789!?\n"}.find(text[from - 1]) == std::string_view::npos)
    --from;
  // No half word, and not the word in "[phone]": what is behind a mark is not announced by it.
  while (from > 0 && from < at && (is_latin_letter(text[from - 1]) || text[from - 1] == '['))
    ++from;
  return text.substr(from, at - from);
}

bool matches(std::string_view text, const re2::RE2& pattern) {
  return re2::RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, pattern);
}

bool says_phone(std::string_view before) {
  static const re2::RE2 pattern{
      R"((?i)(?:^|[^\[a-z\x{C0}-\x{24F}])(?:tele(?:ph|f)[a-z]*|tel|phone|call|cell|mob|mobile|ring|dial|text|sms|)"
      R"(whats ?app|fax|hotline|handy|handynummer|mobil|mobilnummer|rufnummer|ruf|rufen|anrufen|tfno|tlf|)"
      R"(teléf[a-z]*|móvil|movil|celular|ll[aá]m[a-zé]*)(?:$|[^a-z\x{C0}-\x{24F}])|)"
      R"(电话|手机|致电|拨打|联系|热线|传真|微信)"};
  return matches(before, pattern);
}

bool says_other(std::string_view before) {
  static const re2::RE2 pattern{
      R"((?i)(?:^|[^a-z\x{C0}-\x{24F}])(?:order|invoice|tracking|shipment|parcel|serial|model|sku|isbn|ean|asin|)"
      R"(upc|part|item|ref|reference|case|ticket|id|bestell[a-z]*|auftrag[a-z]*|rechnung[a-z]*|sendung[a-z]*|)"
      R"(kunden[a-z]*|artikel[a-z]*|serien[a-z]*|pedido|factura|env[ií]o|seguimiento|referencia|modelo|serie|)"
      R"(cliente)(?:$|[^a-z\x{C0}-\x{24F}])|订单|单号|运单|快递|编号|型号|[#$€£¥])"};
  return matches(before, pattern);
}

int number(std::string_view digits) noexcept {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool is_day_and_month(std::string_view a, std::string_view b) noexcept {
  const int x = number(a);
  const int y = number(b);
  return a.size() <= 2 && b.size() <= 2 && x >= 1 && y >= 1 && std::min(x, y) <= 12 && std::max(x, y) <= 31;
}

// 2026-05-04, 4.5.2026, 05/04/26
bool is_date(const digit_run& run, std::size_t first) {
  if (first + 3 > run.groups.size() || run.gap(first + 1) != run.gap(first + 2))
    return false;
  const std::string_view gap = run.gap(first + 1);
  if (gap != "-" && gap != "." && gap != "/")
    return false;
  const std::string_view a = run.of(first);
  const std::string_view b = run.of(first + 1);
  const std::string_view c = run.of(first + 2);
  return (is_year(a) && is_day_and_month(b, c)) || ((is_year(c) || c.size() == 2) && is_day_and_month(a, b));
}

bool all_zero(std::string_view digits) noexcept {
  return digits.find_first_not_of('0') == std::string_view::npos;
}

using match = std::optional<group_range>;

// The groups in which a phone number is looked for: from `first` up to, not with, `end`.
struct phone_rules {
  const digit_run& run;
  std::size_t first;
  std::size_t end;
  bool after_number; // the group before `first` is part of a card, a date or a phone number

  std::string_view before_first() const { return run.text.substr(0, run.groups[first].begin); }

  // What follows a decimal point is the rest of a number.
  bool is_fraction() const { return first > 0 && !after_number && run.gap(first) == "."; }

  // Part of a code or a web address.
  bool glued_before() const {
    const std::string_view text = before_first();
    return !text.empty() && (is_latin_letter(text.back()) || text.ends_with('/') || text.ends_with('='));
  }
  bool glued_after(std::size_t last) const {
    const std::size_t at = run.groups[last].end;
    return at < run.text.size() && is_latin_letter(run.text[at]);
  }

  // As many groups as `most` digits have room for, if that gives `fewest`. A lone digit behind longer groups
  // is a number of its own.
  match longest(std::size_t fewest, std::size_t most) const {
    match found;
    for (std::size_t last = first; last < end; ++last) {
      const std::size_t digits = run.of(first, last).size();
      if (digits > most)
        break;
      if (digits > fewest && run.groups[last].count == 1 && run.groups[last - 1].count > 1)
        break;
      if (digits >= fewest)
        found = group_range{first, last};
    }
    return found;
  }

  // Exactly these groups.
  match groups_of(std::initializer_list<std::size_t> counts) const {
    if (first + counts.size() > end)
      return std::nullopt;
    std::size_t i = first;
    for (const std::size_t count : counts)
      if (run.groups[i++].count != count)
        return std::nullopt;
    return group_range{first, i - 1};
  }

  // +49 170 1234567, 0049 (0) 170/1234567; 16 digits: 15, and the (0).
  match international() const {
    const std::string_view text = before_first();
    const std::string_view digits = run.of(first, end - 1);
    if (first == 0 && (text.ends_with('+') || text.ends_with("＋") || text.ends_with("+(")))
      return digits.front() == '0' ? std::nullopt : longest(8, 16);
    const bool zeros = digits.size() > 2 && digits.starts_with("00") && digits[2] != '0' &&
                       run.groups[first].count >= 2 && !is_fraction();
    if (!zeros || glued_before() || text.ends_with(',') || text.ends_with(':'))
      return std::nullopt;
    return longest(10, 18);
  }

  // Any number behind a word that says phone.
  match announced() const {
    if (first > 0 && run.gap(first).size() < 2)
      return std::nullopt; // the word is before the first group
    const match found = longest(7, 15);
    if (!found || !says_phone(before(run.text, run.groups[first].begin)))
      return std::nullopt;
    for (std::size_t i = found->first; i <= found->last; ++i)
      if (!is_year(run.of(i)))
        return found;
    return std::nullopt;
  }

  // (555) 123-4567, 1-800-555-1234, 138 1234 5678, 612 34 56 78, 91 123 45 67, 01 23 45 67 89
  match shaped() const {
    const std::string_view digits = run.of(first, end - 1);
    const char lead = digits.front();
    match found;
    if (lead == '1') {
      if (digits.size() > 1 && digits[1] >= '3')
        found = groups_of({3, 4, 4});
      if (!found)
        found = groups_of({1, 3, 3, 4});
    } else if (lead != '0') {
      found = groups_of({3, 3, 4});
      if (!found && digits.starts_with("86"))
        found = groups_of({2, 3, 4, 4});
      if (!found && lead >= '6')
        found = spanish();
    } else {
      found = groups_of({2, 2, 2, 2, 2});
    }
    return found;
  }

  match spanish() const {
    match found = groups_of({3, 2, 2, 2});
    if (!found)
      found = groups_of({2, 3, 2, 2});
    if (!found)
      found = groups_of({3, 6});
    if (found)
      return found;
    found = groups_of({3, 3, 3});
    return found && all_zero(run.of(found->last)) ? std::nullopt : found; // 612.345.000 is an amount
  }

  // 0170 1234567, (030) 12 34 56 78, 030/1234567
  match national() const {
    const std::string_view digits = run.of(first, end - 1);
    const std::size_t count = run.groups[first].count;
    if (digits.front() != '0' || count < 3 || count > 6 || digits[1] == '0')
      return std::nullopt;
    const match found = longest(9, 12);
    if (!found || found->last == first)
      return std::nullopt;
    for (std::size_t i = first + 1; i <= found->last; ++i)
      if (run.groups[i].count < 2)
        return std::nullopt;
    return found;
  }

  // A mobile number without gaps: Chinese 13912345678, German 01701234567, Spanish 612345678.
  match in_one() const {
    const std::string_view digits = run.of(first);
    const auto is = [&](std::size_t count, std::string_view prefix, char low, char high) {
      return digits.size() == count && digits.starts_with(prefix) && digits[prefix.size()] >= low &&
             digits[prefix.size()] <= high;
    };
    const bool mobile = is(11, "1", '3', '9') || is(13, "861", '3', '9') || is(11, "01", '5', '7') ||
                        is(12, "01", '5', '7') || (is(9, "", '6', '7') && !all_zero(digits.substr(3)));
    if (!mobile || glued_after(first))
      return std::nullopt;
    return group_range{first, first};
  }

  match find() const {
    if (const match m = international())
      return m;
    if (const match m = announced())
      return m;
    if (glued_before() || is_fraction())
      return std::nullopt;
    match found = shaped();
    if (!found)
      found = national();
    if (!found)
      found = in_one();
    if (!found || says_other(before(run.text, run.groups[first].begin)))
      return std::nullopt;
    return found;
  }
};

} // namespace

std::vector<group_range> find_phones(const digit_run& run, const std::vector<group_range>& cards) {
  constexpr std::size_t fewest_digits = 7;
  std::vector<group_range> phones;
  // Cards, dates and ends of sentences part the run.
  std::vector<bool> ends(run.groups.size() + 1);
  std::vector<bool> skipped(run.groups.size());
  ends.back() = true;
  const auto skip = [&](std::size_t first, std::size_t last) {
    ends[first] = ends[last + 1] = true;
    std::fill(skipped.begin() + static_cast<std::ptrdiff_t>(first),
              skipped.begin() + static_cast<std::ptrdiff_t>(last) + 1, true);
  };
  for (const group_range& card : cards)
    skip(card.first, card.last);
  for (std::size_t i = 0; i < run.groups.size(); ++i) {
    if (is_date(run, i))
      skip(i, i + 2);
    if (run.gap(i).find(". ") != std::string_view::npos)
      ends[i] = true;
  }
  bool after_number = false;
  for (std::size_t i = 0; i < run.groups.size();) {
    std::size_t end = i + 1;
    while (!ends[end] && end - i < 20)
      ++end;
    const bool long_enough = !skipped[i] && run.of(i, end - 1).size() >= fewest_digits;
    const match found = long_enough ? phone_rules{run, i, end, after_number}.find() : std::nullopt;
    if (found)
      phones.push_back(*found);
    after_number = found || skipped[i];
    i = found ? found->last + 1 : i + 1;
  }
  return phones;
}

} // namespace weir::reviews
