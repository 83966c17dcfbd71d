#include <bench/workloads/reviews.hpp>

#include <actors/files/input_stream.hpp>
#include <actors/sqlite/sqlite_database.hpp>
#include <apps/review_stream/input/read_review.hpp>
#include <apps/review_stream/language/detect_language.hpp>
#include <apps/review_stream/response/response_book.hpp>
#include <apps/review_stream/results/review_store.hpp>
#include <apps/review_stream/rules/rulebook.hpp>
#include <apps/review_stream/sentiment/analyze_sentiment.hpp>
#include <apps/review_stream/sentiment/model.hpp>
#include <apps/review_stream/workflow.hpp>
#include <bench/workloads/reviews_corpus.hpp>
#include <bench/workloads/timed.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace weir::bench {

namespace {

using namespace reviews;

constexpr std::size_t transaction = 5000; ///< reviews, as in review-stream

template <class T>
T expect(result<T> got) {
  if (!got)
    throw std::runtime_error(got.error().message());
  return *std::move(got);
}

void expect(result<> done) {
  if (!done)
    throw std::runtime_error(done.error().message());
}

/// Keeps what was computed from being optimised away.
void keep(std::uint64_t value) { asm volatile("" : : "r"(value) : "memory"); }

void inflate(const review_corpus& all) {
  auto inputs = expect(actors::list_inputs({all.file.string()}));
  auto in = expect(actors::input_stream::open(std::move(inputs.front())));
  std::uint64_t bytes = 0;
  for (auto chunk = expect(in.next()); chunk.state == actors::input_stream::state::data;
       chunk = expect(in.next()))
    bytes += chunk.bytes.size();
  if (bytes != all.inflated_bytes)
    throw std::runtime_error("the input has another length than before");
}

void parse(const review_corpus& all) {
  std::uint64_t bytes = 0;
  for (const auto& line : all.lines)
    bytes += expect(parse_json_review(line)).text.size();
  keep(bytes);
}

void read(const review_corpus& all) {
  const read_review step;
  std::uint64_t bytes = 0;
  for (const auto& line : all.lines)
    bytes += expect(step(line)).text.size();
  keep(bytes);
}

void tell_language(const review_corpus& all) {
  std::uint64_t letters = 0;
  for (const review& r : all.read)
    letters += detect_language(r.title, r.text, r.language).size();
  keep(letters);
}

void feel(const review_corpus& all) {
  const auto model = expect(all.knowledge->sentiment());
  feature_extractor scratch;
  std::uint64_t happy = 0;
  for (const review& r : all.read)
    happy += model->judge(r.title, r.text, scratch).score > 0 ? 1 : 0;
  keep(happy);
}

void find_topics(const review_corpus& all) {
  const auto rules = expect(all.knowledge->rules());
  std::uint64_t topics = 0;
  for (const judged_review& j : all.judged)
    topics += rules->topics.topics_of(j.review.title, j.review.text, j.language).size();
  keep(topics);
}

void route(const review_corpus& all) {
  const auto rules = expect(all.knowledge->rules());
  std::uint64_t reasons = 0;
  for (const judged_review& j : all.judged)
    reasons += rules->urgency.rate(j).reasons.size() + rules->routing.choose(j).reason.size();
  keep(reasons);
}

void respond(const review_corpus& all) {
  const auto book = expect(all.knowledge->responses());
  std::uint64_t bytes = 0;
  for (const judged_review& j : all.judged)
    bytes += book->draft(j).text.size();
  keep(bytes);
}

void store(std::span<const judged_review> all, bool bare) {
  const scratch_folder folder;
  const std::string path = folder / "reviews.db";
  auto sink = review_store(path, nullptr);
  sink.on_start();
  if (bare) // what SQLite takes for the rows alone
    expect(expect(actors::sqlite_database::open(path))
               .execute("DROP INDEX reviews_by_product; DROP INDEX reviews_by_route;"
                        "DROP TRIGGER IF EXISTS alert_on_high_urgency"));
  for (; !all.empty(); all = all.subspan(std::min(transaction, all.size())))
    expect(sink.write(all.first(std::min(transaction, all.size()))));
  sink.on_drain();
}

/// All parts one after the other in one thread, a batch at a time: what the work costs without a runtime.
void loop(const review_corpus& all) {
  const scratch_folder folder;
  auto sink = review_store(folder / "reviews.db", nullptr);
  sink.on_start();
  inflate(all);
  const read_review step;
  const auto model = expect(all.knowledge->sentiment());
  const auto rules = expect(all.knowledge->rules());
  const auto book = expect(all.knowledge->responses());
  feature_extractor scratch;
  std::vector<judged_review> batch;
  for (const auto& line : all.lines) {
    judged_review& j = batch.emplace_back();
    j.review = expect(step(line));
    const judgement felt = model->judge(j.review.title, j.review.text, scratch);
    j.language = detect_language(j.review.title, j.review.text, j.review.language);
    j.sentiment = {std::string{to_string(felt.label)}, felt.score, felt.confidence};
    j.model = model->id();
    j.topics = rules->topics.topics_of(j.review.title, j.review.text, j.language);
    j.urgency = rules->urgency.rate(j);
    j.route = rules->routing.choose(j);
    j.response = book->draft(j);
    if (batch.size() == transaction) {
      expect(sink.write(batch));
      batch.clear();
    }
  }
  expect(sink.write(batch));
  sink.on_drain();
}

void stream(const review_corpus& all) {
  const scratch_folder folder;
  run_options options;
  options.inputs = {all.file.string()};
  options.outputs = {"sqlite:" + folder / "reviews.db"};
  options.dead_letters = folder / "dead-letters.jsonl";
  auto work = expect(make_review_workflow(options));
  const run_result done = run(work.flow);
  if (!done.ok())
    throw std::runtime_error("the workflow ended as " + std::string{to_string(done.status)});
  if (const auto stored = work.counters.front()->inserted.load(); stored != all.lines.size())
    throw std::runtime_error(std::to_string(stored) + " reviews were stored");
}

} // namespace

