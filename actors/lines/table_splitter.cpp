#include <actors/lines/table_splitter.hpp>

#include <algorithm>
#include <utility>

namespace weir::actors {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t strippable_bytes = byte_order_mark.size() + 1;
/// So often what an unclosed quote had taken is read again before it is given up.
constexpr int most_restarts = 16;

} // namespace

void table_splitter::feed(std::string_view chunk) noexcept {
  rest_ = chunk;
  if (std::exchange(unended_, false))
    --number_;
}

void table_splitter::begin_row() noexcept {
  held_.clear();
  scanned_ = 0;
  first_line_ = std::string_view::npos;
  skipped_ = 0;
  handed_out_ = false;
  if (after_.empty() && again_.empty())
    restarts_ = 0;
}

/// Whether `line`, which begins within quotes or at the start of a row, ends within quotes.
bool table_splitter::scan(std::string_view line, bool within_quotes) noexcept {
  if (line.find('"') == std::string_view::npos)
    return within_quotes;
  bool field_start = !within_quotes;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (within_quotes) {
      if (c == '"' && i + 1 < line.size() && line[i + 1] == '"')
        ++i;
      else if (c == '"')
        within_quotes = false;
    } else if (c == separator_) {
      field_start = true;
    } else {
      within_quotes = c == '"' && field_start;
      field_start = false;
    }
  }
  return within_quotes;
}

bool table_splitter::complete(std::string_view text, std::uint64_t bytes, row& out) {
  const auto ended = end_of_line(text, bytes, row_number_ == 1, max_);
  if (ended)
    out = {ended->text, row_number_, ended->bytes, ended->too_long, false};
  return ended.has_value();
}

/// A physical line has ended: `line` is its part behind held_. True when that makes a row.
bool table_splitter::end_line(std::string_view line, row& out) {
  ++number_;
  const bool first = scanned_ == 0;
  if (first)
    row_number_ = number_;
  const std::string_view whole = held_.empty() ? line : (held_ += line);
  if (skipped_ > 0)
    return handed_out_ = true, complete(whole, whole.size() + skipped_, out);
  std::string_view read = whole.substr(scanned_);
  if (number_ == 1 && read.starts_with(byte_order_mark))
    read.remove_prefix(byte_order_mark.size());
  if (separator_ == 0 && read.find_first_not_of(" \t\r") != std::string_view::npos)
    separator_ = separator_of(read, format_);
  const bool open = scan(read, !first);
  if (!open) {
    handed_out_ = true;
    return complete(whole, whole.size(), out);
  }
  if (held_.empty())
    held_ = line;
  if (first)
    first_line_ = held_.size();
  held_ += '\n';
  scanned_ = held_.size();
  return false;
}

/// The row in held_ has an unclosed quote: answers its first line, and what came after it is read again.
void table_splitter::start_again(row& out) {
  const bool give_up = restarts_ == most_restarts;
  const std::size_t line_end = give_up ? held_.size() : std::min(first_line_, held_.size());
  broken_ = utf8_prefix(std::string_view{held_}.substr(0, line_end), line_splitter::excerpt_bytes);
  out = {broken_, row_number_, line_end, false, true};
  if (give_up) {
    restarts_ = 0;
    held_.clear();
    begin_row();
    return;
  }
  ++restarts_;
  std::string again = held_.substr(std::min(line_end + 1, held_.size()));
  if (again_.empty())
    after_ = rest_;
  else
    again += rest_;
  again_ = std::move(again);
  rest_ = again_.empty() ? std::exchange(after_, {}) : std::string_view{again_};
  number_ = row_number_;
  held_.clear();
  begin_row();
}

bool table_splitter::next(row& out) {
  for (;;) {
    if (handed_out_)
      begin_row();
    if (rest_.empty()) {
      if (again_.empty())
        return false;
      again_.clear();
      rest_ = std::exchange(after_, {});
      continue;
    }
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view part = rest_.substr(0, end);
    const std::size_t bound = max_ + strippable_bytes;
    if (scanned_ > 0 && held_.size() + part.size() > bound) { // rest_ keeps the part
      start_again(out);
      return true;
    }
    if (held_.size() + part.size() > bound) { // one line: only its beginning is kept
      skipped_ += part.size();
      constexpr std::size_t kept = line_splitter::excerpt_bytes;
      if (held_.size() > kept) {
        skipped_ += held_.size() - kept;
        held_.resize(kept);
      } else {
        const std::size_t more = std::min(part.size(), kept - held_.size());
        held_ += part.substr(0, more);
        skipped_ -= more;
      }
    } else if (end == rest_.size()) {
      held_ += part;
    } else {
      rest_.remove_prefix(end + 1);
      if (end_line(part, out))
        return true;
      continue;
    }
    const bool ended = end < rest_.size();
    rest_.remove_prefix(ended ? end + 1 : end);
    if (ended && end_line({}, out))
      return true;
  }
}

bool table_splitter::finish(row& out) {
  for (;;) {
    if (next(out))
      return true;
    if (held_.empty() && skipped_ == 0)
      return false;
    const bool line_open = held_.size() > scanned_ || skipped_ > 0;
    if (line_open) {
      unended_ = true;
      if (end_line({}, out))
        return true;
      if (scanned_ == 0 || handed_out_)
        continue;
      held_.pop_back(); // the line end that was not there
    }
    unended_ = false;
    start_again(out);
    return true;
  }
}

} // namespace weir::actors
