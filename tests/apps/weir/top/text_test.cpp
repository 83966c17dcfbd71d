#include <apps/weir/top/text.hpp>

#include <tests/support/catch.hpp>

#include <cmath>
#include <optional>
#include <string>

using namespace weir::top;

TEST_CASE("a text holds nothing that a terminal obeys") {
  CHECK(printable("plain") == "plain");
  CHECK(printable("a\x1b[31mb\x07") == "a?[31mb?");
  CHECK(printable("two\nlines\tand") == "two lines and");
  CHECK(printable("\xC2\x9B"
                  "2J") == "?2J"); // the eight bit form of ESC [
  CHECK(printable("bad\xFF") == "bad\xEF\xBF\xBD");
  CHECK(printable("a\xE2\x80\xAE"
                  "b") == "ab"); // writes from right to left
  CHECK(printable("Gr\xC3\xBC\xC3\x9F") == "Gr\xC3\xBC\xC3\x9F");
  CHECK(printable(std::string(10'000, 'x')).size() == 4096);
  CHECK(printable(std::string("nul\0!", 5)) == "nul?!");
}

TEST_CASE("texts are measured, cut and filled in columns") {
  const std::string wide = "\xE6\xB5\x8B\xE8\xAF\x95"; // two characters of two columns
  CHECK(width_of(wide) == 4);
  CHECK(width_of("e\xCC\x81") == 1); // e and a combining accent
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdef", 4) == "abc~");
  CHECK(cut(wide, 3) == "\xE6\xB5\x8B~");
  CHECK(cut(wide, 2) == "~");
  CHECK(cut("abc", 0).empty());
  CHECK(left("ab", 4) == "ab  ");
  CHECK(right("ab", 4) == "  ab");
  CHECK(width_of(left(wide + wide, 6)) == 6);
  CHECK(ascii_only("a\xC3\xBC" + wide) == "a?????");
}

TEST_CASE("figures are short") {
  CHECK(count_text(std::nullopt) == "-");
  CHECK(count_text(0) == "0");
  CHECK(count_text(7.5) == "7.5");
  CHECK(count_text(9.97) == "10");
  CHECK(count_text(9999) == "9999");
  CHECK(count_text(9999.9) == "10.0k");
  CHECK(count_text(123'456) == "123k");
  CHECK(count_text(999'999) == "1.0M");
  CHECK(count_text(1e30) == ">999T");
  CHECK(count_text(std::nan("")) == "-");
  CHECK(ms_text(0.2) == "0.20");
  CHECK(ms_text(1.25) == "1.2");
  CHECK(ms_text(999.9) == "1.0s");
  CHECK(ms_text(200'000) == "3m20s");
  CHECK(percent_text(0.98) == "98");
  CHECK(percent_text(7) == "100");
  CHECK(bytes_text(512) == "512 B");
  CHECK(bytes_text(12'288) == "12.0 KiB");
  CHECK(seconds_text(0.25) == "250ms");
  CHECK(seconds_text(75) == "1m15s");
  CHECK(seconds_text(7'400) == "2h03m");
  CHECK(seconds_text(90'000) == "1d01h");
}
