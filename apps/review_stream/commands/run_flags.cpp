#include <apps/review_stream/commands/run_flags.hpp>

#include <CLI/CLI.hpp>

#include <utility>

namespace weir::reviews {

namespace {

result<> take_duration(const std::string& text, const char* flag, duration& to) {
  if (text.empty())
    return {};
  auto d = parse_duration(text);
  if (!d) {
    error why = d.error();
    why.where = flag;
    return why;
  }
  to = *d;
  return {};
}

result<> take_count(const std::string& text, const char* flag, std::size_t& to) {
  if (text.empty())
    return {};
  auto n = parse_count(text);
  if (!n) {
    error why = n.error();
    why.where = flag;
    return why;
  }
  to = *n;
  return {};
}

/// CLI11 would take "-3" for a very large number.
CLI::Validator whole_number() {
  return {[](const std::string& text) {
            const bool whole = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
            return whole ? std::string{} : "'" + text + "' is not a whole number";
          },
          {}};
}

void add_data_flags(CLI::App& run, run_options& options) {
  run.add_option("--input", options.inputs,
                 "JSON Lines, CSV or TSV to read: a file (gzip and zstd by content), a directory, or - for "
                 "standard input; may be given several times. Default: the bundled sample")
      ->type_name("URI")
      ->allow_extra_args(false);
  run.add_option(
         "--map", options.mappings,
         "Which column or key holds a field, such as text=Comment; id=@line numbers the rows. Fields: "
         "id, text, product, title, rating, category, lang, ts; may be given several times")
      ->type_name("FIELD=COLUMN")
      ->allow_extra_args(false);
  run.add_flag("--follow", options.follow,
               "Go on for ever: read what is appended to the files (rotation and truncation are noticed) and "
               "the files that are dropped into the directories");
  run.add_option("--rate", options.rate, "Rows a second at most. Default: as fast as possible")
      ->type_name("N")
      ->check(whole_number());
  run.add_option("--limit", options.limit, "Stop after this many rows. Default: read all")
      ->type_name("N")
      ->check(whole_number());
  run.add_option(
         "--output", options.outputs,
         "Where results go: sqlite:FILE, jsonl:FILE, csv:FILE, or - for standard output; may be given "
         "several times. Default: sqlite:reviews.db")
      ->type_name("URI")
      ->allow_extra_args(false);
  run.add_option("--dead-letters", options.dead_letters, "Rows that could not be processed, with the reason")
      ->type_name("FILE")
      ->capture_default_str();
  run.add_option("--max-dead-letters", options.max_dead_letters,
                 "Per cent of dead letters among 1,000 rows that end the run as failed; 100 = no limit")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  run.add_flag("--fail-on-dead-letters", options.fail_on_dead_letters,
               "Exit with 1 when there are dead letters");
}

void add_trace_flags(CLI::App& run, run_options& options) {
  run.add_option(
         "--trace-endpoint", options.trace_endpoint,
         "A collector of traces (OTLP over HTTP), such as http://127.0.0.1:4318: spans of sampled "
         "reviews are posted to URL/v1/traces. Default: OTEL_EXPORTER_OTLP_ENDPOINT if it is set, else "
         "off")
      ->type_name("URL|off");
  run.add_option("--trace-sample", options.trace_sample,
                 "Share of the reviews that are traced, 0 to 1 (100 a second at most). A review with a field "
                 "'traceparent' (W3C) follows its sampled flag instead")
      ->type_name("RATIO")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
}

void add_admin_flags(CLI::App& run, run_options& options) {
  run.add_option("--admin", options.admin,
                 "Where figures, health and the dashboard are served over HTTP; port 0 takes a free one. "
                 "Default: 127.0.0.1:7461, if it is free")
      ->type_name("HOST:PORT|off");
  run.add_option("--admin-token-file", options.admin_token_file,
                 "A file with the token that requests must bring (Authorization: Bearer …); needed where "
                 "--admin is not on this machine alone")
      ->type_name("FILE");
  run.add_option("--admin-allowed-host", options.admin_allowed_hosts,
                 "A name under which the admin address may be asked besides this machine's; may be given "
                 "several times")
      ->type_name("NAME")
      ->allow_extra_args(false);
  run.add_option("--admin-tls-cert", options.admin_tls_cert,
                 "Serve --admin over HTTPS with this certificate (PEM, then intermediate ones)")
      ->type_name("FILE");
  run.add_option("--admin-tls-key", options.admin_tls_key,
                 "The key of --admin-tls-cert (PEM, without a password)")
      ->type_name("FILE");
  run.add_flag(
      "--insecure", options.insecure,
      "Let --admin and --cluster-listen be reached from beyond this machine without TLS: all of it can be "
      "read on the way, and whoever reaches --cluster-listen is a host");
}

} // namespace

void add_knowledge_flags(CLI::App& run, run_options& options) {
  run.add_option("--model", options.model, "The sentiment model. Default: the bundled one")
      ->type_name("FILE");
  run.add_option("--topic-model", options.topic_model,
                 "Topics by a model of `train --task topic` instead of by the terms of --rules")
      ->type_name("FILE");
  run.add_option("--rules", options.rules, "Topics, urgency and routes. Default: the bundled topics.toml")
      ->type_name("FILE");
  run.add_option("--responses", options.responses, "Templates. Default: the bundled responses.toml")
      ->type_name("FILE");
}

void run_flags::add_to(CLI::App& run) {
  add_data_flags(run, options_);
  add_knowledge_flags(run, options_);
  run.add_option("--dedupe", dedupe_,
                 "Ids that are remembered to drop repeats, or off. Default: 1000000. (SQLite keeps the first "
                 "review of an id whatever this says)")
      ->type_name("N|off");
  run.add_option("--cache", cache_,
                 "Memory for what was found out about texts, such as 16MiB, or off. Default: 16MiB")
      ->type_name("SIZE|off");
  run.add_option("--workers", workers_,
                 "Workers of each step that judges, such as 4 or 2..10. Default: half as many as processors")
      ->type_name("N|MIN..MAX");
  run.add_option("--batch", options_.batch, "Reviews in a batch at most. Default: as fits 1 MiB")
      ->type_name("N")
      ->check(whole_number());
  run.add_option("--timeout", timeout_, "Time for one review, such as 500ms or 30s. Default: none")
      ->type_name("DUR");
  run.add_option("--retries", options_.retries, "Attempts of a review that fails, after the first")
      ->type_name("N")
      ->check(whole_number())
      ->capture_default_str();
  run.add_option(
         "--isolation", isolation_,
         "Where judging runs: shared, thread (a thread of its own a worker), or process (a process of "
         "its own a worker, which may crash)")
      ->type_name("WHERE");
  run.add_option("--drain-timeout", drain_timeout_,
                 "After SIGTERM or Ctrl-C: time to store what was read; 0 = no limit")
      ->type_name("DUR")
      ->capture_default_str();
  run.add_option("--summary", summary_, "The last thing printed: text, or json (one line)")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_admin_flags(run, options_);
  add_trace_flags(run, options_);
  cluster_.add_coordinator_flags(run, false); // --insecure is there already
  run.add_option("--log-format", log_format_,
                 "How events (restarts, timeouts, dead letters) are written to standard error: text, or json "
                 "(one object a line)")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  run.add_option("--log-level", log_level_,
                 "The least that is written: debug, info, warning, error, off. Default: warning, with "
                 "--cluster-listen info")
      ->check(CLI::IsMember({"debug", "info", "warning", "warn", "error", "off"}));
  run.footer("SIGHUP reads the model, rules, responses, --admin-tls-cert and --tls-cert again.");
}

result<run_options> run_flags::understand() const {
  run_options options = options_;
  if (!workers_.empty()) {
    auto workers = parse_workers(workers_);
    if (!workers)
      return workers.error();
    options.workers = *workers;
  }
  if (auto ok = take_duration(timeout_, "--timeout", options.timeout); !ok)
    return ok.error();
  if (auto ok = take_duration(drain_timeout_, "--drain-timeout", options.drain_timeout); !ok)
    return ok.error();
  if (auto ok = take_count(dedupe_, "--dedupe", options.dedupe); !ok)
    return ok.error();
  if (auto ok = take_count(cache_, "--cache", options.cache_bytes); !ok)
    return ok.error();
  if (!isolation_.empty()) {
    auto where = parse_isolation(isolation_);
    if (!where)
      return where.error();
    options.isolation = *where;
  }
  auto cluster = cluster_;
  cluster.set_insecure(options.insecure);
  auto parsed = cluster.understand();
  if (!parsed)
    return std::move(parsed).error();
  options.cluster = *std::move(parsed);
  options.summary = summary_ == "json" ? summary_format::json : summary_format::text;
  options.logs = log_format_ == "json" ? log_format::json : log_format::text;
  // Hosts that come and go are news of the level info.
  options.least_logged = log_level_of(log_level_)
                             .value_or(options.cluster.listen.empty() ? log_level::warning : log_level::info);
  return options;
}

} // namespace weir::reviews
