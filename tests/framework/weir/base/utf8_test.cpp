#include <tests/support/catch.hpp>
#include <weir/base/utf8.hpp>

#include <string>

using namespace weir;

TEST_CASE("text in any script is UTF-8 and stays as it is") {
  for (const std::string text : {"", "plain", "très 好 😀", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
                                 "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    INFO(text);
    CHECK(is_utf8(text));
    CHECK(to_utf8(text) == text);
  }
  CHECK(is_utf8(std::string("a\0b", 3)));
}

TEST_CASE("bytes that are no character are replaced one by one") {
  CHECK(to_utf8("caf\xE9 noir") == "caf\uFFFD noir");
  CHECK(to_utf8("\x80") == "\uFFFD");
  CHECK(to_utf8("cut \xE5\xA5") == "cut \uFFFD\uFFFD");
  CHECK(to_utf8("\xC0\xAF") == "\uFFFD\uFFFD");                       // '/' in two bytes
  CHECK(to_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");             // a surrogate
  CHECK(to_utf8("\xF4\x90\x80\x80x") == "\uFFFD\uFFFD\uFFFD\uFFFDx"); // above U+10FFFF
  CHECK_FALSE(is_utf8("caf\xE9"));
  CHECK_FALSE(is_utf8("\xE5\xA5"));
}
