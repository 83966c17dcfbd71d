#include <tests/framework/weir/runtime/runs.hpp>
#include <weir/runtime/node_tap.hpp>

#include <set>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

namespace {

/// Prints itself as so many characters, or not at all.
struct wide {
  std::size_t size = 0;
};
std::string weir_payload(const wide& w) {
  if (w.size == 0)
    throw std::runtime_error("it has no text");
  std::string text;
  while (text.size() < w.size)
    text += "é";
  return text;
}

template <class T>
batch_ptr batch_of(const std::vector<T>& all) {
  batch_builder b{record_type_of<T>(), static_cast<std::uint32_t>(all.size()), 0, 0, {}, nullptr};
  for (const T& x : all) {
    ::new (b.slot()) T(x);
    b.commit(b.size());
  }
  return b.seal();
}

struct tapped_node {
  std::shared_ptr<std::atomic<std::size_t>> count = std::make_shared<std::atomic<std::size_t>>(0);
  std::shared_ptr<detail::node_tap> tap = std::make_shared<detail::node_tap>(
      "parse", [](std::uint32_t) { return std::string{"numbers"}; }, count);
};

constexpr time_point start{1h};

} // namespace

TEST_CASE("a tap shows records with id, node and text, and nobody is charged when nobody looks") {
  tapped_node n;
  CHECK_FALSE(n.tap->on());
  const auto one = n.tap->open({.per_second = 100});
  CHECK(n.tap->on());
  n.tap->see(*batch_of<int>({7, 8, 9}), start);
  const auto seen = one->take();
  REQUIRE(seen.size() == 3);
  CHECK(seen[1].id == "numbers:1");
  CHECK(seen[1].node == "parse");
  CHECK(seen[1].payload == "8");
  CHECK_FALSE(seen[1].truncated);
  CHECK(std::chrono::system_clock::now() - seen[1].time < 5min);
  CHECK(one->take().empty());
}

TEST_CASE("it ends when whoever looks lets go, and a run has so many at most") {
  tapped_node n;
  std::vector<std::shared_ptr<record_tap>> all;
  for (std::size_t i = 0; i < most_taps; ++i)
    all.push_back(n.tap->open({}));
  CHECK(all.back());
  CHECK_FALSE(n.tap->open({}));
  all.pop_back();
  CHECK(n.tap->open({}));
  all.clear();
  CHECK_FALSE(n.tap->on());
  CHECK(n.count->load() == 0);
}

TEST_CASE("no more than the rate is shown, from all over the batch, and then no more than wait") {
  tapped_node n;
  const auto slow = n.tap->open({.per_second = 5});
  const auto fast = n.tap->open({.per_second = 100});
  const auto many = batch_of(count_to(1000));
  std::size_t slowly = 0;
  std::size_t quickly = 0;
  std::set<std::string> texts;
  for (auto at = start; at < start + 10s; at += 1ms) {
    n.tap->see(*many, at);
    slowly += slow->take().size();
    for (const auto& r : fast->take()) {
      ++quickly;
      texts.insert(r.payload);
    }
  }
  CHECK(slowly >= 49);
  CHECK(slowly <= 51);
  CHECK(quickly >= 990);
  CHECK(quickly <= 1011);
  CHECK(texts.size() > 1);
  for (auto at = start + 10s; at < start + 100s; at += 10ms)
    n.tap->see(*many, at);
  CHECK(slow->take().size() == 10);
  CHECK(fast->take().size() == 200);
}

TEST_CASE("a long text is cut between characters, and one that cannot be printed says so") {
  tapped_node n;
  const auto one = n.tap->open({.per_second = 100});
  n.tap->see(*batch_of<wide>({{10}, {9'000}, {0}}), start);
  const auto seen = one->take();
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].payload.size() == 10);
  CHECK(seen[1].payload.size() == record_tap::most_payload);
  CHECK(seen[1].truncated);
  CHECK(seen[2].payload == "(not printable: it has no text)");
  n.tap->see(*batch_of<std::string>({"x" + std::string(5'000, 'y').replace(4'094, 2, "é")}), start + 1s);
  const auto cut = one->take();
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].payload.size() == record_tap::most_payload - 1);
}

TEST_CASE("a limit ends it, and so does the end of the run") {
  tapped_node n;
  const auto two = n.tap->open({.per_second = 100, .limit = 2});
  const auto on = n.tap->open({.per_second = 100});
  n.tap->see(*batch_of(count_to(9)), start);
  CHECK_FALSE(two->ended()); // there is something to take
  CHECK(two->take().size() == 2);
  CHECK(two->ended());
  CHECK_FALSE(on->ended());
  n.tap->close();
  CHECK(on->take().size() == 9);
  CHECK(on->ended());
}

TEST_CASE("sources, steps and sinks of a run can be looked at while it goes on") {
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    const no_batch_leaks leaks;
    const auto end = std::make_shared<std::atomic<bool>>(false);
    workflow w{"looked at"};
    w.settings().mode = mode;
    w.from("numbers", generate([end, n = 0]() mutable -> std::optional<int> {
             return end->load() ? std::nullopt : std::optional{n++};
           }))
        .map("odd", [](const int& x) { return 2 * x + 1; })
        .to("drop", [](const int&) {});
    engine e{{.threads = 2}};
    running job = e.start(w);
    CHECK(job.tap("nobody").error().what == "no such node in this workflow");
    for (const char* const node : {"numbers", "odd", "drop"}) {
      auto tap = job.tap(node, {.per_second = 100});
      REQUIRE(tap);
      std::vector<tapped_record> seen;
      await(
          [&] {
            for (auto& r : (*tap)->take())
              seen.push_back(std::move(r));
            return seen.size() > 3;
          },
          node);
      for (const auto& r : seen) {
        CHECK(r.node == node);
        const auto number = std::stoull(r.id.substr(r.id.find(':') + 1));
        CHECK(std::stoull(r.payload) == (r.node == "numbers" ? number : 2 * number + 1));
      }
    }
    end->store(true);
    CHECK(end_of(job).status == run_status::completed);
    CHECK_FALSE(job.tap("odd"));
  }
}
