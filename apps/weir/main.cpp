// weir: looks at running workflows, and prepares clusters.

#include <apps/weir/cluster/command.hpp>
#include <apps/weir/terminal.hpp>
#include <apps/weir/top/command.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  CLI::App app{"Looks at running workflows, and prepares clusters.", "weir"};
  app.set_version_flag("--version", "weir " WEIR_VERSION);
  app.require_subcommand(1);
  int exit_code = 0;
  weir::top::add_top_command(app, exit_code);
  weir::cluster::add_cluster_command(app, exit_code);
  app.add_subcommand("version", "Print the version")->callback([] { std::puts("weir " WEIR_VERSION); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) { // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    weir::print_error(
        weir::permanent(wrong.what(), "command line", "see weir --help or weir COMMAND --help"));
    return 2;
  } catch (const std::exception& e) {
    weir::print_error(weir::permanent(e.what(), "weir"));
    return 1;
  }
  return exit_code;
}
