#include <tests/support/catch.hpp>
#include <weir/workflow/stream.hpp>
#include <weir/workflow/workflow_builder.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;

namespace {

std::vector<int> three{1, 2, 3};
int same(const int& x) { return x; }
auto step() { return parallel_node<int>(same); }
auto sink() {
  return output_node([](const int&) {});
}

std::vector<std::string> messages(const std::vector<error>& errors) {
  std::vector<std::string> all;
  for (const auto& e : errors)
    all.push_back(e.message());
  std::ranges::sort(all);
  return all;
}

bool says(const std::vector<error>& errors, const std::string& text) {
  return std::ranges::any_of(errors,
                             [&](const error& e) { return e.message().find(text) != std::string::npos; });
}

/// What is wrong with source -> "node" with these options -> sink.
std::vector<error> with_options(const std::function<void(node_options&)>& change) {
  workflow_builder b{"w"};
  b.add_node("in", input_node(three));
  b.add_node("node", step().with_options(change));
  b.add_node("out", sink());
  b.connect("in", "node").connect("node", "out");
  return b.build().errors();
}

} // namespace

TEST_CASE("a correct graph builds, in any order of calls, and the builder is empty afterwards") {
  workflow_builder b{"fine"};
  b.connect("in", "work").connect("work", "out");
  b.add_node("out", sink()).add_node("work", step()).add_node("in", input_node(three));
  auto built = b.execution_mode(execution_mode::sequential)
                   .max_concurrent_nodes(7)
                   .enable_metrics(false)
                   .memory_budget(99)
                   .build();
  REQUIRE(built);
  CHECK(built->name() == "fine");
  CHECK(built->nodes().size() == 3);
  CHECK(built->settings().mode == execution_mode::sequential);
  CHECK(built->settings().max_concurrent_nodes == 7);
  CHECK_FALSE(built->settings().metrics);
  CHECK(built->settings().memory_budget == 99);
  const auto again = b.build();
  CHECK_FALSE(again);
  CHECK(says(again.errors(), "has no nodes"));
}

TEST_CASE("every mistake is told at once, with the ids involved") {
  workflow_builder b{"wrong"};
  b.add_node("in", input_node(three));
  b.add_node("in", input_node(three));                                       // twice
  b.add_node("", step());                                                    // no id
  b.add_node("lonely", step());                                              // not connected
  b.add_node("text", parallel_node([](const std::string& s) { return s; })); // other type
  b.add_node("a", step()).add_node("b", step()).add_node("c", step());       // a cycle
  b.add_node("options", step().with_workers({5, 2}).with_timeout(-1s));      // impossible
  b.add_node("out", sink());
  b.connect("in", "text").connect("text", "out").connect("in", "nobody").connect("ghost", "out");
  b.connect("a", "b").connect("b", "c").connect("c", "a");
  b.connect("in", "options").connect("options", "out").connect("options", "out"); // twice
  b.connect("out", "a").connect("a", "in").connect("a", "left", "out"); // from a sink, to a source, no port
  const auto built = b.build();
  CHECK_FALSE(built);
  const auto& e = built.errors();
  CHECK(says(e, "two nodes are called 'in'"));
  CHECK(says(e, "a node has an empty id"));
  CHECK(says(e, "node 'lonely' has no input"));
  CHECK(says(e, "nothing takes the output of node 'lonely'"));
  CHECK(says(e, "'in' makes int but 'text' takes std::"));
  CHECK(says(e, "but 'out' takes int (edge 'text' -> 'out')"));
  CHECK(says(e, "there is no node 'nobody' (edge 'in' -> 'nobody')"));
  CHECK(says(e, "there is no node 'ghost' (edge 'ghost' -> 'out')"));
  CHECK(says(e, "the nodes form a cycle: "));
  CHECK(says(e, "workers.max 2 is less than workers.min 5 (node 'options')"));
  CHECK(says(e, "a duration is negative (node 'options')"));
  CHECK(says(e, "the same edge is there twice (edge 'options' -> 'out')"));
  CHECK(says(e, "node 'out' has no such output (edge 'out' -> 'a')"));
  CHECK(says(e, "node 'in' is a source and takes no input (edge 'a' -> 'in')"));
  CHECK(says(e, "node 'a' has no output 'left'"));
  for (const auto& m : messages(e))
    CHECK(m.find(": ") != std::string::npos); // each says how to mend it
}

