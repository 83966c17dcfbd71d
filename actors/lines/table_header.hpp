#pragma once

// The header of a table before the run, so that a mapping of its columns can be checked.

#include <actors/lines/text_line.hpp>
#include <weir/base/result.hpp>

#include <optional>
#include <string>

namespace weir::actors {

struct table_head {
  row_format format;  ///< csv or tsv
  char separator;     ///< between its fields
  shared_text header; ///< the first row as it stands
};

/// The header of the file `path`, decompressed where need be; none when it holds lines (`automatic` finds
/// out), or nothing. Reads the beginning only, and takes nothing from a later run. Regular files only: a pipe
/// could not be read again.
result<std::optional<table_head>> table_header(const std::string& path, row_format format);

} // namespace weir::actors
