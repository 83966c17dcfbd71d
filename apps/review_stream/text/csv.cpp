#include <apps/review_stream/text/csv.hpp>

#include <algorithm>

namespace weir::reviews {

bool csv_reader::next(std::vector<std::string>& row) {
  row.clear();
  while (!rest_.empty() && (rest_.front() == '\n' || rest_.front() == '\r')) { // blank lines
    line_ += rest_.front() == '\n' ? 1 : 0;
    rest_.remove_prefix(1);
  }
  if (rest_.empty() || unclosed_)
    return false;
  row_line_ = line_;
  do
    row.emplace_back();
  while (field(row.back()));
  return !unclosed_;
}

bool csv_reader::field(std::string& out) {
  if (!rest_.empty() && rest_.front() == '"') {
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) {
        unclosed_ = true;
        rest_ = {};
        return false;
      }
      line_ += static_cast<std::size_t>(std::ranges::count(rest_.substr(0, quote), '\n'));
      out += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (rest_.empty() || rest_.front() != '"')
        break;
      out += '"';
      rest_.remove_prefix(1);
    }
  }
  const char ends[] = {separator_, '\n'};
  const std::size_t end = std::min(rest_.find_first_of(std::string_view(ends, 2)), rest_.size());
  std::string_view plain = rest_.substr(0, end);
  const bool more = end < rest_.size() && rest_[end] == separator_;
  if (!more && !plain.empty() && plain.back() == '\r')
    plain.remove_suffix(1);
  out += plain;
  if (end < rest_.size() && !more)
    ++line_;
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return more;
}

} // namespace weir::reviews
