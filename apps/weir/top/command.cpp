#include <apps/weir/top/command.hpp>

#include <apps/weir/terminal.hpp>
#include <apps/weir/top/client.hpp>
#include <apps/weir/top/poller.hpp>
#include <apps/weir/top/screen.hpp>
#include <apps/weir/top/view.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

namespace weir::top {

namespace {

struct top_options {
  std::string url = "http://127.0.0.1:7461";
  std::string token_file;
  trust believed;
  std::string interval = "1s";
  std::string sort = "workflow";
  bool once = false;
  bool no_color = false;
};

int refuse(const error& why, int code) {
  print_error(why);
  return code;
}

int top_command(const top_options& options) {
  const auto at = parse_url(options.url);
  if (!at)
    return refuse(at.error(), 2);
  const auto interval = parse_interval(options.interval);
  if (!interval)
    return refuse(interval.error(), 2);
  const auto by = parse_column(options.sort);
  if (!by)
    return refuse(by.error(), 2);
  std::string token;
  if (!options.token_file.empty()) {
    auto read = read_token(options.token_file);
    if (!read)
      return refuse(read.error(), 2);
    token = std::move(*read);
  }

  if (!at->tls && (!options.believed.ca.empty() || options.believed.insecure))
    return refuse(permanent("--ca and --insecure are for https", options.url, "use https:// in the URL"), 2);
  std::shared_ptr<ssl_ctx_st> tls;
  if (at->tls) {
    auto made = client_context(options.believed);
    if (!made)
      return refuse(made.error(), 2);
    tls = *std::move(made);
  }

  client from{*at, std::move(token), std::move(tls)};
  snapshot first = look(from);
  if (first.trouble)
    return refuse(*first.trouble, 1);
  const bool on_terminal = ::isatty(STDOUT_FILENO) == 1;
  if (options.once || !on_terminal || ::isatty(STDIN_FILENO) != 1) {
    winsize size{};
    const bool known = on_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    const std::string text = plain_text(first, known ? size.ws_col : 0, *by);
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
      return refuse(transient("what is shown cannot be written", "standard output",
                              "see whether its disk is full or its reader ended"),
                    1);
    return 0;
  }
  const char* no_color = std::getenv("NO_COLOR");
  const bool color = !options.no_color && (no_color == nullptr || *no_color == '\0');
  const auto end = show_screen(from, std::move(first), *interval, *by, color);
  return end ? *end : refuse(end.error(), 2);
}

} // namespace

void add_top_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<top_options>();
  auto* command = app.add_subcommand("top", "Watch a running workflow; ? lists the keys");
  command->add_option("url", options->url, "Its admin listener. Default: http://127.0.0.1:7461")
      ->type_name("URL");
  command->add_option("--token-file", options->token_file, "The token that the listener demands, if it does")
      ->type_name("FILE");
  command
      ->add_option(
          "--ca", options->believed.ca,
          "With https: who may have signed its certificate (PEM). Default: those this machine trusts")
      ->type_name("FILE");
  command->add_flag("--insecure", options->believed.insecure,
                    "With https: believe whoever answers; the token may go to a stranger");
  command->add_option("--interval", options->interval, "Between two looks. Default: 1s")->type_name("DUR");
  command
      ->add_option(
          "--sort", options->sort,
          "workflow, id, state, in, out, busy, idle, backpr, queue, workers, task, errors, restarts, "
          "dead. Default: workflow")
      ->type_name("COLUMN");
  command->add_flag("--once", options->once,
                    "Print it once, as plain text; so does an output that is no terminal");
  command->add_flag("--no-color", options->no_color, "No colors; nor with NO_COLOR in the environment");
  command->callback([options, &exit_code] { exit_code = top_command(*options); });
}

} // namespace weir::top
