#pragma once

// Cuts chunks of bytes into the rows of a table (RFC 4180): a field may be in quotes, and then hold
// separators, doubled quotes and line ends. Never more than `max_row_bytes` and a chunk are held.
//
// A quote that is never closed must not swallow the file. When a row within quotes passes the limit, or the
// input ends there, its first physical line alone is answered as `broken` and the reading starts again at the
// next one. (A file where that happens again and again in what was held is read on behind it: the time stays
// in proportion to the input.) Quotes within an unquoted field and text behind a closing quote are taken as
// they are. Thread-safety: one thread at a time.

#include <actors/lines/line_splitter.hpp>
#include <actors/lines/row_format.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::actors {

class table_splitter {
 public:
  struct row {
    std::string_view text; ///< as it stands, without its last line end; if broken, the beginning
    std::uint64_t number;  ///< of its first line, from 1, blank lines counted
    std::uint64_t bytes;   ///< of the row; of its first line if `unclosed`
    bool too_long;         ///< one line that is over the limit
    bool unclosed;         ///< a quote was not closed
  };

  table_splitter(std::size_t max_row_bytes, row_format format) : max_(max_row_bytes), format_(format) {}

  /// More input, after next() has answered false. `chunk` must stay valid until next() answers false again.
  void feed(std::string_view chunk) noexcept;
  /// The next row that is not blank, valid until the call after; false when the chunk is used up.
  bool next(row& out);
  /// A row without a line end at its end, and what an unclosed quote held back; call until it answers false.
  bool finish(row& out);
  /// What is held of a row whose end has not been seen yet.
  std::string_view unfinished() const noexcept {
    return handed_out_ ? std::string_view{} : std::string_view{held_};
  }
  /// Known once the first row is.
  char separator() const noexcept { return separator_; }

 private:
  void begin_row() noexcept;
  bool scan(std::string_view line, bool within_quotes) noexcept;
  bool end_line(std::string_view line, row& out);
  bool complete(std::string_view text, std::uint64_t bytes, row& out);
  void start_again(row& out);

  std::size_t max_;
  row_format format_;
  char separator_ = 0;
  std::string_view rest_;                           ///< being read: of again_ first, then of the chunk
  std::string_view after_;                          ///< the chunk while again_ is read
  std::string again_;                               ///< lines that an unclosed quote had taken
  std::string held_;                                ///< the beginning of a row
  std::string broken_;                              ///< the text of the last broken row
  std::size_t scanned_ = 0;                         ///< whole lines in held_, all within quotes at their end
  std::size_t first_line_ = std::string_view::npos; ///< end of the first one in held_
  std::uint64_t skipped_ = 0;                       ///< bytes of a line over the limit that are not in held_
  std::uint64_t row_number_ = 0;
  std::uint64_t number_ = 0;
  int restarts_ = 0;
  bool handed_out_ = false; ///< held_ is the row last answered
  bool unended_ = false;    ///< the last line was answered before its end came
};

} // namespace weir::actors
