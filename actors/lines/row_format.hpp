#pragma once

// What the rows of a file are: lines, or a table with quoted fields (RFC 4180).

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::actors {

enum class row_format : std::uint8_t {
  lines,     ///< each line is a record
  csv,       ///< a header row, then rows of fields between commas (or semicolons, see separator_of)
  tsv,       ///< the same between tabs
  automatic, ///< decided for each file, by its name or else by how it begins
};

/// By the extension, under a .gz or .zst: .csv, .tsv and .tab, .json, .jsonl and .ndjson, in any case. None
/// for another name.
std::optional<row_format> format_of_name(std::string_view path) noexcept;

/// By how a file begins: '{' or '[' as the first byte that is not blank means lines; else a tab in the first
/// line tsv, else a comma or semicolon csv, else lines. None while `beginning` may be too short to tell.
std::optional<row_format> format_of_content(std::string_view beginning, bool whole) noexcept;

/// What stands between the fields of a table with this header: a tab in tsv; in csv a comma, or a semicolon
/// when the header has more of them outside quotes (what a spreadsheet writes where the comma is decimal).
char separator_of(std::string_view header, row_format format) noexcept;

} // namespace weir::actors
