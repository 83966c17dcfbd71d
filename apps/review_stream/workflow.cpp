#include <apps/review_stream/workflow.hpp>

#include <actors/lines/line_source.hpp>
#include <actors/sqlite/sqlite_dead_letters.hpp>
#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/deduplicate/first_of_id.hpp>
#include <apps/review_stream/input/check_columns.hpp>
#include <apps/review_stream/input/read_review.hpp>
#include <apps/review_stream/response/generate_response.hpp>
#include <apps/review_stream/results/outputs.hpp>
#include <apps/review_stream/results/review_store.hpp>
#include <apps/review_stream/routing/choose_route.hpp>
#include <apps/review_stream/topic/categorize_topic.hpp>
#include <apps/review_stream/urgency/rate_urgency.hpp>
#include <weir/workflow/stream.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace weir::reviews {

namespace {

result<actors::line_source> open_inputs(const run_options& options, const field_map& fields) {
  actors::line_source_options rows;
  rows.limit = options.limit;
  rows.rate = options.rate;
  rows.follow = options.follow;
  rows.format = actors::row_format::automatic;
  for (const auto& uri : options.inputs) {
    auto path = parse_input(uri);
    if (!path)
      return std::move(path).error();
    rows.inputs.push_back(*std::move(path));
  }
  if (rows.inputs.empty())
    rows.inputs.push_back((data_dir() / "sample.jsonl").string());
  if (auto ok = check_columns(rows.inputs, fields); !ok)
    return std::move(ok).error();
  return actors::line_source::open(std::move(rows));
}

result<std::vector<output_uri>> understand_outputs(const run_options& options) {
  std::vector<output_uri> outputs;
  std::set<std::string> seen;
  for (const auto& text :
       options.outputs.empty() ? std::vector<std::string>{"sqlite:reviews.db"} : options.outputs) {
    auto uri = parse_output(text);
    if (!uri)
      return std::move(uri).error();
    if (!seen.insert(uri->path).second)
      return permanent("the same output twice: '" + uri->path + "'", "--output", "give each output once");
    outputs.push_back(*std::move(uri));
  }
  return outputs;
}

/// Dead letters go to the file, and into the databases beside the results.
std::shared_ptr<dead_letter_sink> dead_letters(const std::string& file,
                                               const std::vector<output_uri>& outputs) {
  std::vector<std::shared_ptr<dead_letter_sink>> sinks{dead_letter_file(file)};
  for (const auto& out : outputs)
    if (out.what == output_uri::kind::sqlite)
      sinks.push_back(actors::sqlite_dead_letters(out.path));
  return sinks.size() == 1 ? sinks.front() : dead_letters_to_all(std::move(sinks));
}

/// A node with one worker takes a batch as one task: cut into smaller ones, by each node in its own way, it
/// would reach the store as transactions of a hundred reviews, which take twice the time of larger ones.
constexpr std::uint32_t whole_batch = 1024;

/// A pool whose workers share the load, in the order of the input: of a repeated id the first row wins.
node_options pool(const run_options& options) {
  node_options o;
  // The steps run beside each other: half the processors for each keeps all of them busy.
  std::uint32_t half = std::max(1U, (std::thread::hardware_concurrency() + 1) / 2);
  if (!options.cluster.listen.empty() || !options.cluster.join.empty())
    half = std::max(2U, half); // one worker alone cannot be spread
  o.workers = options.workers.max > 0 ? options.workers : worker_range{half, half};
  if (o.workers.max == 1)
    o.batch_size = whole_batch;
  o.order = ordering::ordered;
  o.isolation = options.isolation;
  o.timeout = options.timeout;
  o.retry = exponential_backoff{.max_attempts = options.retries + 1};
  return o;
}

std::shared_ptr<findings_cache> make_cache(std::size_t bytes) {
  if (bytes == 0)
    return nullptr;
  return std::make_shared<findings_cache>(
      cache_options{.max_bytes = bytes}, [](const findings_key&, const text_findings& found) {
        return sizeof(findings_key) + sizeof(text_findings) + found.sentiment.label.size();
      });
}

/// What does not hang off the stream itself: checked before anything is read.
result<review_workflow> prepare(const run_options& options) {
  auto outputs = understand_outputs(options);
  if (!outputs)
    return std::move(outputs).error();
  auto known = knowledge::load({options.model, options.topic_model, options.rules, options.responses});
  if (!known)
    return std::move(known).error();
  for (const auto& out : *outputs)
    if (auto ok = check_output(out); !ok)
      return std::move(ok).error();
  review_workflow work{workflow{"review-stream"}, *std::move(outputs)};
  work.knowledge = *std::move(known);
  work.findings = make_cache(options.cache_bytes);
  return work;
}

/// What happens to a review, wherever it comes from and goes to. Reviews are large records, some 3 KiB with
/// all that is found out: with the default limits they would be cut into batches of forty.
template <class Rows>
auto judge(review_workflow& work, Rows rows, const field_map& fields, const run_options& options) {
  work.flow.settings().limits.max_bytes = std::size_t{4} << 20U;
  work.flow.settings().limits.max_records = whole_batch;
  const node_options workers = pool(options);
  return work.flow.from("reviews", std::move(rows), {.batch_size = options.batch})
      .map("parse", read_review{fields}, {.batch_size = whole_batch})
      .filter("deduplicate", first_of_id{options.dedupe, work.repeats}, {.batch_size = whole_batch})
      .map("analyze_sentiment", analyze_sentiment{work.knowledge, work.findings}, workers)
      .map("categorize_topic", categorize_topic{work.knowledge}, workers)
      .map(rate_urgency{work.knowledge}) // unnamed: fused into the node before it
      .map(choose_route{work.knowledge})
      .map("generate_response", generate_response{work.knowledge}, workers);
}

struct no_rows {
  poll_result poll(emitter<actors::text_line>&, std::size_t) { return poll_result::end(); }
};

} // namespace

