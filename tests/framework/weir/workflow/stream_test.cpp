#include <tests/support/catch.hpp>
#include <weir/workflow/stream.hpp>
#include <weir/workflow/validate.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace weir;

namespace {

auto numbers() { return from_range(std::vector<int>{1, 2, 3}); }
void drop(const int&) {}
int same(const int& x) { return x; }
bool all(const int&) { return true; }

bool says(const std::vector<error>& errors, const std::string& text) {
  return std::ranges::any_of(errors,
                             [&](const error& e) { return e.message().find(text) != std::string::npos; });
}

} // namespace

TEST_CASE("a named call makes a node and an edge, an unnamed one makes none") {
  workflow w{"w"};
  w.from("source", numbers())
      .map(same)
      .map("a", same)
      .filter(all)
      .map(same)
      .filter("b", all)
      .to("sink", drop);
  REQUIRE(w.nodes().size() == 4);
  CHECK(w.nodes()[0].id == "source");
  CHECK(w.nodes()[0].definition.role == node_role::source);
  CHECK(w.nodes()[1].id == "a");
  CHECK(w.nodes()[1].definition.role == node_role::step);
  CHECK(w.nodes()[3].definition.role == node_role::sink);
  CHECK(w.edges() == std::vector<edge_definition>{{0, 0, 1}, {1, 0, 2}, {2, 0, 3}});
  CHECK(validate(w).empty());
}

TEST_CASE("a stream used twice is fan-out, merge is fan-in, branch has two ports") {
  workflow w{"w"};
  auto s = w.from("source", numbers());
  auto a = s.map("a", same);
  auto b = s.map("b", same);
  auto [yes, no] = a.merge("m", b).branch("br", all);
  yes.to("yes", drop);
  no.to("no", drop);
  CHECK(w.edges() == std::vector<edge_definition>{
                         {0, 0, 1}, {0, 0, 2}, {1, 0, 3}, {2, 0, 3}, {3, 0, 4}, {4, 0, 5}, {4, 1, 6}});
  CHECK(validate(w).empty());
}

TEST_CASE("a fused step changes the type that the node before it makes") {
  workflow w{"w"};
  w.from("source", numbers())
      .map("a", same)
      .map([](const int& x) { return std::to_string(x); })
      .to("sink", [](const std::string&) {});
  CHECK(w.nodes()[1].definition.outputs[0].type->type == typeid(std::string));
  workflow v{"v"};
  v.from("source", numbers())
      .map([](const int& x) { return std::to_string(x); })
      .to("sink", [](const std::string&) {});
  CHECK(v.nodes()[0].definition.outputs[0].type->type == typeid(std::string));
  CHECK(v.nodes()[0].definition.made[0].type->type == typeid(int));
  CHECK(validate(v).empty());
}

TEST_CASE("key_by reaches the next node and only that") {
  workflow w{"w"};
  w.from("source", numbers()).key_by(same).map("keyed", same).map("free", same).to("sink", drop);
  CHECK(w.nodes()[1].definition.keys);
  CHECK_FALSE(w.nodes()[2].definition.keys);
  CHECK_FALSE(w.nodes()[3].definition.keys);
}

TEST_CASE("options reach their node") {
  using namespace std::chrono_literals;
  workflow w{"w"};
  w.from("source", numbers())
      .map("a", same, {.workers = {2, 10}, .isolation = isolation::thread, .timeout = 30s, .batch_size = 7})
      .to("sink", drop);
  const auto& o = w.nodes()[1].definition.options;
  CHECK(o.workers.min == 2);
  CHECK(o.workers.most() == 10);
  CHECK(o.timeout == 30s);
  CHECK(o.batch_size == 7);
}

TEST_CASE("fusing a step into a node whose output was used already is a mistake that is told") {
  workflow w{"w"};
  auto s = w.from("source", numbers()).map("a", same);
  s.to("first", drop);
  std::move(s).filter(all).to("second", drop);
  CHECK(says(validate(w), "fused into node 'a' after its output was used"));
  workflow v{"v"};
  auto t = v.from("source", numbers());
  t.to("first", drop);
  std::move(t).filter(all).to("second", drop);
  CHECK(says(validate(v), "fused into node 'source' after its output was used"));
}

TEST_CASE("using a stream from before a step was fused into its node is the same mistake") {
  // Otherwise `first` would silently get what the filter lets through.
  for (const bool at_source : {false, true}) {
    workflow w{"w"};
    const auto build = [](auto s) {
      auto before = s;
      std::move(s).filter(all).to("second", drop);
      before.to("first", drop);
    };
    if (at_source)
      build(w.from("source", numbers()));
    else
      build(w.from("source", numbers()).map("a", same));
    CHECK(says(validate(w), at_source ? "node 'source'" : "node 'a'"));
    CHECK(says(validate(w), "fused"));
  }
}

TEST_CASE("merging streams of two workflows is a mistake that is told") {
  workflow w{"w"}, v{"v"};
  auto a = w.from("a", numbers());
  auto b = v.from("b", numbers());
  a.merge("m", b).to("sink", drop);
  CHECK(says(validate(w), "another workflow"));
}
