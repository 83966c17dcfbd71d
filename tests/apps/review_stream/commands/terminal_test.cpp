#include <apps/review_stream/commands/terminal.hpp>

#include <tests/support/catch.hpp>

using namespace weir::reviews;
using namespace std::chrono_literals;

TEST_CASE("numbers are shown with commas") {
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1000) == "1,000");
  CHECK(with_commas(34'353) == "34,353");
  CHECK(with_commas(1'234'567) == "1,234,567");
}

TEST_CASE("durations are shown in the unit that people would use") {
  CHECK(in_words(250us) == "0.25 ms");
  CHECK(in_words(350ms) == "350 ms");
  CHECK(in_words(1200ms) == "1.2 s");
  CHECK(in_words(30s) == "30.0 s");
  CHECK(in_words(60s) == "1 min 0 s");
  CHECK(in_words(125s) == "2 min 5 s");
  CHECK(in_words(2h) == "120 min 0 s");
}
