#include <actors/lines/pace.hpp>
#include <tests/support/catch.hpp>

using namespace weir;
using namespace weir::actors;
using namespace std::chrono_literals;

namespace {

/// Takes what may be taken now.
int take_all(pace& p) {
  int taken = 0;
  for (; p.wait() == duration{}; ++taken)
    p.took();
  return taken;
}

} // namespace

TEST_CASE("records are spread evenly over the second") {
  const auto time = std::make_shared<manual_clock>();
  pace p{4, time};
  CHECK(take_all(p) == 1);
  CHECK(p.wait() == 250ms);
  time->advance(249ms);
  CHECK(take_all(p) == 0);
  time->advance(1ms);
  CHECK(take_all(p) == 1);
}

TEST_CASE("the rate is exact over time, whatever it is") {
  for (const int rate : {3, 7, 999, 1001}) {
    const auto time = std::make_shared<manual_clock>();
    pace p{static_cast<std::uint64_t>(rate), time};
    int taken = 0;
    for (int step = 0; step < 60'000 / 50; ++step) {
      taken += take_all(p);
      time->advance(50ms);
    }
    CHECK(taken + take_all(p) == rate * 60 + 1);
  }
}

TEST_CASE("waiting as long as told neither loses nor gains a record") {
  const auto time = std::make_shared<manual_clock>();
  pace p{10'000, time};
  int taken = 0;
  while (time->now() < time_point{10s}) {
    taken += take_all(p);
    time->advance(p.wait());
  }
  CHECK(taken + take_all(p) == 100'001);
}

TEST_CASE("after a pause a tenth of a second is caught up on") {
  const auto time = std::make_shared<manual_clock>();
  pace p{1000, time};
  CHECK(take_all(p) == 1);
  time->advance(1h);
  CHECK(take_all(p) == 101);
}

TEST_CASE("without a rate nothing waits") {
  pace p{0, std::make_shared<manual_clock>()};
  for (int i = 0; i < 1000; ++i, p.took())
    CHECK(p.wait() == duration{});
}
