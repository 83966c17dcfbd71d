#include <tests/support/catch.hpp>
#include <weir/base/histogram.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("an empty histogram answers zero") {
  const histogram h;
  CHECK(h.count() == 0);
  CHECK(h.quantile(0.0) == 0ns);
  CHECK(h.quantile(0.5) == 0ns);
  CHECK(h.quantile(1.0) == 0ns);
}

TEST_CASE("small durations are kept exactly") {
  for (int ns = 0; ns < 8; ++ns) {
    histogram h;
    h.record(duration{ns});
    CHECK(h.quantile(0.0) == duration{ns});
    CHECK(h.quantile(0.5) == duration{ns});
    CHECK(h.quantile(1.0) == duration{ns});
  }
}

TEST_CASE("a single value is answered within an eighth, never below it, over the whole range of durations") {
  for (const double power : {4.0, 6.5, 9.0, 11.9, 14.2, 17.3, 18.9}) {
    const duration value{static_cast<duration::rep>(std::pow(10.0, power))};
    histogram h;
    h.record(value);
    for (const double q : {0.0, 0.01, 0.5, 0.99, 1.0}) {
      CHECK(h.quantile(q) >= value);
      CHECK(static_cast<double>(h.quantile(q).count()) <= 1.126 * static_cast<double>(value.count()));
    }
  }
}

TEST_CASE("the longest and the negative durations have a place too") {
  histogram h;
  h.record(duration::max());
  CHECK(h.quantile(1.0) == duration::max());
  histogram n;
  n.record(-5s);
  CHECK(n.quantile(1.0) == 0ns);
}

TEST_CASE("the median of two values is the lower and the maximum is the higher") {
  histogram h;
  h.record(1ns);
  h.record(7ns);
  CHECK(h.quantile(0.5) == 1ns);
  CHECK(h.quantile(0.51) == 7ns);
  CHECK(h.quantile(1.0) == 7ns);
}

TEST_CASE("quantiles of many values are within 13 percent of the true ones") {
  std::mt19937_64 random{7};
  std::lognormal_distribution<double> shape{12.0, 2.0};
  histogram h;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 20'000; ++i) {
    all.push_back(static_cast<std::int64_t>(shape(random)));
    h.record(duration{all.back()});
  }
  std::ranges::sort(all);
  for (const double q : {0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(all.size()))) - 1;
    const auto truth = static_cast<double>(all[rank]);
    const auto told = static_cast<double>(h.quantile(q).count());
    CHECK(told >= 0.87 * truth);
    CHECK(told <= 1.13 * truth);
  }
}

TEST_CASE("a value may be recorded many times at once") {
  histogram h;
  h.record(3ns, 99);
  h.record(1s);
  CHECK(h.count() == 100);
  CHECK(h.quantile(0.99) == 3ns);
  CHECK(h.quantile(0.995) >= 1s);
}

TEST_CASE("histograms add up") {
  histogram a, b;
  a.record(1ns, 10);
  b.record(5ns, 30);
  a.add(b);
  CHECK(a.count() == 40);
  CHECK(a.quantile(0.25) == 1ns);
  CHECK(a.quantile(0.26) == 5ns);
}

TEST_CASE("no value is lost when threads record at once") {
  histogram h;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&h, t] {
      for (int i = 0; i < 10'000; ++i)
        h.record(duration{i * (t + 1)});
    });
  for (auto& t : threads)
    t.join();
  CHECK(h.count() == 40'000);
}

TEST_CASE("a reading of a histogram has its counts and quantiles, and what came since an earlier one") {
  histogram h;
  h.record(3ns, 99);
  h.record(1s);
  const distribution first = h.read();
  CHECK(first.count() == 100);
  CHECK(first.at_most(3ns) == 99);
  CHECK(first.at_most(500ms) == 99);
  CHECK(first.quantile(0.99) == h.quantile(0.99));
  CHECK(first.quantile(1) == h.quantile(1));
  CHECK(first.sum() >= 1s);
  CHECK(first.sum() < 1'126ms);
  CHECK(h.read().since(first).count() == 0);
  h.record(2ms, 7);
  h.record(3ns, 2);
  const distribution later = h.read().since(first);
  CHECK(later.count() == 9);
  CHECK(later.at_most(3ns) == 2);
  CHECK(distribution{}.quantile(0.5) == 0ns);
}
