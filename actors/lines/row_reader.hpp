#pragma once

// The rows of one file, from its bytes: finds out what they are, keeps a table's header, makes the records.
//
//     rows.feed(chunk);
//     while (rows.next(line) == row_reader::found::row)
//       out(std::move(line));
//
// Memory: one row at most, and a chunk. Thread-safety: one thread at a time.

#include <actors/lines/line_splitter.hpp>
#include <actors/lines/table_splitter.hpp>
#include <actors/lines/text_line.hpp>
#include <weir/base/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::actors {

/// Input that is no record, and why.
struct rejected_row {
  std::string payload;
  error why;
};

class row_reader {
 public:
  enum class found : std::uint8_t {
    nothing,  ///< the chunk is used up
    row,      ///< in the argument
    rejected, ///< in rejection()
  };

  row_reader(shared_text file, row_format format, std::size_t max_row_bytes);

  /// More input, after next() has answered `nothing`. `chunk` must stay valid until it does so again.
  void feed(std::string_view chunk);
  /// The next row; a table's header is kept and not answered.
  found next(text_line& out);
  /// What is held is a row, though no line end came: call at the end until it answers `nothing`. More input
  /// may follow.
  found finish(text_line& out);
  /// What of an unfinished row is held becomes the payload of a rejection: the rest cannot be read.
  rejected_row reject_rest(error why);

  /// The last rejection; may be moved from.
  rejected_row& rejection() noexcept { return rejection_; }
  const shared_text& file() const noexcept { return file_; }
  row_format format() const noexcept { return format_; }
  /// Of a table, once its header has been read.
  const shared_text& header() const noexcept { return header_; }
  char separator() const noexcept { return table_ ? table_->separator() : '\0'; }

 private:
  void decide(row_format format);
  found accept(const line_splitter::line& line, text_line& out);
  found accept(const table_splitter::row& row, text_line& out);
  void reject(std::string_view text, std::uint64_t bytes, std::uint64_t number, bool unclosed);

  shared_text file_;
  row_format format_;
  std::size_t max_;
  std::string undecided_; ///< the beginning, until it shows what it is; then what the splitter reads first
  line_splitter lines_;
  std::optional<table_splitter> table_;
  shared_text header_;
  rejected_row rejection_;
  bool unreadable_ = false; ///< a table whose header is broken
};

} // namespace weir::actors
