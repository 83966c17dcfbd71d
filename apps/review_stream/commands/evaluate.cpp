#include <apps/review_stream/commands/evaluate.hpp>

#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/commands/training_input.hpp>
#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/sentiment/evaluate.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace weir::reviews {
namespace {

struct evaluate_options {
  training_input input;
  std::string model;
  unsigned folds = 0;
  bool json = false;
};

result<evaluation> figures_of(const evaluate_options& options, const std::vector<labelled_review>& rows) {
  if (options.folds == 0) {
    const auto model =
        load_model(options.model.empty() ? default_model_path() : std::filesystem::path(options.model));
    if (!model)
      return model.error();
    return evaluate(*model, rows);
  }
  const auto lexicon = options.input.read_word_lists();
  if (!lexicon)
    return lexicon.error();
  step_progress bar;
  training_options how;
  how.progress = [&](double share, std::string_view next) { bar.show(share, next); };
  auto figures = cross_validate(rows, *lexicon, options.folds, how);
  bar.clear();
  return figures;
}

int evaluate_command(const evaluate_options& options) {
  const auto fail = [](const error& why) {
    print_error(why);
    return 2;
  };
  const auto rows = options.input.read_rows();
  if (!rows)
    return fail(rows.error());
  const auto figures = figures_of(options, *rows);
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
  auto* command = app.add_subcommand("evaluate", "Measure a sentiment model on labelled reviews");
  options->input.add_to(*command);
  auto* model = command->add_option("--model", options->model, "The model. Default: the bundled one")
                    ->type_name("FILE");
  command
      ->add_option(
          "--cross-validate", options->folds,
          "Instead of a given model: train on all parts of the input but one and judge that one, N times")
      ->type_name("N")
      ->check(CLI::Range(2, 100))
      ->excludes(model);
  command->add_flag("--json", options->json, "One JSON object instead of a table");
  command->callback([options, &exit_code] { exit_code = evaluate_command(*options); });
}

} // namespace weir::reviews
