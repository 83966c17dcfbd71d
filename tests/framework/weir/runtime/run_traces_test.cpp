// Traces of real runs, as a collector on this machine gets them.

#include <tests/framework/weir/observe/support/collector.hpp>
#include <tests/framework/weir/runtime/runs.hpp>
#include <weir/observe/otlp_exporter.hpp>

#include <map>
#include <set>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir_tests;

namespace {

std::shared_ptr<otlp_exporter> exporter_to(const collector& there) {
  exporter_options o;
  o.linger = 1ms;
  return std::make_shared<otlp_exporter>(*http_endpoint::parse(there.url()), o);
}

trace_options all_to(std::shared_ptr<span_sink> to) {
  return {.ratio = 1, .per_second = 1'000'000, .spans = std::move(to)};
}

std::map<std::string, got_span> by_id(const std::vector<got_span>& spans) {
  std::map<std::string, got_span> all;
  for (const auto& s : spans)
    all.emplace(s.id, s);
  return all;
}

} // namespace

TEST_CASE("a traced record leaves a span at each node it passes, each the child of the one before") {
  collector there;
  REQUIRE(there.start());
  auto traces = exporter_to(there);
  collected<int> got;
  workflow w{"w"};
  w.from("numbers", from_range(count_to(100)))
      .map("add", plus_one)
      .map("pool", plus_one, {.workers = {2, 2}})
      .to("store", got.sink());
  w.settings().tracing = all_to(traces);
  REQUIRE(run_to_end(w).ok());
  traces->close();
  CHECK(got.size() == 100);

  const auto spans = there.spans();
  CHECK(spans.size() == 400);
  const auto ids = by_id(spans);
  CHECK(ids.size() == 400); // no id twice
  std::set<std::string> traced;
  const std::map<std::string, std::string> before{{"add", "numbers"}, {"pool", "add"}, {"store", "pool"}};
  bool linked = true;
  bool nested = true;
  for (const auto& s : spans) {
    traced.insert(s.trace);
    nested = nested && s.start <= s.end;
    if (s.name == "numbers") {
      linked = linked && s.parent.empty();
      continue;
    }
    const auto parent = ids.find(s.parent);
    linked = linked && parent != ids.end() && parent->second.name == before.at(s.name) &&
             parent->second.trace == s.trace;
    nested = nested && s.start >= parent->second.start &&
             s.start + s.number("weir.queued_ns") + s.number("weir.processing_ns") <= s.end + 1'000 &&
             s.number("weir.queued_ns") >= 0 && s.number("weir.attempts") == 1;
  }
  CHECK(linked);
  CHECK(nested);
  CHECK(traced.size() == 100);
  for (const auto& s : there.spans_of("pool"))
    CHECK(s.number("weir.worker") < 2);
}

TEST_CASE("a record that a filter drops leaves its last span there, and the others go on") {
  collector there;
  REQUIRE(there.start());
  auto traces = exporter_to(there);
  collected<int> got;
  workflow w{"w"};
  w.from("numbers", from_range(count_to(100))).filter("even", even).to("store", got.sink());
  w.settings().tracing = all_to(traces);
  REQUIRE(run_to_end(w).ok());
  traces->close();
  CHECK(there.spans_of("even").size() == 100);
  CHECK(there.spans_of("store").size() == 50);
}

