#pragma once

// The flags that `train` and `evaluate` share: which rows and word lists to read.

#include <apps/review_stream/sentiment/train.hpp>

#include <CLI/App.hpp>
#include <weir/base/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

struct training_input {
  std::string file;
  std::string lexicon; ///< folder; empty: the bundled lists
  bool no_lexicon = false;
  row_selection rows;

  /// Adds --input, --text-field, --label-field, --title-field, --source, --label-from-aspects, --lexicon and
  /// --no-lexicon. The object must outlive the parsing.
  void add_to(CLI::App& command);

  result<std::vector<labelled_review>> read_rows() const { return read_labelled(file, rows); }
  /// Empty with --no-lexicon.
  result<std::vector<labelled_review>> read_word_lists() const;
};

/// A progress report on standard error: a bar on a terminal, else a line for each step.
class step_progress {
 public:
  step_progress();
  void show(double share, std::string_view next);
  /// Removes the bar.
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
};

} // namespace weir::reviews
