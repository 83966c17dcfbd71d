#include <apps/review_stream/commands/run.hpp>

#include <apps/review_stream/commands/admin_listener.hpp>
#include <apps/review_stream/commands/event_output.hpp>
#include <apps/review_stream/commands/run_flags.hpp>
#include <apps/review_stream/commands/stop_signals.hpp>
#include <apps/review_stream/commands/summary.hpp>
#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/commands/traces.hpp>
#include <apps/review_stream/options.hpp>
#include <apps/review_stream/workflow.hpp>
#include <weir/cluster/coordinator.hpp>
#include <weir/runtime/engine.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <utility>

#include <unistd.h>

namespace weir::reviews {

namespace {

using namespace std::chrono_literals;

/// Waits for the end, shows progress, and answers signals. Returns the signal that stopped the run at once,
/// or 0.
int follow(running& job, const review_workflow& work, const run_options& options, admin_listener& outside,
           cluster::coordinator* hosts) {
  progress_line progress{work.stores};
  const bool for_people = options.logs == log_format::text;
  event_output events{work.flow.name(), options.logs, options.least_logged};
  const steady_clock clock;
  bool draining = false;
  outage_notice outages;
  course_notice course;
  const auto look_outside = [&] {
    if (!outside.drain_was_asked() || std::exchange(draining, true))
      return;
    progress.clear();
    std::fputs("draining: asked over the admin listener; a signal stops at once\n", stderr);
  };
  while (!job.wait_for(50ms)) {
    if (auto notice = for_people ? outages.next(job.health(), clock.now()) : std::nullopt) {
      progress.clear();
      std::fputs(notice->c_str(), stderr);
    }
    if (auto notice = for_people ? course.next(*outside.figures()) : std::nullopt) {
      progress.clear();
      std::fputs(notice->c_str(), stderr);
    }
    events.show(job, clock.now(), [&] { progress.clear(); });
    progress.show(*outside.figures(), clock.now());
    const int signal = stop_signals::take();
    look_outside();
    if (signal == 0)
      continue;
    progress.clear();
    if (signal == SIGHUP) {
      for (const auto& news : work.knowledge->reload())
        std::fprintf(stderr, "SIGHUP: %s\n", news.c_str());
      if (options.isolation == isolation::process)
        std::fputs(
            "SIGHUP: workers in processes keep what they began with: start the run again for the rest\n",
            stderr);
      if (const auto news = outside.reload_certificate())
        std::fprintf(stderr, "SIGHUP: %s\n", news->c_str());
      if (hosts != nullptr && !options.cluster.tls.empty()) {
        const auto read = hosts->reload_certificates();
        std::fprintf(stderr, "SIGHUP: %s: %s\n", options.cluster.tls.certificate.filename().c_str(),
                     read ? "read again" : ("stays as it was: " + read.error().message()).c_str());
      }
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
  look_outside();
  events.end(job, clock.now());
  return 0;
}

int run_reviews(const run_options& options) {
  std::unique_ptr<cluster::coordinator> hosts; // ends after those that ask it
  // What the flags alone make impossible comes first: nothing has been made then.
  auto outside = admin_listener::prepare(options);
  if (!outside) {
    print_error(outside.error());
    return 2;
  }
  auto traces = trace_output::open(options);
  if (!traces) {
    print_error(traces.error());
    return 2;
  }
  auto work = make_review_workflow(options);
  if (!work) {
    print_error(work.error());
    return work.error().kind == error_kind::exhausted ? 3 : 2;
  }
  stop_signals::block();
  work->flow.settings().tracing = traces->settings();
  engine machine;
  if (!options.cluster.listen.empty()) {
    auto cluster = options.cluster;
    cluster.program = work->knowledge->fingerprint();
    auto opened = cluster::coordinator::open(cluster, work->flow);
    if (!opened) {
      print_error(opened.error());
      return 2;
    }
    hosts = *std::move(opened);
    std::fprintf(stderr, "hosts may join at port %u\n", unsigned{hosts->port()});
  }
  running job = hosts ? hosts->start(machine, work->flow) : machine.start(work->flow);
  outside->start(job, traces->metrics(), hosts.get());
  if (!outside->url().empty() && (!options.admin.empty() || options.follow || ::isatty(STDERR_FILENO) == 1))
    std::fprintf(stderr, "watch it: %s\n", outside->url().c_str());
  const int signal = follow(job, *work, options, *outside, hosts.get());
  const run_result result = job.wait();
  if (hosts)
    hosts->close("the run has ended: " + std::string{to_string(result.status)});
  traces->close();
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
  const sample last{std::make_shared<const observation>(job.observe()), {}};
  const workflow_rates whole = rates_of({&last, 1}); // of the whole run, as the monitor works them out
  const std::string text = options.summary == summary_format::json
                               ? summary_json(result, whole, *work, exit) + "\n"
                               : summary_text(result, whole, *work, options);
  std::fputs(text.c_str(), to);
  if (exit == 1 && result.errors.empty() && result.dead_letters > 0)
    print_error({"there are dead letters", options.dead_letters,
                 "look at their causes, or leave --fail-on-dead-letters out", error_kind::permanent});
  std::fflush(to);
  return exit;
}

} // namespace

void add_run_command(CLI::App& app, int& exit_code) {
  auto* run = app.add_subcommand("run", "Judge reviews, draft responses and store the results");
  auto flags = std::make_shared<run_flags>();
  flags->add_to(*run);
  run->callback([flags, &exit_code] {
    auto options = flags->understand();
    if (!options) {
      print_error(options.error());
      exit_code = 2;
      return;
    }
    exit_code = run_reviews(*options);
  });
}

} // namespace weir::reviews