TEST_CASE("the ratio chooses about that share, and the cap bounds it") {
  collector there;
  REQUIRE(there.start());
  auto traces = exporter_to(there);
  collected<int> got;
  workflow w{"w"};
  w.from("numbers", from_range(count_to(100'000))).to("store", got.sink());
  w.settings().tracing = all_to(traces);
  SECTION("ratio") {
    w.settings().tracing.ratio = 0.01;
    REQUIRE(run_to_end(w).ok());
    traces->close();
    // 1,000 +- 32; ten times that is beyond chance
    CHECK(there.spans_of("numbers").size() > 680);
    CHECK(there.spans_of("numbers").size() < 1'320);
  }
  SECTION("cap") {
    w.settings().tracing.per_second = 7;
    const auto r = run_to_end(w);
    REQUIRE(r.ok());
    traces->close();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(r.took).count() + 1;
    CHECK(there.spans_of("numbers").size() >= 7);
    CHECK(there.spans_of("numbers").size() <= static_cast<std::size_t>(7 * (seconds + 1)));
  }
  CHECK(got.size() == 100'000);
}

TEST_CASE("a record that brings a parent follows its flag, whatever the ratio") {
  collector there;
  REQUIRE(there.start());
  auto traces = exporter_to(there);
  collected<int> got;
  workflow w{"w"};
  w.from("numbers", from_range(count_to(30))).to("store", got.sink());
  w.settings().tracing = all_to(traces);
  w.settings().tracing.ratio = GENERATE(0.0, 1.0);
  const bool all = w.settings().tracing.ratio == 1;
  w.settings().tracing.parent_of = traceparent_in<int>([](int n) -> std::string {
    if (n == 7)
      return "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    if (n == 8)
      return "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-00";
    return n == 9 ? "malformed" : "";
  });
  REQUIRE(run_to_end(w).ok());
  traces->close();
  const auto begun = there.spans_of("numbers");
  CHECK(begun.size() == (all ? 29 : 1)); // not the eighth
  const auto child = std::ranges::find(begun, "b7ad6b7169203331", &got_span::parent);
  REQUIRE(child != begun.end());
  CHECK(child->trace == "0af7651916cd43dd8448eb211c80319c");
  CHECK(got.size() == 30);
}

TEST_CASE("a span tells of attempts that failed, and a dead letter ends the trace with an error") {
  collector there;
  REQUIRE(there.start());
  auto traces = exporter_to(there);
  collected<int> got;
  workflow w{"w"};
  auto tried = std::make_shared<std::atomic<int>>(0);
  w.from("numbers", from_range(count_to(40)))
      .map("fragile",
           [tried](const int& x) -> result<int> {
             if (x == 5 && tried->fetch_add(1) < 2)
               return transient("not yet");
             if (x == 6)
               return permanent("never");
             return x;
           },
           {.retry = exponential_backoff{.first = 1ms, .max_attempts = 5}})
      .to("store", got.sink());
  w.settings().tracing = all_to(traces);
  REQUIRE(run_to_end(w).ok());
  traces->close();
  CHECK(got.size() == 39);
  CHECK(there.spans_of("store").size() == 39);
  const auto spans = there.spans_of("fragile");
  CHECK(spans.size() == 40);
  int retried = 0;
  int dead = 0;
  for (const auto& s : spans) {
    if (s.failed) {
      ++dead;
      CHECK(s.all.at("status").at("message").as_string() == "never");
    } else if (s.all.contains("events")) {
      ++retried;
      CHECK(s.number("weir.attempts") == 3);
      CHECK(s.all.at("events").as_array().size() == 2);
    }
  }
  CHECK(dead == 1);
  CHECK(retried == 1);
}

TEST_CASE("a collector that is away costs the stream nothing") {
  std::shared_ptr<otlp_exporter> traces;
  {
    collector gone;
    REQUIRE(gone.start());
    exporter_options o;
    o.queue = 64;
    o.flush_time = 1ms;
    traces = std::make_shared<otlp_exporter>(*http_endpoint::parse(gone.url()), o);
  }
  collected<int> got;
  workflow w{"w"};
  w.from("numbers", from_range(count_to(10'000))).map("add", plus_one).to("store", got.sink());
  w.settings().tracing = all_to(traces);
  const auto r = run_to_end(w);
  REQUIRE(r.ok());
  check_books(r, w);
  traces->close();
  CHECK(got.size() == 10'000);
  CHECK(traces->figures().exported == 0);
  CHECK(traces->figures().dropped > 0);
}

TEST_CASE("records that change in place and split into several are traced like any other") {
  collector there;
  REQUIRE(there.start());
  auto traces = exporter_to(there);
  collected<int> got;
  workflow w{"w"};
  w.from("numbers", from_range(count_to(50)))
      .update("twice", [](int& x) noexcept { x *= 2; })
      .flat_map("both", [](const int& x) { return std::vector<int>{x, x + 1}; })
      .to("store", got.sink());
  w.settings().tracing = all_to(traces);
  REQUIRE(run_to_end(w).ok());
  traces->close();
  CHECK(got.size() == 100);
  CHECK(there.spans_of("twice").size() == 50);
  CHECK(there.spans_of("both").size() == 50);
  const auto stored = there.spans_of("store");
  CHECK(stored.size() == 100);
  const auto ids = by_id(there.spans());
  for (const auto& s : stored) {
    REQUIRE(ids.contains(s.parent));
    CHECK(ids.at(s.parent).name == "both");
  }
}
