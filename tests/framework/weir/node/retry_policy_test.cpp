#include <tests/support/catch.hpp>
#include <weir/node/retry_policy.hpp>

#include <stdexcept>

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("exponential backoff grows by its factor, is bounded by max, and is fully jittered") {
  const retry_policy p = exponential_backoff{.first = 100ms, .factor = 3.0, .max = 2s, .max_attempts = 9};
  CHECK(p.wait(1, 0.0) == 0ms);
  CHECK(p.wait(1, 0.5) == 50ms);
  CHECK(p.wait(2, 0.5) == 150ms);
  CHECK(p.wait(3, 0.5) == 450ms);
  CHECK(p.wait(4, 0.5) == 1s);
  CHECK(p.wait(50, 0.5) == 1s);
  CHECK(p.wait(4'000'000'000U, 0.5) == 1s);
  CHECK(p.wait(7, 0.999999) < 2s);
}

TEST_CASE("fixed backoff always waits the same") {
  const retry_policy p = fixed_backoff{70ms, 3};
  for (const std::uint32_t n : {1U, 2U, 1000U})
    for (const double random : {0.0, 0.3, 0.99})
      CHECK(p.wait(n, random) == 70ms);
}

TEST_CASE("a backoff that begins at nothing waits nothing, however often it is tried") {
  const retry_policy p = exponential_backoff{.first = 0ms, .max_attempts = 0};
  for (const std::uint32_t n : {1U, 100U, 5000U, 4'000'000'000U})
    CHECK(p.wait(n, 0.5) == 0ns);
}

TEST_CASE("a policy allows so many attempts in all, or any number") {
  const retry_policy five = exponential_backoff{};
  CHECK(five.max_attempts() == 5);
  const error why = transient("busy");
  CHECK(five.next({4, why, 0.5}).has_value());
  CHECK_FALSE(five.next({5, why, 0.5}).has_value());
  const retry_policy forever = fixed_backoff{1ms, 0};
  CHECK(forever.next({4'000'000'000U, why, 0.5}) == 1ms);
  CHECK_FALSE(no_retry.next({1, why, 0.5}).has_value());
  CHECK_FALSE(no_retry.retries());
  CHECK(forever.retries());
}

TEST_CASE("a policy of the author's decides by attempt and cause; one that throws gives up") {
  const retry_policy mine = custom_retry{[](const failed_attempt& f) -> std::optional<duration> {
    if (f.why.what == "bug")
      throw std::runtime_error("in the policy");
    return f.attempts < 3 ? std::optional<duration>{f.attempts * 1s} : std::nullopt;
  }};
  const error busy = transient("busy");
  const error bug = transient("bug");
  CHECK(mine.next({1, busy, 0}) == 1s);
  CHECK(mine.next({2, busy, 0}) == 2s);
  CHECK_FALSE(mine.next({3, busy, 0}).has_value());
  CHECK_FALSE(mine.next({1, bug, 0}).has_value());
  CHECK(mine.retries());
  CHECK_FALSE(retry_policy{custom_retry{}}.valid());
}

TEST_CASE("a policy that cannot work says so") {
  CHECK(retry_policy{exponential_backoff{}}.valid());
  CHECK(no_retry.valid());
  CHECK_FALSE(retry_policy{exponential_backoff{.factor = 0.5}}.valid());
  CHECK_FALSE(retry_policy{exponential_backoff{.first = 2s, .max = 1s}}.valid());
  CHECK_FALSE(retry_policy{fixed_backoff{-1ms, 3}}.valid());
}
