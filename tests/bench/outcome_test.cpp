// What a variant tells about its run crosses a pipe as text, and nothing is lost or guessed on the way.

#include <bench/outcome.hpp>

#include <tests/support/catch.hpp>

#include <limits>
#include <stdexcept>

using namespace weir::bench;

TEST_CASE("an outcome that was told is the one that is read") {
  const outcome full{
      .seconds = 0.1 + 0.2, .figures = {{"p50_us", 12.25}, {"rss-growth_mib", -1e-9}}, .records = 7};
  CHECK(parse_outcome(to_text(full)) == full);
  CHECK(parse_outcome(to_text({})) == outcome{});
  CHECK(to_text({.seconds = 1.5, .figures = {{"p50_us", 2}}}) == "seconds 1.5\nfigure p50_us 2\n");
}

TEST_CASE("an outcome that cannot be told is refused where it is made") {
  CHECK_THROWS_AS(to_text({.figures = {{"two words", 1}}}), std::invalid_argument);
  CHECK_THROWS_AS(to_text({.figures = {{"", 1}}}), std::invalid_argument);
  CHECK_THROWS_AS(to_text({.seconds = std::numeric_limits<double>::quiet_NaN()}), std::invalid_argument);
}

TEST_CASE("an outcome that is damaged is refused with the line at fault") {
  for (const char* text : {"seconds\n", "seconds 1x\n", "seconds 1", "records -1\n", "records 1.5\n",
                           "figure p50_us\n", "figure  1\n", "figures p50_us 1\n", "\n"})
    CHECK_THROWS_AS(parse_outcome(text), std::invalid_argument);
  CHECK_THROWS_WITH(parse_outcome("seconds 1\nhours 2\n"), Catch::Contains("'hours 2'"));
}

TEST_CASE("a variant's code may return an outcome or nothing") {
  int calls = 0;
  const work nothing = [&calls] { ++calls; };
  CHECK(nothing() == outcome{});
  const work told = [&calls] {
    ++calls;
    return outcome{.seconds = 2};
  };
  CHECK(told().seconds == 2.0);
  CHECK(calls == 2);
}
