#include <apps/review_stream/text/excerpt.hpp>
#include <string>
#include <tests/support/catch.hpp>

using namespace weir::reviews;

TEST_CASE("an excerpt is cut at a character's border") {
  CHECK(excerpt("schön", 5) == "schön");
  CHECK(excerpt("schöne Sache", 4) == "schö…");
  CHECK(excerpt("很好很好", 2) == "很好…");
  CHECK(excerpt("", 5).empty());
}

TEST_CASE("an excerpt is harmless on a terminal") {
  CHECK(excerpt("\x1b[31mred\a", 20) == "[31mred");
  CHECK(excerpt("a\r\n\tb", 20) == "a b");
  CHECK(excerpt("\u202etfel\u2066", 20) == "tfel"); // direction marks
  CHECK(excerpt("a\xff\xfe"
                "b\xe5\xbe",
                20) == "a b");
  CHECK(excerpt("c1 \u009b31m", 20) == "c1 31m");
}

TEST_CASE("padding counts columns, not bytes") {
  CHECK(columns_of("很好") == 4);
  CHECK(padded("很好", 6) == "很好  ");
  CHECK(padded("too long", 3) == "too long");
}
