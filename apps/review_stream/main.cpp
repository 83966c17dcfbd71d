// review-stream: reads customer reviews, works out what the customer felt, keeps the results.

#include <apps/review_stream/commands/evaluate.hpp>
#include <apps/review_stream/commands/explain.hpp>
#include <apps/review_stream/commands/generate.hpp>
#include <apps/review_stream/commands/host.hpp>
#include <apps/review_stream/commands/run.hpp>
#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/commands/train.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  weir::reviews::occupy_closed_descriptors();
  CLI::App app{"Customer reviews in, what they felt out.", "review-stream"};
  app.set_version_flag("--version", "review-stream " WEIR_VERSION);
  app.require_subcommand(1);
  int exit_code = 0;
  weir::reviews::add_run_command(app, exit_code);
  weir::reviews::add_host_command(app, exit_code);
  weir::reviews::add_train_command(app, exit_code);
  weir::reviews::add_evaluate_command(app, exit_code);
  weir::reviews::add_explain_command(app, exit_code);
  weir::reviews::add_generate_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) { // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    weir::reviews::print_error({wrong.what(), "command line",
                                "see review-stream --help or review-stream COMMAND --help",
                                weir::error_kind::permanent});
    return 2;
  } catch (const std::exception& e) {
    weir::reviews::print_error({e.what(), "review-stream", {}, weir::error_kind::permanent});
    return 1;
  }
  return exit_code;
}
