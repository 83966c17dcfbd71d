#include <examples/custom_node/shorten.hpp>
#include <tests/support/catch.hpp>
#include <weir/testkit/node_probe.hpp>

using namespace std::chrono_literals;

// [node-probe]
TEST_CASE("shorten, alone under a probe") {
  weir::node_probe probe{shorten{11}, {.timeout = 1s, .retry = weir::fixed_backoff{10s, 3}}};

  probe.feed("a rather long one");
  CHECK(probe.outputs() == std::vector<std::string>{"a rather lo..."});

  probe.fail_next(weir::transient("busy")); // the next call fails; its retry is due in 10 s
  probe.feed("short");
  CHECK(probe.outputs().size() == 1);
  probe.advance(10s);
  CHECK(probe.outputs().back() == "short");

  probe.hang_for_good_next(); // the worker is abandoned, another takes its place
  probe.feed("stuck");
  probe.advance(1min);
  CHECK(probe.outputs().back() == "stuck");
  CHECK(probe.figures().timeouts == 1);
  CHECK(probe.figures().restarts == 1);
}
// [node-probe]

// [crash-and-restore]
struct careful {
  bool was_down = false;
  void on_start(weir::context<std::string>& c) { was_down = c.last_crash() != nullptr; }
  void on_record(const std::string& text, weir::context<std::string>& out) {
    out.emit(was_down ? "(again) " + text : text);
  }
};

TEST_CASE("a node object that takes the place of a lost one knows it") {
  weir::node_probe probe{careful{}};
  probe.feed("one");
  probe.crash_and_restore();
  probe.feed("two");
  CHECK(probe.outputs() == std::vector<std::string>{"one", "(again) two"});
}
// [crash-and-restore]