std::vector<variant> review_variants(const sizes& of) {
  std::vector<variant> made;
  const auto corpus = std::make_shared<std::optional<review_corpus>>(); // gone with the variants
  const auto add = [&](std::string name, std::vector<std::pair<std::string, std::string>> beside,
                       std::function<void(const review_corpus&)> part) {
    made.push_back({.name = std::move(name),
                    .compared_with = std::move(beside),
                    .prepare =
                        [of, corpus] {
                          if (!*corpus)
                            corpus->emplace(make_review_corpus(of));
                        },
                    .run =
                        [corpus, part = std::move(part)] {
                          const review_corpus& all = corpus->value();
                          const stopwatch watch;
                          part(all);
                          return outcome{.seconds = watch.seconds(), .records = all.lines.size()};
                        }});
  };
  add("review-stream", {{"loop", "loop"}}, stream);
  add("loop", {}, loop);
  add("inflate", {{"loop", "loop"}}, inflate);
  add("parse-json", {{"loop", "loop"}}, parse);
  add("parse-and-clean", {{"loop", "loop"}}, read);
  add("sentiment", {{"loop", "loop"}}, feel);
  add("language", {{"loop", "loop"}}, tell_language);
  add("topics", {{"loop", "loop"}}, find_topics);
  add("urgency-and-route", {{"loop", "loop"}}, route);
  add("response", {{"loop", "loop"}}, respond);
  add("store", {{"loop", "loop"}}, [](const review_corpus& all) { store(all.judged, false); });
  add("store-bare", {{"loop", "loop"}}, [](const review_corpus& all) { store(all.judged, true); });
  return made;
}

} // namespace weir::bench
