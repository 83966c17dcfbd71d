#pragma once

// Rows with a label in words, for training and evaluation; what the labels mean is the task's affair.
//
// A file is JSON Lines, CSV or TSV (RFC 4180 quoting, a header line), plain, gzip or zstd; which of them is
// seen from its content. Rows without a label are kept with an empty one.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <weir/base/result.hpp>

namespace weir::reviews {

struct labelled_text {
  std::string id;
  std::string title;
  std::string text;
  std::string label;  ///< as the file has it, without blanks around; empty: no label
  std::string source; ///< where the row comes from; empty if the file does not say
  std::string language;
  std::size_t line = 0; ///< where it stands in the file
};

/// Which fields of a row to read, and which rows to take.
struct row_selection {
  std::string text_field = "text";   ///< must be in every row
  std::string label_field = "label"; ///< must be in the header or in at least one row
  std::string title_field = "title"; ///< optional, as are `id`, `source` and `lang`
  /// A JSON row without a label, whose `aspects` [{"polarity": ...}] agree but for neutral ones, gets their
  /// label.
  bool label_from_aspects = false;
  std::vector<std::string> sources = {}; ///< take only rows whose `source` is listed; empty takes all
};

/// All selected rows of a file; the error names file and line.
result<std::vector<labelled_text>> read_labelled_texts(const std::filesystem::path& file,
                                                       const row_selection& selection);

/// The same for bytes in memory; `where` names them in errors.
result<std::vector<labelled_text>> parse_labelled_texts(std::string_view bytes, const std::string& where,
                                                        const row_selection& selection);

/// How many rows have no label.
std::size_t count_unlabelled(std::span<const labelled_text> rows) noexcept;

} // namespace weir::reviews
