#include <tests/support/catch.hpp>
#include <weir/testkit/conservation.hpp>

#include <stdexcept>

using weir::conservation;

TEST_CASE("the oracle says what was lost, doubled, reordered, invented, and that a run is stuck") {
  conservation books;
  books.sink("store", true);
  books.sink("even", false, [](conservation::id r) { return r % 2 == 0; });
  for (conservation::id r = 1; r <= 6; ++r)
    books.issue(r, r % 2);
  for (const conservation::id r : {1, 2, 5, 3, 4, 4})
    books.deliver("store", r);
  for (const conservation::id r : {2, 4, 3, 9})
    books.deliver("even", r);
  const auto v = books.judge(false);
  CHECK_FALSE(v.ok());
  CHECK(v.stuck);
  CHECK(v.lost == std::vector<std::string>{"even:6", "store:6"});
  CHECK(v.doubled == std::vector<std::string>{"store:4"});
  CHECK(v.reordered == std::vector<std::string>{"store:3"});
  CHECK(v.invented == std::vector<std::string>{"even:3", "even:9"});
  CHECK_THAT(v.text(), Catch::Contains("stuck") && Catch::Contains("lost 2: even:6 store:6"));
}

TEST_CASE("dead letters and records dropped on purpose are accounted for") {
  conservation books;
  books.sink("store");
  for (conservation::id r = 1; r <= 4; ++r)
    books.issue(r);
  books.deliver("store", 1);
  books.drop(2);
  books.bury(3);
  books.bury(4);
  CHECK(books.judge().ok());
  books.deliver("store", 4);
  CHECK(books.judge().doubled == std::vector<std::string>{"store:4 (also a dead letter)"});
  books.may_repeat("store", 4);
  CHECK(books.judge().ok());
  books.bury(3);
  CHECK(books.judge().doubled == std::vector<std::string>{"dead letter:3"});
}

TEST_CASE("what may repeat or may be missing is no fault") {
  conservation books;
  books.sink("store", true);
  for (conservation::id r = 1; r <= 3; ++r)
    books.issue(r);
  for (const conservation::id r : {2, 1, 2})
    books.deliver("store", r);
  books.may_repeat("store", 2);
  CHECK_FALSE(books.judge().ok());
  books.may_miss(1);
  CHECK(books.judge().ok());
}

TEST_CASE("ids are distinct and sinks are announced") {
  conservation books;
  books.issue(1);
  CHECK_THROWS_AS(books.issue(1), std::invalid_argument);
  CHECK_THROWS_AS(books.deliver("store", 1), std::invalid_argument);
}
