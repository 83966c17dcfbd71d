#include <examples/custom_node/shorten.hpp>
#include <tests/support/catch.hpp>
#include <weir/testkit/conservation.hpp>
#include <weir/testkit/workflow_probe.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

weir::workflow titles() {
  weir::workflow wf{"titles"};
  wf.from("texts", weir::from_range(std::vector<std::string>{"of the real source"}))
      .node("shorten", shorten{11}, {.workers = {4}, .timeout = 1s, .retry = weir::exponential_backoff{}})
      .to("store", [](const std::string&) { /* a database */ });
  return wf;
}

} // namespace

// [workflow-probe]
TEST_CASE("titles reach the store although a worker dies over one") {
  weir::workflow_probe probe{titles()};
  auto texts = probe.replace_source<std::string>("texts");      // fed by hand
  const auto stored = probe.capture_sink<std::string>("store"); // collected instead of written
  probe.settle();

  probe.inject("shorten", weir::fault::dies_after); // it did its work, and nobody heard of it
  texts.feed("a title");
  probe.settle();
  CHECK(stored->empty());

  probe.advance(10s); // restart and retry
  CHECK(*stored == std::vector<std::string>{"a title"});
  CHECK(probe.ready());

  texts.end();
  REQUIRE(probe.run());
  CHECK(probe.result().status == weir::run_status::completed);
}
// [workflow-probe]

// [simulate-your-own]
TEST_CASE("a hundred seeds: each text is stored once, whatever fails") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    weir::conservation books;
    books.sink("store");
    weir::workflow wf{"numbers"};
    wf.from("numbers", weir::generate([&books, n = 0]() mutable -> std::optional<int> {
              if (++n > 200)
                return std::nullopt;
              books.issue(static_cast<std::uint64_t>(n));
              return n;
            }))
        .map("work", [](const int& n) { return n; },
             {.workers = {4},
              .timeout = 1s,
              .retry = weir::exponential_backoff{.max_attempts = 0},
              .restart = {.max = 1'000}})
        .to("store", [&books](const int& n) { books.deliver("store", static_cast<std::uint64_t>(n)); });

    weir::simulation run{wf, {.seed = seed, .faults = weir::fault_rates::all()}};
    const bool ended = run.run();

    const auto verdict = books.judge(ended);
    INFO("seed " << seed << ": " << verdict.text());
    REQUIRE(verdict.ok());
  }
}
// [simulate-your-own]
