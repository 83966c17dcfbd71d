#pragma once

// Rows of a CSV or TSV text (RFC 4180): fields may be quoted, quoted fields may hold separators, line ends
// and doubled quotes; lines end in LF or CRLF. Thread-safety: one thread at a time.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

class csv_reader {
 public:
  csv_reader(std::string_view text, char separator) : rest_(text), separator_(separator) {}

  /// The next row's fields, in `row`; false at the end or at an unclosed quote.
  bool next(std::vector<std::string>& row);

  std::size_t line() const noexcept { return row_line_; } ///< where the last row begins, from 1
  bool unclosed_quote() const noexcept { return unclosed_; }

 private:
  bool field(std::string& out); // true if another field of the row follows

  std::string_view rest_;
  char separator_;
  std::size_t line_ = 1;
  std::size_t row_line_ = 0;
  bool unclosed_ = false;
};

} // namespace weir::reviews
