#include <apps/review_stream/commands/explain.hpp>

#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/learning/model_bytes.hpp>
#include <apps/review_stream/sentiment/explain.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <apps/review_stream/topic/explain.hpp>
#include <apps/review_stream/topic/topic_model_file.hpp>

#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace weir::reviews {
namespace {

struct explain_options {
  std::string text;
  std::string title;
  std::string model;
  bool json = false;
};

// As much of standard input as a model looks at.
std::string read_standard_input() {
  std::string text;
  std::array<char, 4096> piece{};
  while (text.size() < tokenizer::max_text_bytes) {
    const std::size_t count = std::fread(piece.data(), 1, piece.size(), stdin);
    if (count == 0)
      break;
    text.append(piece.data(), count);
  }
  return text;
}

result<explanation> explanation_of(const explain_options& options) {
  const std::filesystem::path file =
      options.model.empty() ? default_model_path() : std::filesystem::path(options.model);
  const auto kind = kind_of_model(file);
  if (!kind)
    return kind.error();
  const std::string text = options.text == "-" ? read_standard_input() : options.text;
  feature_extractor scratch;
  if (*kind == model_kind::topic) {
    const auto model = load_topic_model(file);
    if (!model)
      return model.error();
    return explain(*model, options.title, text, scratch);
  }
  const auto model = load_model(file);
  if (!model)
    return model.error();
  return explain(*model, options.title, text, scratch);
}

int explain_command(const explain_options& options) {
  const auto why = explanation_of(options);
  if (!why) {
    print_error(why.error());
    return 2;
  }
  std::fputs(options.json ? (to_json(*why) + "\n").c_str() : to_text(*why).c_str(), stdout);
  return 0;
}

} // namespace

void add_explain_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<explain_options>();
  auto* command = app.add_subcommand("explain", "Show the words and weights behind a judgement");
  command->add_option("--text", options->text, "The review; - reads standard input")
      ->type_name("TEXT")
      ->required();
  command->add_option("--title", options->title, "Its title, if it has one")->type_name("TEXT");
  command->add_option("--model", options->model, "A sentiment or topic model. Default: the bundled one")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "One JSON object instead of a picture");
  command->callback([options, &exit_code] { exit_code = explain_command(*options); });
}

} // namespace weir::reviews
