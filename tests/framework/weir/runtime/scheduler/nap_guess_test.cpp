#include <tests/support/catch.hpp>
#include <weir/runtime/scheduler/nap_guess.hpp>

using weir::detail::nap_guess;
using namespace std::chrono_literals;

TEST_CASE("a worker naps once work has come soon for a while, not before") {
  nap_guess guess;
  CHECK_FALSE(guess.pays());
  guess.came_after(10us);
  CHECK_FALSE(guess.pays());
  for (int i = 0; i < 20; ++i)
    guess.came_after(10us);
  CHECK(guess.pays());
}

TEST_CASE("naps in which work came keep it napping") {
  nap_guess guess;
  for (int i = 0; i < 20; ++i)
    guess.came_after(10us);
  for (int i = 0; i < 1000; ++i)
    guess.came_in_nap();
  CHECK(guess.pays());
}

TEST_CASE("after one long silence it sleeps again, however long it had been busy, and naps again soon") {
  nap_guess guess;
  for (int i = 0; i < 1000; ++i)
    guess.came_after(1us);
  guess.came_after(1h);
  CHECK_FALSE(guess.pays());
  for (int i = 0; i < 20; ++i)
    guess.came_after(10us);
  CHECK(guess.pays());
}
