// Variants are run in processes of their own, in turns, and compared by their records a second. The variants
// here tell their seconds themselves, so no test depends on a clock.

#include <bench/measure.hpp>

#include <tests/support/catch.hpp>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

using namespace weir::bench;

namespace {

work takes(double seconds) {
  return [seconds] { return outcome{.seconds = seconds}; };
}

std::vector<variant> two_speeds(const sizes&) {
  return {{.name = "weir",
           .records = 100,
           .ideal_seconds = 1,
           .compared_with = {{"loop", "loop"}, {"half", "half"}},
           .run = takes(2)},
          {.name = "loop", .records = 100, .run = takes(3)},
          {.name = "half", .records = 50, .run = takes(2)},
          {.name = "alone", .records = 1, .run = takes(1)}};
}

std::vector<variant> throwing(const sizes&) {
  return {{.name = "wrong", .records = 1, .run = [] { throw std::runtime_error("5 came out"); }}};
}
std::vector<variant> crashing(const sizes&) {
  return {{.name = "crash", .records = 1, .run = [] { ::raise(SIGKILL); }}};
}
std::vector<variant> hanging(const sizes&) {
  return {{.name = "hang", .records = 1, .run = [] {
             for (;;)
               ::pause();
           }}};
}
std::vector<variant> telling(const sizes&) {
  return {{.name = "tells", .records = 1, .run = [] {
             return outcome{.seconds = 4, .figures = {{"p50_us", 20}}, .records = 8};
           }}};
}
std::vector<variant> mistaken(const sizes&) {
  return {{.name = "a", .records = 1, .compared_with = {{"b", "b"}}, .run = takes(1)}};
}
/// Each child sees what prepare() left in the parent, and nothing that another child did.
std::vector<variant> prepared(const sizes&) {
  const auto calls = std::make_shared<int>(0);
  return {{.name = "child",
           .records = 1,
           .prepare = [calls] { ++*calls; },
           .run =
               [calls] {
                 return outcome{.seconds = 1, .figures = {{"calls", static_cast<double>((*calls)++)}}};
               }}};
}

workload of(std::vector<variant> (*variants)(const sizes&)) { return {"work", "for tests", variants}; }

} // namespace

TEST_CASE("the median is the middle, or the mean of the two in the middle") {
  CHECK(median({}) == 0);
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 3, 2}) == 2.5);
}

TEST_CASE("a ratio is above 1 where the variant is faster, whatever the number of records") {
  const auto all = measure(of(two_speeds), {}, {.repeats = 3});
  REQUIRE(all.size() == 4);
  CHECK(all[0].seconds == std::vector<double>{2, 2, 2});
  CHECK(all[0].per_second() == 50);
  CHECK(all[0].ratio_to.at("loop") == Approx(1.5));
  CHECK(all[0].ratio_to.at("half") == Approx(2.0));
  CHECK(all[0].ratio_to.at("ideal") == Approx(0.5));
  CHECK(all[3].ratio_to.empty());
}

TEST_CASE("a variant that is asked for runs with those it is compared with, and no other") {
  std::vector<std::string> order;
  measure_options options{.only = {"weir"}, .repeats = 2};
  options.progress = [&](const std::string& name, std::size_t done, std::size_t all) {
    CHECK(done == order.size());
    CHECK(all == 6);
    order.push_back(name);
  };
  CHECK(measure(of(two_speeds), {}, options).size() == 3);
  // Every second round goes backwards.
  CHECK(order == std::vector<std::string>{"weir", "loop", "half", "half", "loop", "weir"});
}

TEST_CASE("figures and records that a variant tells reach the results") {
  const auto all = measure(of(telling), {}, {.repeats = 2});
  REQUIRE(all.size() == 1);
  CHECK(all[0].figures.at("p50_us") == std::vector<double>{20, 20});
  CHECK(all[0].records == 8);
  CHECK(all[0].per_second() == 2);
}

TEST_CASE("prepare is called once, and each run starts from what it left") {
  const auto all = measure(of(prepared), {}, {.repeats = 3});
  CHECK(all.at(0).figures.at("calls") == std::vector<double>{1, 1, 1});
}

TEST_CASE("a variant that fails, crashes or hangs is an error that names it") {
  CHECK_THROWS_WITH(measure(of(throwing), {}, {}), "variant wrong failed");
  CHECK_THROWS_WITH(measure(of(crashing), {}, {}), "variant crash was ended by signal 9");
  CHECK_THROWS_WITH(measure(of(hanging), {}, {.most_seconds = 1}), "variant hang took longer than 1 seconds");
  CHECK_THROWS_AS(measure(of(mistaken), {}, {}), std::logic_error);
}
