#include <tests/support/catch.hpp>
#include <weir/base/event_log.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace weir;

TEST_CASE("events are numbered from one, and a reader gets those after the last it saw") {
  event_log log;
  CHECK(log.newest() == 0);
  CHECK(log.since(0).empty());
  for (int i = 1; i <= 5; ++i)
    CHECK(log.add({.kind = event_kind::restart, .node = "n", .cause = std::to_string(i)}) ==
          static_cast<std::uint64_t>(i));
  const auto after = log.since(3);
  REQUIRE(after.size() == 2);
  CHECK(after[0].number == 4);
  CHECK(after[0].cause == "4");
  CHECK(log.since(5).empty());
  CHECK(log.since(99).empty());
  CHECK(log.since(0, 2).size() == 2);
}

TEST_CASE("the log keeps the last thousand, with their numbers") {
  event_log log;
  for (int i = 0; i < 2'500; ++i)
    log.add({.node = {}, .cause = std::to_string(i + 1)});
  const auto all = log.since(0);
  REQUIRE(all.size() == event_log::capacity);
  CHECK(all.front().number == 1'501);
  CHECK(all.front().cause == "1501");
  CHECK(log.since(2'000).front().number == 2'001);
  CHECK(log.since(10).front().number == 1'501);
}

TEST_CASE("events of several threads each get a number of their own") {
  event_log log;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&log] {
      for (int i = 0; i < 100; ++i)
        log.add({.node = {}, .cause = {}});
    });
  for (auto& t : threads)
    t.join();
  std::set<std::uint64_t> numbers;
  for (const auto& e : log.since(0))
    numbers.insert(e.number);
  CHECK(numbers.size() == 400);
  CHECK(log.newest() == 400);
}

TEST_CASE("every kind of event has a name") {
  std::set<std::string_view> names;
  for (int k = 0; k <= static_cast<int>(event_kind::replay); ++k)
    names.insert(to_string(static_cast<event_kind>(k)));
  CHECK(names.size() == static_cast<std::size_t>(event_kind::replay) + 1);
  CHECK(to_string(event_kind::scale_down) == "scale_down");
  CHECK(to_string(event_kind::ended) == "ended");
}
