#include <tests/framework/weir/runtime/runs.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("no more than max_concurrent_nodes nodes have a task running at once") {
  const no_batch_leaks leaks;
  for (const std::uint32_t limit : {1U, 2U}) {
    workflow w{"bulkhead"};
    w.settings().max_concurrent_nodes = limit;
    std::atomic<int> in_node[6]{};
    std::atomic<int> most{0};
    const auto work = [&](int node) {
      return [&, node](const int& x) {
        ++in_node[node];
        int busy = 0;
        for (const auto& n : in_node)
          busy += n > 0;
        int seen = most;
        while (busy > seen && !most.compare_exchange_weak(seen, busy)) {
        }
        std::this_thread::yield();
        --in_node[node];
        return x;
      };
    };
    collected<int> got;
    auto s = w.from("numbers", from_range(count_to(3000)));
    auto a = s.map("a", work(0), {.workers = {3}, .isolation = isolation::thread});
    auto b = s.map("b", work(1), {.workers = {2}}).map("c", work(2));
    auto d = a.map("d", work(3), {.isolation = isolation::thread});
    d.merge("meet", b).map("e", work(4)).to("collect", got.sink());
    const auto r = run_to_end(w, 4);
    CHECK(r.status == run_status::completed);
    check_books(r, w);
    CHECK(got.size() == 6000);
    CHECK(most <= static_cast<int>(limit));
  }
}

TEST_CASE("a run with a small memory budget still finishes") {
  const no_batch_leaks leaks;
  workflow w{"small budget"};
  w.settings().memory_budget = 64 << 10;
  collected<std::size_t> got;
  auto s = w.from("texts", generate([n = 0]() mutable -> std::optional<std::string> {
                    if (n++ == 5000)
                      return std::nullopt;
                    return std::string(1000, 'x');
                  }));
  auto a = s.map("a", [](const std::string& t) { return t + t; }, {.workers = {3}});
  auto b = s.map("b", [](const std::string& t) { return t; });
  a.merge("meet", b).map("size", [](const std::string& t) { return t.size(); }).to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.size() == 10'000);
}

TEST_CASE("with metrics off the counters still count") {
  workflow w{"bare"};
  w.settings().metrics = false;
  w.from("numbers", from_range(count_to(100))).to("drop", [](const int&) {});
  const auto r = run_to_end(w);
  CHECK(r.node("drop").delivered == 100);
  CHECK(r.latency_p50 == 0ns);
  check_books(r, w);
}