result<review_workflow> make_hosted_workflow(const run_options& options) {
  auto known = knowledge::load({options.model, options.topic_model, options.rules, options.responses});
  if (!known)
    return std::move(known).error();
  review_workflow work{workflow{"review-stream"}, {}};
  work.knowledge = *std::move(known);
  work.findings = make_cache(options.cache_bytes);
  judge(work, no_rows{}, {}, options).to("coordinator", [](const judged_review&) {});
  return work;
}

result<review_workflow> make_review_workflow(const run_options& options) {
  const auto fields = field_map::parse(options.mappings);
  if (!fields)
    return fields.error();
  auto rows = open_inputs(options, *fields);
  if (!rows)
    return std::move(rows).error();
  auto prepared = prepare(options);
  if (!prepared)
    return std::move(prepared).error();
  review_workflow work = *std::move(prepared);
  const auto judged = judge(work, *std::move(rows), *fields, options);
  const auto stored =
      judged.key_by([](const judged_review& j) { return j.review.id; }); // retries keep their turn
  // A task of a store is a transaction: small ones would write the pages of its indexes again and again.
  const node_options in_transactions{.isolation = isolation::thread, .batch_size = 5000};
  const auto products = judged.node("summarise", summarise_products{});
  for (std::size_t i = 0; i < work.outputs.size(); ++i) {
    const auto& out = work.outputs[i];
    const std::string id = i == 0 ? "store" : "store-" + std::to_string(i + 1);
    work.stores.push_back(id);
    switch (out.what) {
    case output_uri::kind::sqlite:
      work.counters.push_back(std::make_shared<actors::sqlite_counters>());
      stored.to(id, review_store(out.path, work.counters.back()), in_transactions);
      products.to(id + "_products", product_store(out.path), {.isolation = isolation::thread});
      break;
    case output_uri::kind::json_lines:
      stored.to(id, json_lines_output(out.path), {.isolation = isolation::thread});
      break;
    case output_uri::kind::csv:
      stored.to(id, csv_output(out.path), {.isolation = isolation::thread});
      break;
    }
  }
  products.to("report", [all = work.products](const product_summary& p) { all->push_back(p); });

  work.flow.dead_letters(dead_letters(options.dead_letters, work.outputs));
  work.flow.settings().max_dead_letters.share = options.max_dead_letters / 100;
  return work;
}

} // namespace weir::reviews
