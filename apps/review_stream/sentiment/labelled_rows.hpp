#pragma once

// Reviews with a known mood, for training and evaluation.
//
// Labels are "positive", "negative", "neutral" (any case), stars (1-2, 3, 4-5), or 0 and 1 (a file that holds
// a 0 holds no stars). Rows without a label are kept as `unknown`: evaluation times them, training skips
// them. What a file may look like: learning/labelled_rows.hpp.

#include <apps/review_stream/learning/labelled_rows.hpp>
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
