#include <tests/support/catch.hpp>
#include <weir/supervision/failure_accounts.hpp>
#include <weir/supervision/restart_intensity.hpp>

using namespace weir;
using namespace weir::detail;
using namespace std::chrono_literals;

TEST_CASE("so many restarts within a period are allowed, one more is not, and then counting begins anew") {
  restart_intensity i{2, 30s};
  const time_point t{};
  CHECK(i.allow(t));
  CHECK(i.allow(t + 10s));
  CHECK_FALSE(i.allow(t + 29s));
  CHECK(i.allow(t + 29s));
  CHECK(i.allow(t + 58s));
  CHECK(i.allow(t + 59s)); // the one at 29 s is 30 s old
  CHECK_FALSE(i.allow(t + 60s));
}

TEST_CASE("old restarts do not count for what is recent") {
  restart_intensity i{2, 30s};
  CHECK(i.allow(time_point{}));
  CHECK(i.allow(time_point{1s}));
  CHECK(i.recent(time_point{10s}) == 2);
  CHECK(i.recent(time_point{30s}) == 1);
  CHECK(i.recent(time_point{1h}) == 0);
}

TEST_CASE("none allowed means none") {
  restart_intensity i{0, 30s};
  CHECK_FALSE(i.allow(time_point{}));
}

TEST_CASE("retries are earned by records that go well and by time, and those over the budget wait") {
  retry_tokens t{{.share = 0.5, .per_second = 10, .reserve = 2}};
  const time_point now{1h};
  CHECK(t.take(now, now) == now);
  CHECK(t.take(now, now) == now);
  CHECK(t.take(now, now) == now + 100ms);
  CHECK(t.take(now, now) == now + 200ms);
  CHECK(t.take(now, now + 1h) == now + 1h);
  t.earn(10); // five retries, three of which are owed
  CHECK(t.take(now, now) == now);
  CHECK(t.take(now, now) == now);
  CHECK(t.take(now, now) == now + 100ms);
}

TEST_CASE("what was saved for retries fades") {
  retry_tokens t{{.share = 1, .per_second = 0.000001, .reserve = 0}};
  const time_point now{1h};
  t.take(now, now);
  t.earn(1001);
  t.take(now + 50s, now); // ten half-lives
  CHECK(t.take(now + 50s, now) > now + 50s);
}

TEST_CASE("the share of dead letters counts by the order in which records came") {
  dead_letter_share s{{.share = 0.1, .window = 100}};
  // Nine of every hundred, however late they are given up.
  for (std::uint64_t r = 0; r < 10'000; ++r)
    if (r % 100 < 9)
      CHECK_FALSE(s.over(r));
  dead_letter_share t{{.share = 0.1, .window = 100}};
  for (std::uint64_t r = 0; r < 10; ++r)
    CHECK_FALSE(t.over(5'000 + r));
  CHECK_FALSE(t.over(200)); // far away
  CHECK(t.over(5'050));
  dead_letter_share off{{.share = 1, .window = 100}};
  for (std::uint64_t r = 0; r < 1000; ++r)
    CHECK_FALSE(off.over(r));
}
