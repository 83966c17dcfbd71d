#include <actors/lines/line_splitter.hpp>
#include <tests/support/catch.hpp>

#include <string>
#include <vector>

using weir::actors::line_splitter;

namespace {

struct seen {
  std::string text;
  std::uint64_t number;
  bool too_long;
  bool operator==(const seen&) const = default;
};
std::ostream& operator<<(std::ostream& out, const seen& s) {
  return out << s.number << ": " << s.text << (s.too_long ? "..." : "");
}

/// The lines of `text`, fed in pieces of `piece` bytes.
std::vector<seen> split(std::string_view text, std::size_t piece, std::size_t max = 100) {
  std::vector<seen> lines;
  line_splitter splitter{max};
  line_splitter::line line{};
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const std::string chunk{text.substr(at, piece)}; // gone before the next one: nothing may point into it
    splitter.feed(chunk);
    while (splitter.next(line))
      lines.push_back({std::string{line.text}, line.number, line.too_long});
  }
  if (splitter.finish(line))
    lines.push_back({std::string{line.text}, line.number, line.too_long});
  return lines;
}

} // namespace

TEST_CASE("lines are the same however the bytes arrive") {
  const std::string text = "\xEF\xBB\xBF"
                           "first\r\n\n  \t\r\nfourth with \r inside\nlast";
  const std::vector<seen> expected{
      {"first", 1, false}, {"fourth with \r inside", 4, false}, {"last", 5, false}};
  for (std::size_t piece = 1; piece <= text.size(); ++piece)
    CHECK(split(text, piece) == expected);
}

TEST_CASE("a line at the limit is whole and one byte more is too long") {
  const std::string at_limit(100, 'x');
  for (const std::size_t piece : {1, 7, 1000}) {
    CHECK(split("\xEF\xBB\xBF" + at_limit + "\r\nnext\n", piece) ==
          std::vector<seen>{{at_limit, 1, false}, {"next", 2, false}});
    CHECK(split(at_limit + "x\nnext\n", piece) ==
          std::vector<seen>{{at_limit + "x", 1, true}, {"next", 2, false}});
  }
}

TEST_CASE("of a line that is too long its first 1000 bytes are kept") {
  const std::string huge(5000, 'y');
  for (const std::size_t piece : {1, 999, 4096, 10'000})
    CHECK(split(huge + "\nnext", piece) ==
          std::vector<seen>{{std::string(1000, 'y'), 1, true}, {"next", 2, false}});
}

TEST_CASE("an excerpt never cuts a character in two") {
  CHECK(weir::actors::utf8_prefix("a\u20AC", 2) == "a");
  CHECK(weir::actors::utf8_prefix("a\u20AC", 3) == "a");
  CHECK(weir::actors::utf8_prefix("a\u20AC", 4) == "a\u20AC");
  CHECK(weir::actors::utf8_prefix("\x80\x80\x80\x80\x80\x80", 5).size() == 2);
}

TEST_CASE("an empty input has no lines") {
  CHECK(split("", 10).empty());
  CHECK(split("\n\n \n", 10).empty());
}
