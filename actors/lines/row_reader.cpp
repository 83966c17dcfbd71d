#include <actors/lines/row_reader.hpp>

#include <utility>

namespace weir::actors {

row_reader::row_reader(shared_text file, row_format format, std::size_t max_row_bytes)
    : file_(std::move(file)), format_(format), max_(max_row_bytes), lines_(max_row_bytes) {
  if (format_ == row_format::automatic)
    format_ = format_of_name(file_.view()).value_or(row_format::automatic);
  if (format_ != row_format::automatic)
    decide(format_);
}

void row_reader::decide(row_format format) {
  format_ = format;
  if (format != row_format::lines)
    table_.emplace(max_, format);
}

void row_reader::feed(std::string_view chunk) {
  if (format_ == row_format::automatic) {
    undecided_ += chunk;
    const auto format = format_of_content(undecided_, false);
    if (!format)
      return;
    decide(*format);
    chunk = undecided_; // stays as it is from now on
  }
  if (table_)
    table_->feed(chunk);
  else
    lines_.feed(chunk);
}

row_reader::found row_reader::next(text_line& out) {
  if (format_ == row_format::lines) {
    line_splitter::line line{};
    return lines_.next(line) ? accept(line, out) : found::nothing;
  }
  table_splitter::row row{};
  while (table_ && table_->next(row))
    if (const auto answer = accept(row, out); answer != found::nothing)
      return answer;
  return found::nothing;
}

row_reader::found row_reader::finish(text_line& out) {
  if (format_ == row_format::automatic && !undecided_.empty()) {
    decide(*format_of_content(undecided_, true));
    feed(undecided_);
  }
  if (const auto answer = next(out); answer != found::nothing)
    return answer;
  if (format_ == row_format::lines) {
    line_splitter::line line{};
    return lines_.finish(line) ? accept(line, out) : found::nothing;
  }
  table_splitter::row row{};
  while (table_ && table_->finish(row))
    if (const auto answer = accept(row, out); answer != found::nothing)
      return answer;
  return found::nothing;
}

row_reader::found row_reader::accept(const line_splitter::line& line, text_line& out) {
  if (line.too_long) {
    reject(line.text, line.bytes, line.number, false);
    return found::rejected;
  }
  out = text_line{std::string{line.text}, file_, line.number};
  return found::row;
}

row_reader::found row_reader::accept(const table_splitter::row& row, text_line& out) {
  if (unreadable_)
    return found::nothing;
  const bool is_header = header_.view().empty();
  if (row.too_long || row.unclosed) {
    reject(row.text, row.bytes, row.number, row.unclosed);
    if (is_header) {
      unreadable_ = true;
      rejection_.why.what = "the header cannot be read: " + rejection_.why.what;
      rejection_.why.fix = "mend the header: without it no row of this file was read";
    }
    return found::rejected;
  }
  if (is_header) {
    header_ = shared_text{std::string{row.text}};
    return found::nothing;
  }
  out = text_line{std::string{row.text}, file_, row.number, format_, table_->separator(), header_};
  return found::row;
}

void row_reader::reject(std::string_view text, std::uint64_t bytes, std::uint64_t number, bool unclosed) {
  const std::string size = std::to_string(bytes);
  const std::string where = std::string{file_.view()} + ':' + std::to_string(number);
  const std::string mark = "\u2026 (" + size + " bytes)";
  rejection_.payload = text;
  if (!unclosed || text.size() < bytes)
    rejection_.payload += mark;
  if (unclosed)
    rejection_.why = permanent("a quote is not closed before the end of the file or the limit of " +
                                   std::to_string(max_) + " bytes a row",
                               where, "close it; the lines after this one were read as rows of their own");
  else
    rejection_.why = permanent("line of " + size + " bytes is over the limit of " + std::to_string(max_),
                               where, "make it shorter, or split it");
}

rejected_row row_reader::reject_rest(error why) {
  const std::string_view held = table_                             ? table_->unfinished()
                                : format_ == row_format::automatic ? std::string_view{undecided_}
                                                                   : lines_.unfinished();
  const std::string_view shown = utf8_prefix(held, line_splitter::excerpt_bytes);
  return {std::string{shown} + (shown.size() < held.size() ? "\u2026" : ""), std::move(why)};
}

} // namespace weir::actors
