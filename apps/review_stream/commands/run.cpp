#include <apps/review_stream/commands/run.hpp>

#include <apps/review_stream/commands/summary.hpp>
#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/options.hpp>
#include <apps/review_stream/workflow.hpp>
#include <weir/runtime/engine.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>

namespace weir::reviews {

namespace {

using namespace std::chrono_literals;

/// The words of the command line, before they are understood.
struct words {
  std::string workers, timeout, isolation, drain_timeout = "30s", summary = "text";
};

/// Signals that ask for an end, taken by waiting instead of by handlers: block() before any thread is made.
class stop_signals {
 public:
  static void block() {
    const sigset_t set = all();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  /// The signal that came since, or 0. Does not wait.
  static int take() {
    const sigset_t set = all();
    const timespec none{};
    const int signal = ::sigtimedwait(&set, nullptr, &none);
    return signal > 0 ? signal : 0;
  }

 private:
  static sigset_t all() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGINT, SIGTERM, SIGHUP})
      sigaddset(&set, s);
    return set;
  }
};

result<> understand(const words& said, run_options& options) {
  if (!said.workers.empty()) {
    auto workers = parse_workers(said.workers);
    if (!workers)
      return workers.error();
    options.workers = *workers;
  }
  const auto take_duration = [](const std::string& text, const char* flag, duration& to) -> result<> {
    auto d = parse_duration(text);
    if (!d) {
      error why = d.error();
      why.where = flag;
      return why;
    }
    to = *d;
    return {};
  };
  if (!said.timeout.empty())
    if (auto ok = take_duration(said.timeout, "--timeout", options.timeout); !ok)
      return ok;
  if (auto ok = take_duration(said.drain_timeout, "--drain-timeout", options.drain_timeout); !ok)
    return ok;
  if (!said.isolation.empty()) {
    auto where = parse_isolation(said.isolation);
    if (!where)
      return where.error();
    options.isolation = *where;
  }
  options.summary = said.summary == "json" ? summary_format::json : summary_format::text;
  return {};
}

/// Waits for the end, shows progress, and answers signals. Returns the signal that stopped the run at once,
/// or 0.
int follow(running& job, const run_options& options) {
  progress_line progress;
  const steady_clock clock;
  bool draining = false;
  outage_notice outages;
  while (!job.wait_for(50ms)) {
    if (auto notice = outages.next(job.health(), clock.now())) {
      progress.clear();
      std::fputs(notice->c_str(), stderr);
    }
    progress.show(job.figures(), clock.now());
    const int signal = stop_signals::take();
    if (signal == 0)
      continue;
    progress.clear();
    if (signal == SIGHUP) {
      std::fputs("SIGHUP: this run has no configuration file, nothing was re-read\n", stderr);
    } else if (!draining) {
      draining = true;
      std::fprintf(stderr, "draining: what was read is being stored, %s; a second signal stops at once\n",
                   options.drain_timeout.count() > 0
                       ? ("for at most " + in_words(options.drain_timeout)).c_str()
                       : "without limit");
      job.drain(options.drain_timeout);
    } else {
      job.stop();
      return signal;
    }
  }
  progress.clear();
  return 0;
}

int run_reviews(const words& said, run_options options) {
  if (auto understood = understand(said, options); !understood) {
    print_error(understood.error());
    return 2;
  }
  auto work = make_review_workflow(options);
  if (!work) {
    print_error(work.error());
    return work.error().kind == error_kind::exhausted ? 3 : 2;
  }
  stop_signals::block();
  engine host;
  running job = host.start(work->flow);
  const int signal = follow(job, options);
  const run_result result = job.wait();
  int exit = result.exit_code();
  if (signal != 0)
    exit = 128 + signal;
  else if (exit == 0 && options.fail_on_dead_letters && result.dead_letters > 0)
    exit = 1;

  for (const auto& why : result.errors)
    print_error(why);
  if (!result.undelivered.empty()) {
    std::fputs("undelivered:\n", stderr);
    for (const auto& u : result.undelivered)
      std::fprintf(stderr, "  %s: %s records\n", u.node.c_str(), with_commas(u.records).c_str());
  }
  const bool results_on_stdout =
      std::ranges::any_of(work->outputs, [](const output_uri& out) { return out.path == "-"; });
  std::FILE* to = results_on_stdout ? stderr : stdout;
  const std::string text = options.summary == summary_format::json ? summary_json(result, *work, exit) + "\n"
                                                                   : summary_text(result, *work, options);
  std::fputs(text.c_str(), to);
  if (exit == 1 && result.errors.empty() && result.dead_letters > 0)
    print_error({"there are dead letters", options.dead_letters,
                 "look at their causes, or leave --fail-on-dead-letters out", error_kind::permanent});
  std::fflush(to);
  return exit;
}

} // namespace

void add_run_command(CLI::App& app, int& exit_code) {
  auto* run = app.add_subcommand("run", "Judge reviews and store the results");
  auto options = std::make_shared<run_options>();
  auto said = std::make_shared<words>();
  run->add_option("--input", options->inputs,
                  "JSON Lines to read: a file (gzip and zstd by content), a directory, or - for standard "
                  "input; may be "
                  "given several times. Default: the bundled sample")
      ->type_name("URI")
      ->allow_extra_args(false);
  run->add_option(
         "--output", options->outputs,
         "Where results go: sqlite:FILE, jsonl:FILE, or - for standard output; may be given several times. "
         "Default: sqlite:reviews.db")
      ->type_name("URI")
      ->allow_extra_args(false);
  run->add_option("--model", options->model, "The sentiment model. Default: the bundled one")
      ->type_name("FILE");
  run->add_option("--workers", said->workers,
                  "Workers that judge, such as 4 or 2..10. Default: one a processor")
      ->type_name("N|MIN..MAX");
  run->add_option("--batch", options->batch, "Reviews in a batch at most. Default: as fits 64 KiB")
      ->type_name("N");
  run->add_option("--timeout", said->timeout, "Time for one review, such as 500ms or 30s. Default: none")
      ->type_name("DUR");
  run->add_option("--retries", options->retries, "Attempts of a review that fails, after the first")
      ->type_name("N")
      ->capture_default_str();
  run->add_option("--limit", options->limit, "Stop after this many reviews. Default: read all")
      ->type_name("N");
  run->add_option("--isolation", said->isolation,
                  "Where judging runs: shared, or thread (a thread of its own a worker)")
      ->type_name("WHERE");
  run->add_option("--dead-letters", options->dead_letters,
                  "Rows that could not be processed, with the reason")
      ->type_name("FILE")
      ->capture_default_str();
  run->add_option("--max-dead-letters", options->max_dead_letters,
                  "Per cent of dead letters among 1,000 rows that end the run as failed; 100 = no limit")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  run->add_option("--drain-timeout", said->drain_timeout,
                  "After SIGTERM or Ctrl-C: time to store what was read; 0 = no limit")
      ->type_name("DUR")
      ->capture_default_str();
  run->add_option("--summary", said->summary, "The last thing printed: text, or json (one line)")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  run->add_flag("--fail-on-dead-letters", options->fail_on_dead_letters,
                "Exit with 1 when there are dead letters");
  run->callback([said, options, &exit_code] { exit_code = run_reviews(*said, *options); });
}

} // namespace weir::reviews
