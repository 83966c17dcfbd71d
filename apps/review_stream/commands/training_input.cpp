#include <apps/review_stream/commands/training_input.hpp>

#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/text/excerpt.hpp>

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace weir::reviews {

void training_input::add_to(CLI::App& command) {
  command.add_option("--input", file, "Labelled reviews: JSON Lines, CSV or TSV, may be gzip or zstd")
      ->type_name("FILE")
      ->required();
  command.add_option("--text-field", rows.text_field, "The field that holds the text")
      ->type_name("NAME")
      ->capture_default_str();
  command
      .add_option(
          "--label-field", rows.label_field,
          "The field that holds the label: positive, negative, neutral; stars 1 to 5; or 0 and 1. For "
          "topics any text")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--title-field", rows.title_field, "The field that holds the title, if there is one")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--source", rows.sources, "Take only rows whose `source` is this (repeatable; or a,b)")
      ->type_name("NAME")
      ->delimiter(',');
  command.add_flag("--label-from-aspects", rows.label_from_aspects,
                   "Rows without a label whose aspects agree (but for neutral ones) get their polarity");
  auto* folder =
      command.add_option("--lexicon", lexicon, "Folder of polarity word lists. Default: the bundled ones")
          ->type_name("DIR");
  command.add_flag("--no-lexicon", no_lexicon, "Learn from the rows alone")->excludes(folder);
}

result<std::vector<labelled_text>> training_input::read_topic_rows() const {
  if (rows.label_from_aspects)
    return permanent("aspects hold a mood, not a topic", "--label-from-aspects",
                     "leave it out, or use --task sentiment");
  if (!lexicon.empty())
    return permanent("word lists hold moods, not topics", "--lexicon",
                     "leave it out, or use --task sentiment");
  return read_labelled_texts(file, rows);
}

result<std::vector<labelled_review>> training_input::read_word_lists() const {
  if (no_lexicon)
    return std::vector<labelled_review>{};
  return read_lexicon(lexicon.empty() ? default_lexicon_dir() : std::filesystem::path(lexicon));
}

void say_unlabelled(std::size_t rows) {
  if (rows != 0)
    std::fprintf(stderr, "%s row%s without a label skipped\n", with_commas(rows).c_str(),
                 rows == 1 ? "" : "s");
}

step_progress::step_progress() : terminal_(isatty(STDERR_FILENO) == 1) {}

void step_progress::show(double share, std::string_view next) {
  constexpr int width = 30;
  const int percent = static_cast<int>(100 * share);
  const std::string words = excerpt(next, 60); // names of topics come from files
  if (!terminal_) {
    if (percent >= next_percent_ || percent == 100) {
      std::fprintf(stderr, "%3d %% %s\n", percent, words.c_str());
      next_percent_ = percent + 5;
    }
    return;
  }
  const auto filled = static_cast<std::size_t>(std::clamp(static_cast<int>(share * width), 0, width));
  const std::string bar = std::string(filled, '#') + std::string(width - filled, '-');
  std::fprintf(stderr, "\r[%s] %3d %% %s\033[K", bar.c_str(), percent, words.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void step_progress::clear() {
  if (shown_)
    std::fputs("\r\033[K", stderr);
  shown_ = false;
}

} // namespace weir::reviews
