// Sources whose records go through blocks: steps and a sink fused into them that cannot fail, and a split by
// key right behind them.

#include <tests/framework/weir/runtime/runs.hpp>

#include <array>
#include <map>

using namespace weir;
using namespace weir_tests;

namespace {

struct reading {
  std::uint64_t key;
  std::uint64_t number;
};

/// `n` readings, filled into batches.
class readings {
 public:
  explicit readings(std::uint64_t n) : left_(n) {}
  poll_result poll(emitter<reading>& out, std::size_t demand) {
    const auto room = out.prepare(std::min<std::size_t>(demand, left_));
    for (reading& r : room) {
      r = {next_ * 7 % 100, next_};
      ++next_;
    }
    out.commit(room.size());
    left_ -= room.size();
    return left_ == 0 ? poll_result::end() : poll_result::more();
  }

 private:
  std::uint64_t left_;
  std::uint64_t next_ = 0;
};

constexpr auto add_one = [](int& x) noexcept { ++x; };
constexpr auto is_even = [](const int& x) noexcept { return x % 2 == 0; };
constexpr auto half = [](const int& x) noexcept { return x / 2; };

} // namespace

TEST_CASE("steps that cannot fail run within their source: all records, in order, counted as ever") {
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    const no_batch_leaks leaks;
    workflow w{"within"};
    w.settings().mode = mode;
    collected<int> got;
    w.from("numbers", from_range(count_to(100'000)))
        .update(add_one)
        .filter(is_even)
        .map(half)
        .filter([](const int& x) noexcept { return x % 5 != 0; })
        .to("collect", got.sink());
    const auto r = run_to_end(w);
    CHECK(r.ok());
    check_books(r, w);
    CHECK(r.node("numbers").received == 100'000);
    CHECK(r.node("numbers").filtered == 60'000);
    CHECK(r.node("numbers").sent == 40'000);
    const auto records = got.records();
    REQUIRE(records.size() == 40'000);
    for (std::size_t i = 0; i < records.size(); ++i)
      REQUIRE(records[i] == static_cast<int>(i / 4 * 5 + i % 4 + 1));
  }
}

TEST_CASE("a step that may fail keeps the record that failed, also behind steps that cannot") {
  workflow w{"may fail"};
  collected<int> got;
  w.from("numbers", from_range(count_to(1'000)))
      .update(add_one)
      .map([](const int& x) {
        if (x == 500)
          throw std::runtime_error("not this one");
        return x;
      })
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.dead_letters == 1);
  CHECK(got.size() == 999);
  check_books(r, w);
}

TEST_CASE("a source with steps and sink fused into it is a whole workflow, without an edge") {
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    workflow w{"alone"};
    w.settings().mode = mode;
    auto sum = std::make_shared<std::atomic<std::uint64_t>>(0);
    w.from("readings", readings{250'000})
        .filter([](const reading& x) noexcept { return x.number % 2 == 1; })
        .to([sum](const reading& x) noexcept { *sum += x.number; });
    const auto r = run_to_end(w);
    CHECK(r.ok());
    CHECK(r.nodes.size() == 1);
    CHECK(r.node("readings").delivered == 125'000);
    CHECK(r.node("readings").filtered == 125'000);
    CHECK(*sum == 125'000ULL * 125'000ULL);
    check_books(r, w);
  }
}

TEST_CASE("a sink that may fail is not fused into a source: the workflow says what to do") {
  workflow w{"unnamed"};
  w.from("numbers", from_range(count_to(3))).to([](const int&) {});
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::invalid);
  REQUIRE(!r.errors.empty());
  CHECK(r.errors.front().message().find("give the sink a name") != std::string::npos);
}

TEST_CASE("a source's records split by key reach the worker of their key, once, in order") {
  for (const std::uint32_t workers : {2U, 3U, 8U}) {
    const no_batch_leaks leaks;
    struct seen_by_worker {
      std::mutex mutex;
      std::map<std::uint64_t, std::uint32_t> worker;
      std::map<std::uint64_t, std::uint64_t> last;
      std::uint64_t records = 0;
      bool in_order = true;
    };
    auto seen = std::make_shared<seen_by_worker>();
    workflow w{"keyed"};
    w.from("readings", readings{300'000})
        .filter([](const reading& x) noexcept { return x.number % 3 != 0; })
        .key_by(&reading::key)
        .to("check",
            [seen](const reading& x, worker_context& c) {
              const std::lock_guard lock{seen->mutex};
              ++seen->records;
              seen->in_order &= seen->worker.try_emplace(x.key, c.worker()).first->second == c.worker();
              const auto [at, fresh] = seen->last.try_emplace(x.key, x.number);
              seen->in_order &= fresh || std::exchange(at->second, x.number) < x.number;
            },
            {.workers = {workers}});
    const auto r = run_to_end(w);
    CHECK(r.ok());
    check_books(r, w);
    CHECK(seen->records == 200'000);
    CHECK(seen->in_order);
    CHECK(r.node("readings").filtered == 100'000);
  }
}

TEST_CASE("what a slow source made for an idle keyed worker does not wait for more") {
  struct trickle { // one record, then nothing until it is stopped
    poll_result poll(emitter<reading>& out, std::size_t) {
      if (made++ == 0)
        out({1, 1});
      return poll_result::idle();
    }
    int made = 0;
  };
  auto arrived = std::make_shared<std::atomic<bool>>(false);
  workflow w{"trickle"};
  w.from("source", trickle{})
      .key_by(&reading::key)
      .to("sink", [arrived](const reading&) { *arrived = true; }, {.workers = {2}});
  engine e{{.threads = 2}};
  auto job = e.start(w);
  await([&] { return arrived->load(); }, "the record has not come");
  job.drain(std::chrono::seconds{10});
  CHECK(end_of(job).ok());
}
