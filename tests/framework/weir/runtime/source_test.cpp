#include <tests/framework/weir/runtime/runs.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("input that a source rejects becomes a dead letter and keeps its position") {
  const no_batch_leaks leaks;
  struct source {
    int next = 0;
    poll_result poll(emitter<int>& out, std::size_t) {
      if (next == 5)
        return poll_result::end();
      if (next == 2)
        out.reject("{broken", permanent("not JSON", "line 3"));
      else
        out(next);
      ++next;
      return poll_result::more();
    }
  };
  workflow w{"reject"};
  collected<int> got;
  w.from("rows", source{}).to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.records() == std::vector<int>{0, 1, 3, 4});
  REQUIRE(r.last_dead_letters.size() == 1);
  CHECK(r.last_dead_letters[0].id == "rows:2");
  CHECK(r.last_dead_letters[0].kind == failure_kind::invalid);
  CHECK(r.last_dead_letters[0].payload == "{broken");
  CHECK(r.last_dead_letters[0].cause == "not JSON (line 3)");
}

TEST_CASE("a source that throws is polled again and goes on") {
  const no_batch_leaks leaks;
  struct source {
    int next = 0;
    int throws = 3;
    poll_result poll(emitter<int>& out, std::size_t) {
      if (next == 10)
        return poll_result::end();
      out(next++);
      if (next == 5 && throws-- > 0) {
        --next; // it comes again: position is the source's own business
        throw std::runtime_error("away");
      }
      return poll_result::more();
    }
  };
  workflow w{"outage"};
  collected<int> got;
  w.from("rows", source{}, {.retry = fixed_backoff{1ms, 0}}).to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(r.node("rows").errors == 3);
  CHECK(r.node("rows").received == 13);
  CHECK(got.size() == 13);
}

TEST_CASE(
    "a source that fails for good fails the run with its node named, and nothing before is lost unseen") {
  const no_batch_leaks leaks;
  struct source {
    int next = 0;
    poll_result poll(emitter<int>& out, std::size_t) {
      if (next == 5)
        return poll_result::failed(permanent("no such table"));
      out(next++);
      return poll_result::more();
    }
  };
  workflow w{"gone"};
  w.from("rows", source{}).to("drop", [](const int&) {});
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::failed);
  CHECK(r.exit_code() == 1);
  REQUIRE_FALSE(r.errors.empty());
  CHECK(r.errors[0].message() == "no such table (node 'rows')");
  std::uint64_t left = 0;
  for (const auto& u : r.undelivered)
    left += u.records;
  CHECK(r.node("drop").delivered + left == 5);
}

TEST_CASE(
    "an idle source is polled again after its wait, when it is woken, and when its descriptor is readable") {
  const no_batch_leaks leaks;
  for (const auto mode : {execution_mode::parallel, execution_mode::sequential}) {
    struct state {
      std::atomic<int> produced{0};
      std::atomic<bool> idle{false};
      std::mutex mutex;
      waker wake;
      int pipe[2];
    };
    SECTION(mode == execution_mode::parallel ? "parallel" : "sequential") {
      SECTION("after its wait") {
        struct source {
          int next = 0;
          bool rest = false;
          poll_result poll(emitter<int>& out, std::size_t) {
            rest = !rest;
            if (rest)
              return poll_result::idle_for(2ms);
            if (next == 5)
              return poll_result::end();
            out(next++);
            return poll_result::more();
          }
        };
        workflow w{"waits"};
        w.settings().mode = mode;
        collected<int> got;
        w.from("rows", source{}).to("collect", got.sink());
        const auto r = run_to_end(w);
        check_books(r, w);
        CHECK(got.records() == count_to(5));
      }
      SECTION("when it is woken") {
        struct source {
          std::shared_ptr<state> s;
          int next = 0;
          void on_start(waker wake) {
            const std::lock_guard lock{s->mutex};
            s->wake = std::move(wake);
          }
          poll_result poll(emitter<int>& out, std::size_t) {
            while (next < s->produced)
              out(next++);
            if (next >= 3)
              return poll_result::end();
            s->idle = true;
            return poll_result::idle();
          }
        };
        const auto s = std::make_shared<state>();
        workflow w{"woken"};
        w.settings().mode = mode;
        collected<int> got;
        w.from("rows", source{s}).to("collect", got.sink());
        engine e{{.threads = 2}};
        auto job = e.start(w);
        for (int i = 1; i <= 3; ++i) {
          await([&] { return s->idle.exchange(false); }, "an idle source polled when it is woken");
          s->produced = i;
          waker wake;
          {
            const std::lock_guard lock{s->mutex};
            wake = s->wake;
          }
          wake();
          await([&] { return got.size() == static_cast<std::size_t>(i); },
                "a record of a woken source delivered");
        }
        const auto r = end_of(job);
        check_books(r, w);
        CHECK(got.records() == count_to(3));
        s->wake(); // after the end: harmless
      }
    }
  }
}
