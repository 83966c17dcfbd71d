#pragma once

// One line of a text file and where it stood.

#include <actors/lines/shared_text.hpp>

#include <cstdint>
#include <string>

#include <boost/describe/class.hpp>

namespace weir::actors {

/// How the rows of a file are written.
enum class row_format : std::uint8_t {
  lines,     ///< a line a record (JSON Lines)
  csv,       ///< RFC 4180, a header row first
  tsv,       ///< the same with tabs
  automatic, ///< decided for each file, by its name or content
};

struct text_line {
  std::string text;       ///< without its end of line; bytes as they were, not necessarily UTF-8
  shared_text file;       ///< as the user named it; "-" for standard input
  std::uint64_t line = 0; ///< from 1, blank lines counted; of a row over several lines the first
  row_format format = row_format::lines;
  shared_text header{};   ///< tables: the header row of the file
  char separator = ','; ///< tables: between fields

  /// "reviews.jsonl:17", for error messages.
  std::string where() const { return std::string{file.view()} + ':' + std::to_string(line); }
};
BOOST_DESCRIBE_STRUCT(text_line, (), (text, file, line, format, header, separator))

/// Dead letters show the line as it was.
inline std::string weir_payload(const text_line& l) { return l.text; }

} // namespace weir::actors