TEST_CASE("a cycle is named in the order of its edges, and once") {
  workflow_builder b{"cycle"};
  b.add_node("in", input_node(three)).add_node("out", sink());
  b.add_node("x", step()).add_node("y", step()).add_node("z", step()).add_node("behind", step());
  b.connect("in", "x")
      .connect("x", "y")
      .connect("y", "z")
      .connect("z", "x")
      .connect("z", "behind")
      .connect("behind", "out");
  const auto built = b.build();
  REQUIRE(built.errors().size() == 1);
  const auto& what = built.errors()[0].what;
  CHECK((what == "the nodes form a cycle: 'x' -> 'y' -> 'z' -> 'x'" ||
         what == "the nodes form a cycle: 'y' -> 'z' -> 'x' -> 'y'" ||
         what == "the nodes form a cycle: 'z' -> 'x' -> 'y' -> 'z'"));
}

TEST_CASE("a node connected to itself is a cycle") {
  workflow_builder b{"self"};
  b.add_node("in", input_node(three)).add_node("x", step()).add_node("out", sink());
  b.connect("in", "x").connect("x", "x").connect("x", "out");
  CHECK(says(b.build().errors(), "'x' -> 'x'"));
}

TEST_CASE("impossible options are told, possible ones are not") {
  CHECK(with_options([](node_options&) {}).empty());
  CHECK(says(with_options([](node_options& o) { o.workers = {0}; }), "workers.min is 0 (node 'node')"));
  CHECK(says(with_options([](node_options& o) { o.workers = {5000}; }), "more than 4096 workers"));
  CHECK(says(with_options([](node_options& o) { o.grace = -1s; }), "negative"));
  CHECK(says(with_options([](node_options& o) {
               o.timeout = 1s;
               o.isolation = isolation::shared;
             }),
             "cannot be kept"));
  CHECK(says(with_options([](node_options& o) { o.retry = exponential_backoff{.factor = 0.1}; }),
             "retry policy"));
  CHECK(says(with_options([](node_options& o) { o.window = 70'000; }), "window"));
}

TEST_CASE("a policy that its node cannot keep is told, with the node and what to do") {
  struct count {
    int n = 0;
    void add(const int&) { ++n; }
    int result(const int&) const { return n; }
  };
  const auto drop = [](const int&) {};
  workflow w{"w"};
  auto s = w.from("in", from_range(three), {.dispatch = dispatch::round_robin});
  s.map("no keys", same, {.workers = {2}, .dispatch = dispatch::key_affinity}).to("a", drop);
  s.key_by(same)
      .aggregate("state", count{}, {.workers = {2}, .dispatch = dispatch::key_affinity})
      .to("b", drop);
  s.key_by(same)
      .map("order", same, {.workers = {2}, .order = ordering::ordered, .dispatch = dispatch::key_affinity})
      .to("c", drop);
  s.key_by(same).map("dealt", same, {.workers = {2}, .dispatch = dispatch::least_loaded}).to("d", drop);
  s.key_by(same).map("fine", same, {.workers = {1, 4}, .dispatch = dispatch::key_affinity}).to("e", drop);
  s.map("fine too", same, {.workers = {4}, .order = ordering::ordered, .dispatch = dispatch::round_robin})
      .to("f", drop);
  const auto e = validate(w);
  CHECK(e.size() == 5);
  CHECK(says(e, "dispatch is set on a source, which has no workers to choose from (node 'in')"));
  CHECK(says(e, "dispatch 'key_affinity' has no keys (node 'no keys'): put key_by before the node"));
  CHECK(says(e, "state by key, which all records of the key must reach (node 'state'): leave dispatch out"));
  CHECK(says(e, "gives up the order of the input (node 'order')"));
  CHECK(says(e, "keys decide which worker gets a record (node 'dealt'): leave dispatch out, or use"));
}

TEST_CASE("a source with workers and state without keys are told") {
  workflow w{"w"};
  struct count {
    int n = 0;
    void add(const int&) { ++n; }
    int result() const { return n; }
  };
  const auto drop = [](const int&) {};
  auto s = w.from("in", from_range(three), {.workers = {2}});
  s.aggregate("count", count{}, {.workers = {2}}).to("a", drop);
  s.key_by(same).aggregate("keyed", count{}, {.workers = {200}}).to("b", drop);
  s.key_by(same).map("elastic", same, {.workers = {1, 3}}).to("c", drop);
  const auto e = validate(w);
  CHECK(e.size() == 4);
  CHECK(says(e, "a source with more than one worker (node 'in')"));
  CHECK(says(e, "no keys (node 'count')"));
  CHECK(says(e, "more workers than key groups (128) (node 'keyed')"));
  CHECK(says(e, "cannot change its number of workers (node 'elastic')"));
}

TEST_CASE("records that cannot be copied cannot be split by key") {
  workflow w{"w"};
  auto s = w.from("in", generate([]() -> std::optional<std::unique_ptr<int>> { return std::nullopt; }));
  const auto key = [](const std::unique_ptr<int>& p) { return *p; };
  s.key_by(key).to("many", [](const std::unique_ptr<int>&) {}, {.workers = {2}});
  s.key_by(key).to("one", [](const std::unique_ptr<int>&) {});
  const auto e = validate(w);
  CHECK(e.size() == 1);
  CHECK(says(e, "edge 'in' -> 'many'"));
}

TEST_CASE("an edge to a node that is not there is told, not followed") {
  workflow w{"w"};
  w.from("in", from_range(three)).to("out", [](const int&) {});
  w.connect({0, 0, 9});
  w.connect({9, 0, 1});
  CHECK(says(validate(w), "no node"));
}

TEST_CASE("a limit of 0 is told") {
  workflow w{"w"};
  w.from("in", from_range(three)).to("out", [](const int&) {});
  CHECK(validate(w).empty());
  w.settings().limits.max_records = 0;
  CHECK(says(validate(w), "batch limit is 0"));
}

TEST_CASE("connect may name a port") {
  using outputs = ports<port<"small", int>, port<"large", int>>;
  struct sorter {
    void on_record(const int& x, context<outputs>& out) {
      if (x < 10)
        out.emit<"small">(x);
      else
        out.emit<"large">(x);
    }
  };
  workflow_builder b{"ports"};
  b.add_node("in", input_node(three));
  b.add_node("sort", detail::define_class(detail::make_node_factory(sorter{}), {}));
  b.add_node("a", sink()).add_node("b", sink());
  b.connect("in", "sort").connect("sort", "small", "a").connect("sort", "large", "b");
  auto built = b.build();
  REQUIRE(built);
  CHECK(built->edges()[1] == edge_definition{1, 0, 2});
  CHECK(built->edges()[2] == edge_definition{1, 1, 3});
}

TEST_CASE("connection_pool_size reaches a pool added before or after it is set") {
  for (const bool before : {false, true}) {
    workflow_builder b{"pool"};
    std::uint32_t got = 0;
    const auto make = [&got](std::uint32_t size) {
      got = size;
      return std::make_shared<int>(static_cast<int>(size));
    };
    if (before)
      b.connection_pool_size(33);
    b.add_connection_pool("db", make);
    if (!before)
      b.connection_pool_size(33);
    b.add_node("in", input_node(three)).add_node("out", sink()).connect("in", "out");
    auto built = b.build();
    REQUIRE(built);
    CHECK(got == 33);
    CHECK(built->resources().get<int>("db") == 33);
  }
  workflow_builder none{"pool"};
  none.connection_pool_size(0);
  none.add_node("in", input_node(three)).add_node("out", sink()).connect("in", "out");
  CHECK(says(none.build().errors(), "connection_pool_size is 0"));
}

TEST_CASE("ready nodes carry their options") {
  const auto input = input_node(three).with_batching(50).with_max_delay(5ms).definition();
  CHECK(input.options.batch_size == 50);
  CHECK(input.options.max_delay == 5ms);
  const auto work =
      step().with_workers(10).with_timeout(30s).with_retry_policy(exponential_backoff{}).definition();
  CHECK(work.options.workers.min == 10);
  CHECK(work.options.workers.most() == 10);
  CHECK(work.options.timeout == 30s);
  CHECK(work.options.retry->max_attempts() == 5);
  const auto batch =
      parallel_node(batch_config{.batch_size = 20, .max_concurrent = 3, .timeout_per_batch = 9s},
                    [](std::span<const int> in) { return std::vector<int>(in.begin(), in.end()); })
          .definition();
  CHECK(batch.options.batch_size == 20);
  CHECK(batch.options.workers.most() == 3);
  CHECK(batch.options.timeout == 9s);
  CHECK(batch.whole_tasks);
}

TEST_CASE("options of supervision that cannot work are told") {
  const auto complaints = [](const node_options& options, dead_letter_limit limit = {}) {
    workflow w{"w"};
    w.settings().max_dead_letters = limit;
    w.from("numbers", from_range(std::vector<int>{1}))
        .map(
            "work", [](const int& x) { return x; }, options)
        .to("drop", [](const int&) {});
    std::vector<std::string> all;
    for (const auto& e : validate(w))
      all.push_back(e.what);
    return all;
  };
  using list = std::vector<std::string>;
  CHECK(complaints({}).empty());
  CHECK(complaints({.outage_patience = -1ns}) == list{"a duration is negative"});
  CHECK(complaints({.retry = custom_retry{}}) == list{"the retry policy cannot work"});
  CHECK(complaints({.retries = {.share = -1}}) == list{"the retry budget is negative"});
  CHECK(complaints({.restart = {.within = 0ns}}) == list{"the restart options cannot work"});
  CHECK(complaints({.restart = {.backoff = {.factor = 0.5}}}) == list{"the restart options cannot work"});
  CHECK(complaints({}, {.share = 1.5}) == list{"the limit of dead letters cannot be kept"});
  CHECK(complaints({}, {.window = 0}) == list{"the limit of dead letters cannot be kept"});
}
