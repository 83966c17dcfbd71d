#include <tests/support/catch.hpp>
#include <weir/base/clock.hpp>

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("a manual clock moves only when it is told to") {
  manual_clock c;
  const auto start = c.now();
  CHECK(c.now() == start);
  c.advance(5s);
  c.advance(1ns);
  CHECK(c.now() - start == 5s + 1ns);
}

TEST_CASE("the steady clock never goes backwards") {
  const steady_clock c;
  auto last = c.now();
  for (int i = 0; i < 1000; ++i) {
    const auto now = c.now();
    CHECK(now >= last);
    last = now;
  }
}
