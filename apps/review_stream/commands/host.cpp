#include <apps/review_stream/commands/host.hpp>

#include <apps/review_stream/commands/run_flags.hpp>
#include <apps/review_stream/commands/stop_signals.hpp>
#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/workflow.hpp>
#include <weir/cluster/flags.hpp>
#include <weir/cluster/host.hpp>
#include <weir/observe/event_lines.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace weir::reviews {

namespace {

using namespace std::chrono_literals;

struct host_flags {
  run_options options;
  cluster::cluster_flags cluster;
  std::string cache, drain_timeout = "30s", log_format = "text", log_level = "info";
};

event_kind kind_of(cluster::host_news::kind what) {
  using kind = cluster::host_news::kind;
  switch (what) {
  case kind::joined:
  case kind::rejoined:
    return event_kind::host_joined;
  case kind::unlinked:
  case kind::lost:
    return event_kind::host_lost;
  case kind::refused:
    return event_kind::host_refused;
  case kind::over:
  case kind::left:
    return event_kind::host_left;
  case kind::failed:
    break;
  }
  return event_kind::failed;
}

/// News as lines of a log on standard error. One thread.
class news_output {
 public:
  news_output(log_format format, log_level least) : lines_("review-stream", format, least) {}
  void show(const cluster::host_news& news) {
    event e;
    e.time = std::chrono::system_clock::now();
    e.kind = kind_of(news.what);
    e.cause = news.text;
    for (const auto& line : lines_.take({&e, 1}, clock_.now()))
      std::fprintf(stderr, "%s\n", line.c_str());
  }

 private:
  steady_clock clock_;
  event_lines lines_;
};

/// Until it has ended: the exit code.
int follow(cluster::host& here, const review_workflow& work, duration drain_timeout) {
  const steady_clock clock;
  std::optional<time_point> until;
  while (!here.wait_for(50ms)) {
    const int signal = stop_signals::take();
    if (until && clock.now() > *until) {
      print_error(transient("what this host had was not done in time, and is handed to others",
                            "--drain-timeout", "give it more time"));
      return 3;
    }
    if (signal == 0)
      continue;
    if (signal == SIGHUP) {
      for (const auto& news : work.knowledge->reload())
        std::fprintf(stderr, "SIGHUP: %s\n", news.c_str());
    } else if (!until) {
      until = drain_timeout.count() > 0 ? later(clock.now(), drain_timeout) : time_point::max();
      std::fputs("leaving: what this host has is finished first; a second signal stops at once\n", stderr);
      here.leave();
    } else {
      return 128 + signal;
    }
  }
  if (const auto why = here.failure()) {
    print_error(*why);
    return 2;
  }
  return 0;
}

int host_command(const host_flags& flags) {
  const auto fail = [](const error& why) {
    print_error(why);
    return 2;
  };
  run_options options = flags.options;
  auto joined = flags.cluster.understand();
  if (!joined)
    return fail(joined.error());
  options.cluster = *std::move(joined);
  if (!flags.cache.empty()) {
    const auto bytes = parse_count(flags.cache);
    if (!bytes)
      return fail({bytes.error().what, "--cache", bytes.error().fix, error_kind::permanent});
    options.cache_bytes = *bytes;
  }
  const auto drain_timeout = parse_duration(flags.drain_timeout);
  if (!drain_timeout)
    return fail(
        {drain_timeout.error().what, "--drain-timeout", drain_timeout.error().fix, error_kind::permanent});
  auto work = make_hosted_workflow(options);
  if (!work)
    return fail(work.error());
  options.cluster.program = work->knowledge->fingerprint();
  stop_signals::block();
  news_output out{flags.log_format == "json" ? log_format::json : log_format::text,
                  log_level_of(flags.log_level).value_or(log_level::info)};
  auto here = cluster::host::start(options.cluster, work->flow,
                                   [&out](const cluster::host_news& news) { out.show(news); });
  if (!here)
    return fail(here.error());
  return follow(**here, *work, *drain_timeout);
}

} // namespace

void add_host_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<host_flags>();
  auto* command =
      app.add_subcommand("host", "Join a cluster as a worker host: judge reviews for its coordinator");
  flags->cluster.add_host_flags(*command);
  add_knowledge_flags(*command, flags->options);
  command
      ->add_option("--cache", flags->cache,
                   "Memory for what was found out about texts, such as 16MiB, or off. Default: 16MiB")
      ->type_name("SIZE|off");
  command
      ->add_option("--drain-timeout", flags->drain_timeout,
                   "After SIGTERM or Ctrl-C: time to finish what it has; 0 = no limit")
      ->type_name("DUR")
      ->capture_default_str();
  command
      ->add_option("--log-format", flags->log_format, "How news are written to standard error: text, or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command
      ->add_option("--log-level", flags->log_level,
                   "The least that is written: debug, info, warning, error, off")
      ->check(CLI::IsMember({"debug", "info", "warning", "warn", "error", "off"}))
      ->capture_default_str();
  command->footer(
      "Runs until SIGTERM, then finishes what it has and leaves. SIGHUP reads the model, rules and "
      "responses again; certificates are read at each connection.");
  command->callback([flags, &exit_code] { exit_code = host_command(*flags); });
}

} // namespace weir::reviews
