#pragma once

// One line of a text file, or one row of a table, and where it stood.

#include <actors/lines/row_format.hpp>
#include <actors/lines/shared_text.hpp>

#include <cstdint>
#include <string>

#include <boost/describe/class.hpp>

namespace weir::actors {

struct text_line {
  /// Without its end of line; bytes as they were, not necessarily UTF-8. A row of a table is as it stands in
  /// the file: with its quotes, and with line ends where a quoted field holds some.
  std::string text;
  shared_text file;       ///< as the user named it; "-" for standard input
  std::uint64_t line = 0; ///< where it begins, from 1, blank lines counted

  row_format format = row_format::lines; ///< never `automatic`
  char separator = 0;                    ///< between the fields of a table: ',', ';' or '\t'; else 0
  shared_text header = {};               ///< a table's first row, as it stands there; else empty

  /// "reviews.jsonl:17", for error messages.
  std::string where() const { return std::string{file.view()} + ':' + std::to_string(line); }
};
BOOST_DESCRIBE_STRUCT(text_line, (), (text, file, line, format, separator, header))

/// Dead letters show the line as it was.
inline std::string weir_payload(const text_line& l) { return l.text; }

} // namespace weir::actors
