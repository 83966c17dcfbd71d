#pragma once

// Reviews with a known label, for training and evaluation.
//
// A file is JSON Lines, CSV or TSV (RFC 4180 quoting, a header line), plain or gzip; which of them is seen
// from its content. Labels are "positive", "negative", "neutral" (any case), stars (1-2, 3, 4-5), or 0 and 1
// (a file that holds a 0 holds no stars). Rows without a label are kept as `unknown`: evaluation times them,
// training skips them.

#include <apps/review_stream/sentiment/label.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>
#include <weir/base/result.hpp>

namespace weir::reviews {

struct labelled_review {
  std::string id;
  std::string title;
  std::string text;
  sentiment_label label = sentiment_label::unknown;
  std::string source; ///< where the row comes from; empty if the file does not say
  std::string language;
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
result<std::vector<labelled_review>> read_labelled(const std::filesystem::path& file,
                                                   const row_selection& selection);

/// The same for bytes in memory; `where` names them in errors.
result<std::vector<labelled_review>> parse_labelled(std::string_view bytes, const std::string& where,
                                                    const row_selection& selection);

/// The polarity word lists in a folder: each LANG.tsv holds lines "term TAB positive|negative", '#' starts a
/// comment. The rows' source is "lexicon".
result<std::vector<labelled_review>> read_lexicon(const std::filesystem::path& folder);

} // namespace weir::reviews
