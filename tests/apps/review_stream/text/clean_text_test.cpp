#include <apps/review_stream/text/clean_text.hpp>

#include <tests/support/catch.hpp>

#include <string>

namespace {

std::string cleaned(std::string text) {
  weir::reviews::clean_text(text);
  return text;
}

} // namespace

TEST_CASE("A clean text stays as it is") {
  CHECK(cleaned("I love it! 😀 Schön, ñandú, 很好 – 5 < 6 & more <3") ==
        "I love it! 😀 Schön, ñandú, 很好 – 5 < 6 & more <3");
  CHECK(cleaned("").empty());
  CHECK(cleaned("two\nlines") == "two\nlines");
}

TEST_CASE("Of characters that look alike only the invisible ones go") {
  for (const std::string seen : {"“Don’t” – nice… 5€ ✓", "naïve café", "很好，下次再买。", "ﬁne"})
    CHECK(cleaned(seen) == seen);
  CHECK(cleaned("a\u200Bb\u202Ec\u2066d\uFEFFe\uFFFDf\u0085g\u00ADh") == "abcdefgh");
}

TEST_CASE("Markup goes, line breaks stay") {
  CHECK(cleaned("<p>I <b>love</b> it</p>Really<br/>yes") == "I love it\nReally\nyes");
  CHECK(cleaned("<div>My <A HREF='x'>review</A>, in short:</div><p>no</p>") == "My review, in short:\nno");
  CHECK(cleaned("<table><td>1<td>2") == "1 2");
  CHECK(cleaned("<script>alert(1)</script>x") == "alert(1) x");
  CHECK(cleaned("Fish &amp; chips &quot;to go&quot; &#8364;5&nbsp;only") == "Fish & chips \"to go\" €5 only");
}

TEST_CASE("An entity is decoded once, and never becomes markup") {
  CHECK(cleaned("&amp;lt;b&amp;gt;") == "&lt;b&gt;");
  CHECK(cleaned("&lt;b&gt;bold&lt;/b&gt;") == "<b>bold</b>");
}

TEST_CASE("What broke on the way goes") {
  CHECK(cleaned("don\xef\xbf\xbdt") == "dont");
  CHECK(cleaned("\xef\xbb\xbfhello\x01\x02 there\x7f") == "hello there");
  CHECK(cleaned("abc\xe2\x80\xae gnp.exe") == "abc gnp.exe");
  CHECK(cleaned("bad \xff\xfe byte \xe4") == "bad  byte");
  CHECK(cleaned("cut \xe4\xbd") == "cut");
  CHECK(cleaned("&#7;bell&#xfffd;") == "bell");
}

TEST_CASE("Blanks and line ends are made alike") {
  CHECK(cleaned(" \r\n a\r\nb\rc\td \n") == "a\nb\nc d");
  CHECK(cleaned(" \t\n ").empty());
}
