#include <apps/review_stream/commands/train.hpp>

#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/commands/training_input.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <apps/review_stream/sentiment/train.hpp>
#include <apps/review_stream/topic/topic_model_file.hpp>
#include <apps/review_stream/topic/train.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

namespace weir::reviews {
namespace {

struct train_options {
  training_input input;
  std::string output;
  std::string task = "sentiment";
};

// Before minutes of work, not after: the folder must be there.
result<> check_output(const std::filesystem::path& file) {
  std::error_code failure;
  if (std::filesystem::is_directory(file, failure))
    return permanent("the output is a directory", file.string(), "name a file with --output");
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(folder, failure))
    return permanent("no folder for the model", folder.string(), "make it, or name another --output");
  return {};
}

int fail(const error& why) {
  print_error(why);
  return 2;
}

int fail_training(error why, const std::string& input) {
  why.where = why.where.starts_with("line ") ? input + ":" + why.where.substr(5) : input;
  return fail(why);
}

int fail_saving(const error& why) {
  print_error(why);
  return why.kind == error_kind::exhausted ? 3 : 2;
}

std::string size_of(const std::string& file) {
  std::error_code ignored;
  return with_commas(std::filesystem::file_size(file, ignored));
}

int train_mood(const train_options& options) {
  const auto rows = options.input.read_rows();
  if (!rows)
    return fail(rows.error());
  const auto lexicon = options.input.read_word_lists();
  if (!lexicon)
    return fail(lexicon.error());
  say_unlabelled(
      static_cast<std::size_t>(std::ranges::count(*rows, sentiment_label::unknown, &labelled_review::label)));
  step_progress bar;
  training_options how;
  how.progress = [&](double share, std::string_view next) { bar.show(share, next); };
  const auto done = train_sentiment(*rows, *lexicon, how);
  bar.clear();
  if (!done)
    return fail_training(done.error(), options.input.file);
  if (const auto saved = save_model(done->model, options.output); !saved)
    return fail_saving(saved.error());
  std::printf(
      "%s: %s, trained on %s positive and %s negative reviews and %s listed words in %.2f s, %s bytes\n",
      options.output.c_str(), done->model.id().c_str(), with_commas(done->positives).c_str(),
      with_commas(done->negatives).c_str(), with_commas(done->lexicon_terms).c_str(), done->seconds,
      size_of(options.output).c_str());
  return 0;
}

int train_topic(const train_options& options) {
  const auto rows = options.input.read_topic_rows();
  if (!rows)
    return fail(rows.error());
  say_unlabelled(count_unlabelled(*rows));
  step_progress bar;
  topic_training_options how;
  how.progress = [&](double share, std::string_view next) { bar.show(share, next); };
  const auto done = train_topics(*rows, how);
  bar.clear();
  if (!done)
    return fail_training(done.error(), options.input.file);
  if (const auto saved = save_topic_model(done->model, options.output); !saved)
    return fail_saving(saved.error());
  std::printf("%s: %s, trained on %s reviews of %s topics in %.2f s, %s bytes\n", options.output.c_str(),
              done->model.id().c_str(), with_commas(done->rows).c_str(),
              with_commas(done->classes.size()).c_str(), done->seconds, size_of(options.output).c_str());
  return 0;
}

int train(const train_options& options) {
  if (const auto fine = check_output(options.output); !fine)
    return fail(fine.error());
  return options.task == "topic" ? train_topic(options) : train_mood(options);
}

} // namespace

void add_train_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<train_options>();
  auto* command = app.add_subcommand("train", "Train a sentiment or topic model on labelled reviews");
  options->input.add_to(*command);
  command->add_option("--output", options->output, "Where to write the model")
      ->type_name("MODEL")
      ->required();
  command->add_option("--task", options->task, "What to learn: sentiment or topic")
      ->type_name("TASK")
      ->check(CLI::IsMember({"sentiment", "topic"}))
      ->capture_default_str();
  command->callback([options, &exit_code] { exit_code = train(*options); });
}

} // namespace weir::reviews
