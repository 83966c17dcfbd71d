#include <apps/review_stream/commands/evaluate.hpp>

#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/commands/training_input.hpp>
#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/learning/model_bytes.hpp>
#include <apps/review_stream/sentiment/evaluate.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <apps/review_stream/topic/evaluate.hpp>
#include <apps/review_stream/topic/topic_model_file.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace weir::reviews {
namespace {

struct evaluate_options {
  training_input input;
  std::string model;
  std::string task = "sentiment"; // of a model that is trained here
  std::size_t mistakes = 20;
  unsigned folds = 0;
  bool json = false;
};

result<evaluation> of_given_model(const evaluate_options& options) {
  const std::filesystem::path file =
      options.model.empty() ? default_model_path() : std::filesystem::path(options.model);
  const auto kind = kind_of_model(file);
  if (!kind)
    return kind.error();
  if (*kind == model_kind::topic) {
    const auto model = load_topic_model(file);
    if (!model)
      return model.error();
    const auto rows = options.input.read_topic_rows();
    if (!rows)
      return rows.error();
    return evaluate(*model, *rows, options.mistakes);
  }
  const auto model = load_model(file);
  if (!model)
    return model.error();
  const auto rows = options.input.read_rows();
  if (!rows)
    return rows.error();
  return evaluate(*model, *rows, options.mistakes);
}

result<evaluation> of_trained_topics(const evaluate_options& options) {
  const auto rows = options.input.read_topic_rows();
  if (!rows)
    return rows.error();
  step_progress bar;
  topic_training_options how;
  how.progress = [&](double share, std::string_view next) { bar.show(share, next); };
  auto figures = cross_validate_topics(*rows, options.folds, how, options.mistakes);
  bar.clear();
  return figures;
}

result<evaluation> of_trained_moods(const evaluate_options& options) {
  const auto rows = options.input.read_rows();
  if (!rows)
    return rows.error();
  const auto lexicon = options.input.read_word_lists();
  if (!lexicon)
    return lexicon.error();
  step_progress bar;
  training_options how;
  how.progress = [&](double share, std::string_view next) { bar.show(share, next); };
  auto figures = cross_validate(*rows, *lexicon, options.folds, how, options.mistakes);
  bar.clear();
  return figures;
}

result<evaluation> figures_of(const evaluate_options& options) {
  if (options.folds == 0)
    return of_given_model(options);
  return options.task == "topic" ? of_trained_topics(options) : of_trained_moods(options);
}

int evaluate_command(const evaluate_options& options) {
  const auto fail = [](const error& why) {
    print_error(why);
    return 2;
  };
  const auto figures = figures_of(options);
  if (!figures)
    return fail(figures.error());
  if (figures->rows_3 == 0)
    return fail(permanent("no row with a label", options.input.file, "check --label-field and --source"));
  std::fputs(options.json ? (to_json(*figures) + "\n").c_str() : to_text(*figures).c_str(), stdout);
  return 0;
}

} // namespace

void add_evaluate_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<evaluate_options>();
  auto* command = app.add_subcommand("evaluate", "Measure a sentiment or topic model on labelled reviews");
  options->input.add_to(*command);
  auto* model =
      command->add_option("--model", options->model, "The model, of either kind. Default: the bundled one")
          ->type_name("FILE");
  auto* folds =
      command
          ->add_option(
              "--cross-validate", options->folds,
              "Instead of a given model: train on all parts of the input but one and judge that one, N times")
          ->type_name("N")
          ->check(CLI::Range(2, 100))
          ->excludes(model);
  command
      ->add_option("--task", options->task,
                   "What --cross-validate trains: sentiment or topic. A model file says it itself")
      ->type_name("TASK")
      ->check(CLI::IsMember({"sentiment", "topic"}))
      ->needs(folds)
      ->capture_default_str();
  command
      ->add_option("--mistakes", options->mistakes,
                   "How many of the most confident mistakes to show; 0: none")
      ->type_name("N")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object instead of a table");
  command->callback([options, &exit_code] { exit_code = evaluate_command(*options); });
}

} // namespace weir::reviews
