#include <actors/csv/csv_row.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace weir::actors {

csv_row& csv_row::plain(std::string_view cell) {
  if (!first_)
    *out_ += options_.separator;
  first_ = false;
  *out_ += cell;
  return *this;
}

csv_row& csv_row::text(std::string_view cell) {
  plain({});
  const bool formula = options_.guard_formulas && !cell.empty() &&
                       std::string_view{"=+-@\t\r"}.find(cell.front()) != std::string_view::npos;
  const bool quoted = cell.find_first_of("\"\r\n") != std::string_view::npos ||
                      cell.find(options_.separator) != std::string_view::npos || cell.starts_with(' ') ||
                      cell.ends_with(' ');
  if (quoted)
    *out_ += '"';
  if (formula)
    *out_ += '\'';
  if (!quoted) {
    *out_ += cell;
    return *this;
  }
  for (const char c : cell) {
    if (c == '"')
      *out_ += '"';
    *out_ += c;
  }
  *out_ += '"';
  return *this;
}

csv_row& csv_row::number(double n) {
  if (!std::isfinite(n))
    return plain({});
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  return plain({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

csv_row& csv_row::integer(std::int64_t n) { return plain(std::to_string(n)); }

csv_row& csv_row::natural(std::uint64_t n) { return plain(std::to_string(n)); }

} // namespace weir::actors
