#include <tests/framework/weir/support/batches.hpp>
#include <tests/support/catch.hpp>
#include <weir/node/task.hpp>

#include <stdexcept>
#include <vector>

using namespace weir;
using namespace weir::detail;
using namespace weir_tests;

namespace {

struct setup {
  batch_ptr in = numbers(10);
  std::vector<port_output> outputs;
  call_marks marks;
  task_scope scope;
  explicit setup(batch_limits limits = {}) : outputs(make(limits)), scope(in.get(), 0, 10, outputs) {
    scope.marks = &marks;
    outputs[0].begin(0, 0, {}, 10);
  }
  static std::vector<port_output> make(batch_limits limits) {
    std::vector<port_output> all;
    all.emplace_back(record_type_of<int>(), limits, nullptr);
    return all;
  }
  void emit(std::uint32_t i, int x) { outputs[0].emplace<int>(i, 0, x); }
  std::vector<int> made() { return values<int>(outputs[0].finish()); }
};

} // namespace

TEST_CASE("a throw in the middle of a record takes its outputs back and no others") {
  setup s;
  run_records<true>(s.scope, [&](std::uint32_t i) {
    s.emit(i, static_cast<int>(i));
    if (i % 4 == 2)
      throw std::runtime_error("bad " + std::to_string(i));
    s.emit(i, static_cast<int>(i) + 100);
    return true;
  });
  CHECK(s.scope.next == 10);
  REQUIRE(s.scope.failures.size() == 2);
  CHECK(s.scope.failures[0].index == 2);
  CHECK(s.scope.failures[0].kind == failure_kind::error);
  CHECK(s.scope.failures[0].why == transient("bad 2"));
  CHECK(s.scope.failures[1].index == 6);
  CHECK(s.made() == std::vector<int>{0, 100, 1, 101, 3, 103, 4, 104, 5, 105, 7, 107, 8, 108, 9, 109});
  CHECK(s.marks.current == no_index);
}

TEST_CASE("a record that fails by value loses its outputs too") {
  setup s;
  run_records<true>(s.scope, [&](std::uint32_t i) {
    s.emit(i, static_cast<int>(i));
    if (i == 9) {
      s.scope.fail(i, permanent("last"));
      return false;
    }
    return true;
  });
  CHECK(s.made().size() == 9);
  CHECK(s.scope.next == 10);
  CHECK(s.scope.failures.size() == 1);
}

TEST_CASE("the record being run is published") {
  setup s;
  std::vector<std::uint32_t> seen;
  run_records<false>(s.scope, [&](std::uint32_t) {
    seen.push_back(s.marks.current);
    return true;
  });
  CHECK(seen == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("where order counts a task ends at its first failure") {
  setup s;
  s.scope.stop_at_first_failure = true;
  run_records<true>(s.scope, [&](std::uint32_t i) -> bool {
    if (i == 3)
      throw std::runtime_error("bad");
    s.emit(i, 1);
    return true;
  });
  CHECK(s.scope.next == 4);
  CHECK(s.scope.failures.size() == 1);
  CHECK(s.made().size() == 3);
}

TEST_CASE(
    "a stop request ends the task after the current record, which has failed by timeout only if it failed") {
  for (const bool fails : {false, true}) {
    setup s;
    std::stop_source stop;
    s.scope.stop = stop.get_token();
    run_records<true>(s.scope, [&](std::uint32_t i) -> bool {
      s.emit(i, 1);
      if (i == 4) {
        s.marks.asked = 4;
        stop.request_stop();
        if (fails)
          throw std::runtime_error("stopped");
      }
      return true;
    });
    CHECK(s.scope.next == 5);
    CHECK(s.made().size() == (fails ? 4 : 5));
    REQUIRE(s.scope.failures.size() == (fails ? 1 : 0));
    if (fails)
      CHECK(s.scope.failures[0].kind == failure_kind::timeout);
  }
}

TEST_CASE("a record that meets a stop meant for the one before it has not been attempted") {
  for (const bool throws : {false, true}) {
    setup s;
    std::stop_source stop;
    s.scope.stop = stop.get_token();
    run_records<true>(s.scope, [&](std::uint32_t i) -> bool {
      s.emit(i, static_cast<int>(i));
      if (i != 4)
        return true;
      s.marks.asked = 3; // the watchdog looked when record 3 was running
      stop.request_stop();
      if (throws)
        throw std::runtime_error("stopped");
      s.scope.fail(i, transient("stopped"));
      return false;
    });
    CHECK(s.scope.next == 4);
    CHECK(s.scope.failures.empty());
    CHECK_FALSE(s.scope.threw);
    CHECK(s.made() == std::vector<int>{0, 1, 2, 3});
    CHECK(s.marks.current == no_index);
  }
}

TEST_CASE("outputs over a limit fail their record as overflow, for good") {
  setup s;
  run_records<true>(s.scope, [&](std::uint32_t i) -> bool {
    if (i == 1)
      throw output_overflow("too large");
    s.emit(i, 1);
    return true;
  });
  REQUIRE(s.scope.failures.size() == 1);
  CHECK(s.scope.failures[0].kind == failure_kind::overflow);
  CHECK(s.scope.failures[0].why.kind == error_kind::permanent);
}

TEST_CASE("a record that does not fit beside the others is left for the next task, alone it fails") {
  setup s{{.max_records = 2, .max_task_output = 4 * sizeof(int)}};
  const auto five_each = [&](std::uint32_t i) {
    for (int k = 0; k < (i == 2 ? 1000 : 2); ++k)
      s.emit(i, k);
    return true;
  };
  run_records<true>(s.scope, five_each);
  CHECK(s.scope.failures.empty());
  CHECK(s.scope.next == 2);
  CHECK(s.made().size() == 4);
  s.scope.begin = 2;
  s.scope.next = 10;
  s.outputs[0].begin(0, 0, {}, 8);
  run_records<true>(s.scope, five_each);
  REQUIRE(s.scope.failures.size() == 1);
  CHECK(s.scope.failures[0].index == 2);
  CHECK(s.scope.failures[0].kind == failure_kind::overflow);
}

TEST_CASE("a whole task fails as one and leaves nothing behind") {
  setup s;
  run_whole(s.scope, [&]() -> result<> {
    s.emit(0, 1);
    CHECK(s.marks.current == 0);
    throw std::runtime_error("away");
  });
  REQUIRE(s.scope.whole);
  CHECK(*s.scope.whole == transient("away"));
  CHECK_FALSE(s.scope.whole_timed_out);
  CHECK(s.made().empty());
  CHECK(s.marks.current == no_index);

  setup v;
  std::stop_source stop;
  v.scope.stop = stop.get_token();
  run_whole(v.scope, [&]() -> result<> {
    v.marks.asked = 0;
    stop.request_stop();
    return permanent("no");
  });
  REQUIRE(v.scope.whole);
  CHECK(v.scope.whole_timed_out);
  CHECK(v.scope.whole->kind == error_kind::permanent);

  setup good;
  run_whole(good.scope, [&]() -> result<> {
    good.emit(0, 7);
    return {};
  });
  CHECK_FALSE(good.scope.whole);
  CHECK(good.made() == std::vector<int>{7});
}

TEST_CASE("the kinds of failures have names") {
  CHECK(to_string(failure_kind::error) == "error");
  CHECK(to_string(failure_kind::timeout) == "timeout");
  CHECK(to_string(failure_kind::crash) == "crash");
  CHECK(to_string(failure_kind::invalid) == "invalid");
  CHECK(to_string(failure_kind::late) == "late");
  CHECK(to_string(failure_kind::overflow) == "overflow");
}
