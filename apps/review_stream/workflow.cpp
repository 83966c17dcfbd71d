#include <apps/review_stream/workflow.hpp>

#include <actors/jsonl/json_lines_sink.hpp>
#include <actors/lines/line_source.hpp>
#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/input/parse_review.hpp>
#include <apps/review_stream/sentiment/analyze_sentiment.hpp>
#include <apps/review_stream/results/result_json.hpp>
#include <apps/review_stream/results/review_store.hpp>
#include <weir/workflow/stream.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>

namespace weir::reviews {

namespace {

result<actors::line_source> open_inputs(const run_options& options) {
  actors::line_source_options lines;
  lines.limit = options.limit;
  for (const auto& uri : options.inputs) {
    auto path = parse_input(uri);
    if (!path)
      return std::move(path).error();
    lines.inputs.push_back(*std::move(path));
  }
  if (lines.inputs.empty())
    lines.inputs.push_back((data_dir() / "sample.jsonl").string());
  return actors::line_source::open(std::move(lines));
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

/// Opens what can be opened, so that a wrong path shows before anything has been read.
result<> check_output(const output_uri& out) {
  if (out.what == output_uri::kind::sqlite)
    return check_review_store(out.path);
  auto opened = actors::json_lines_sink<judged_review>::open(out.path, append_json);
  return opened ? result<>{} : result<>{std::move(opened).error()};
}

} // namespace

result<review_workflow> make_review_workflow(const run_options& options) {
  auto lines = open_inputs(options);
  if (!lines)
    return std::move(lines).error();
  auto sentiment =
      analyze_sentiment::load(options.model.empty() ? default_model_path().string() : options.model);
  if (!sentiment)
    return std::move(sentiment).error();
  auto outputs = understand_outputs(options);
  if (!outputs)
    return std::move(outputs).error();
  for (const auto& out : *outputs)
    if (auto ok = check_output(out); !ok)
      return std::move(ok).error();

  node_options judging;
  const std::uint32_t processors = std::max(1U, std::thread::hardware_concurrency());
  judging.workers = options.workers.max > 0 ? options.workers : worker_range{processors, processors};
  judging.order = ordering::ordered; // of a repeated id the first row wins
  judging.isolation = options.isolation;
  judging.timeout = options.timeout;
  judging.retry = exponential_backoff{.max_attempts = options.retries + 1};

  review_workflow work{workflow{"review-stream"}, *std::move(outputs), {}};
  work.flow.dead_letters(dead_letter_file(options.dead_letters));
  work.flow.settings().max_dead_letters.share = options.max_dead_letters / 100;
  const auto judged =
      work.flow.from("reviews", *std::move(lines), {.batch_size = options.batch})
          .map("parse", parse_review)
          .map("analyze_sentiment", *std::move(sentiment), judging)
          .key_by([](const judged_review& j) { return j.review.id; }); // retries keep their turn
  for (std::size_t i = 0; i < work.outputs.size(); ++i) {
    const auto& out = work.outputs[i];
    const std::string id = i == 0 ? "store" : "store-" + std::to_string(i + 1);
    if (out.what == output_uri::kind::sqlite) {
      work.stores.push_back(std::make_shared<actors::sqlite_counters>());
      judged.to(id, review_store(out.path, work.stores.back()), {.isolation = isolation::thread});
    } else {
      judged.to(id, actors::json_lines_sink<judged_review>{out.path, append_json},
                {.isolation = isolation::thread});
    }
  }
  return work;
}

} // namespace weir::reviews
