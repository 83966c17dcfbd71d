#include <apps/review_stream/commands/summary.hpp>

#include <apps/review_stream/commands/report_text.hpp>
#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/results/json_text.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace weir::reviews {

namespace {

struct totals {
  std::uint64_t in = 0, out = 0, duplicates = 0, filtered = 0, retries = 0, timeouts = 0, restarts = 0;
  double seconds = 0;
};

totals add_up(const run_result& result, const review_workflow& work) {
  totals t;
  const auto moved = read_and_stored(result.nodes, work.stores);
  t.in = moved.read;
  t.out = moved.stored;
  for (const auto& n : result.nodes) {
    t.filtered += n.filtered;
    t.retries += n.retries;
    t.timeouts += n.timeouts;
    t.restarts += n.restarts;
  }
  // A repeated id is a duplicate wherever it was noticed: by `deduplicate`, or because a store had it.
  const std::uint64_t repeats = work.repeats->load();
  std::uint64_t there_already = 0;
  for (const auto& store : work.counters)
    there_already = std::max<std::uint64_t>(there_already, store->ignored.load());
  t.filtered -= std::min(t.filtered, repeats);
  t.out -= std::min(t.out, there_already);
  t.duplicates = repeats + there_already;
  t.seconds = std::chrono::duration<double>(result.took).count();
  return t;
}

/// Reviews that are not in every store. What waited on the way to one, and of the stores the one that lacks
/// most; the branch of the summary holds the same reviews a second time.
std::uint64_t undelivered(const run_result& result, const review_workflow& work) {
  std::uint64_t on_the_way = 0;
  std::uint64_t at_stores = 0;
  for (const auto& u : result.undelivered) {
    if (std::ranges::find(work.stores, u.node) != work.stores.end())
      at_stores = std::max(at_stores, u.records);
    else if (!u.node.starts_with("summarise") && u.node != "report" && !u.node.ends_with("_products"))
      on_the_way += u.records;
  }
  return on_the_way + at_stores;
}

double rounded(double x, double to) { return std::round(x * to) / to; }
double milliseconds(duration d) { return rounded(std::chrono::duration<double, std::milli>(d).count(), 1e3); }

} // namespace

std::string summary_json(const run_result& result, const workflow_rates& whole, const review_workflow& work,
                         int exit) {
  const totals t = add_up(result, work);
  std::string text;
  json_text out{text};
  out.field("records_in", t.in)
      .field("records_out", t.out)
      .field("duplicates", t.duplicates)
      .field("filtered", t.filtered)
      .field("dead_letters", result.dead_letters)
      .field("retries", t.retries)
      .field("timeouts", t.timeouts)
      .field("restarts", t.restarts)
      .field("duration_s", rounded(t.seconds, 1e4))
      .field("throughput_per_s", rounded(whole.records_per_s, 10));
  out.object("latency_ms")
      .field("p50", milliseconds(whole.latency.p50))
      .field("p95", milliseconds(whole.latency.p95))
      .field("p99", milliseconds(whole.latency.p99))
      .end();
  out.field("status", to_string(result.status))
      .field("undelivered", undelivered(result, work))
      .field("exit", exit)
      .end();
  return text;
}

std::string summary_text(const run_result& result, const workflow_rates& whole, const review_workflow& work,
                         const run_options& options) {
  const totals t = add_up(result, work);
  std::string text;
  const auto line = [&text](const std::string& what, const std::string& value) {
    char padded[64];
    std::snprintf(padded, sizeof padded, "  %-16s ", what.c_str());
    text += padded + value + "\n";
  };
  text += "review-stream: " + std::string{to_string(result.status)} + " in " + in_words(result.took) + ", " +
          with_commas(static_cast<std::uint64_t>(whole.records_per_s)) + " reviews a second\n";
  line("read", with_commas(t.in));
  line(work.counters.empty() ? "written" : "new", with_commas(t.out));
  if (t.duplicates > 0 || !work.counters.empty())
    line("there already", with_commas(t.duplicates) + " (the first review of an id is kept)");
  line("dead letters", with_commas(result.dead_letters) +
                           (result.dead_letters > 0 ? "  -> " + options.dead_letters : std::string{}));
  if (t.retries > 0 || t.timeouts > 0)
    line("tried again", with_commas(t.retries) + ", " + with_commas(t.timeouts) + " timeouts");
  if (whole.latency.p50.count() > 0)
    line("latency",
         in_words(whole.latency.p50) + " median, " + in_words(whole.latency.p99) + " for the slowest 1 %");
  for (const auto& out : work.outputs) {
    if (out.what != output_uri::kind::sqlite) {
      line("results", out.path == "-" ? "standard output" : out.path);
      continue;
    }
    line("results", out.path);
  }
  text += report_text(*work.products);
  for (const auto& out : work.outputs)
    if (out.what == output_uri::kind::sqlite) {
      text += "\nLook at them:  sqlite3 -box " + out.path +
              " \"SELECT product, sentiment, route, substr(text, 1, 60) AS text FROM reviews LIMIT 10\"\n";
      break;
    }
  return text;
}

} // namespace weir::reviews
