#pragma once

// The flags that `train` and `evaluate` share: which rows and word lists to read.

#include <apps/review_stream/sentiment/train.hpp>

#include <CLI/App.hpp>
#include <weir/base/result.hpp>

#include <cstddef>
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

  /// For a sentiment model.
  result<std::vector<labelled_review>> read_rows() const { return read_labelled(file, rows); }
  /// For a topic model; fails when word lists or aspects were asked for, which say nothing of topics.
  result<std::vector<labelled_text>> read_topic_rows() const;
  /// Empty with --no-lexicon.
  result<std::vector<labelled_review>> read_word_lists() const;
};

/// "5,619 rows without a label were skipped", on standard error; nothing when there are none.
void say_unlabelled(std::size_t rows);

/// A progress report on standard error: a bar on a terminal, else a line every five per cent.
class step_progress {
 public:
  step_progress();
  void show(double share, std::string_view next);
  /// Removes the bar.
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
  int next_percent_ = 0; // without a terminal: the next one to say
};

} // namespace weir::reviews
