#include <tests/support/catch.hpp>
#include <weir/runtime/scheduler/spin_credit.hpp>

using weir::detail::spin_credit;
using namespace std::chrono_literals;

TEST_CASE("a worker may look for work half as long as it was busy") {
  spin_credit credit;
  CHECK(credit.left() == 0ns);
  credit.earn(10us);
  credit.earn(4us);
  CHECK(credit.left() == 7us);
  credit.spend(3us);
  CHECK(credit.left() == 4us);
}

TEST_CASE("however long it was busy, it looks 50 us at most") {
  spin_credit credit;
  credit.earn(1h);
  CHECK(credit.left() == 50us);
}

TEST_CASE("credit never falls below nothing") {
  spin_credit credit;
  credit.earn(2us);
  credit.spend(1s);
  CHECK(credit.left() == 0ns);
  credit.earn(-5us); // a clock that was read in another order
  CHECK(credit.left() == 0ns);
}
