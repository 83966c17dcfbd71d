#include <actors/lines/table_splitter.hpp>
#include <tests/support/catch.hpp>

#include <string>
#include <vector>

using weir::actors::row_format;
using weir::actors::table_splitter;

namespace {

struct seen {
  std::string text;
  std::uint64_t number;
  bool broken = false;
  bool operator==(const seen&) const = default;
};
std::ostream& operator<<(std::ostream& out, const seen& s) {
  return out << s.number << ": " << s.text << (s.broken ? " (broken)" : "");
}

/// The rows of `text`, fed in pieces of `piece` bytes.
std::vector<seen> split(std::string_view text, std::size_t piece, std::size_t max = 100) {
  std::vector<seen> rows;
  table_splitter splitter{max, row_format::csv};
  table_splitter::row row{};
  const auto keep = [&] {
    rows.push_back({std::string{row.text}, row.number, row.too_long || row.unclosed});
  };
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const std::string chunk{text.substr(at, piece)}; // gone before the next one
    splitter.feed(chunk);
    while (splitter.next(row))
      keep();
  }
  while (splitter.finish(row))
    keep();
  return rows;
}

} // namespace

TEST_CASE("rows are the same however the bytes arrive") {
  const std::string text = "\xEF\xBB\xBF"
                           "id,text\r\n\n1,\"two\r\nlines, \"\"quoted\"\"\"\r\n2,5\" disk\n3,\"\"\n4,end";
  const std::vector<seen> expected{{"id,text", 1},
                                   {"1,\"two\r\nlines, \"\"quoted\"\"\"", 3},
                                   {"2,5\" disk", 5},
                                   {"3,\"\"", 6},
                                   {"4,end", 7}};
  for (std::size_t piece = 1; piece <= text.size(); ++piece)
    CHECK(split(text, piece) == expected);
}

TEST_CASE("a first column in quotes behind a byte order mark is read as quoted") {
  CHECK(split("\xEF\xBB\xBF\"a\nb\",c\n1,2\n", 5) == std::vector<seen>{{"\"a\nb\",c", 1}, {"1,2", 3}});
}

TEST_CASE("a quote that is never closed costs its line only") {
  std::string text = "id,text\n1,\"open\n";
  std::vector<seen> expected{{"id,text", 1}, {"1,\"open", 2, true}};
  for (int i = 3; i < 60; ++i) {
    text += std::to_string(i) + ",ok\n";
    expected.push_back({std::to_string(i) + ",ok", static_cast<std::uint64_t>(i)});
  }
  for (const std::size_t piece : {1, 7, 64, 10'000}) {
    CHECK(split(text, piece) == expected);         // the limit is passed
    CHECK(split(text, piece, 10'000) == expected); // the input ends
  }
}

TEST_CASE("two quotes that are never closed cost their two lines") {
  const std::string text = "id,text\n1,\"open\n2,ok\n3,x\"\n4,\"open\n5,ok\n";
  // The second quote closes the first: the row is strange, but it ends there.
  for (const std::size_t piece : {1, 5, 1000})
    CHECK(
        split(text, piece) ==
        std::vector<seen>{{"id,text", 1}, {"1,\"open\n2,ok\n3,x\"", 2}, {"4,\"open", 5, true}, {"5,ok", 6}});
}

TEST_CASE("a line over the limit is one broken row, whatever quotes it holds") {
  const std::string huge = "1,\"" + std::string(5000, 'x');
  for (const std::size_t piece : {1, 99, 10'000}) {
    const auto rows = split("id,text\n" + huge + "\n2,ok\n", piece);
    REQUIRE(rows.size() == 3);
    CHECK(rows[1].broken);
    CHECK(rows[1].text == huge.substr(0, 1000));
    CHECK(rows[2] == seen{"2,ok", 3});
  }
}

TEST_CASE("quotes made to be read again and again do not take for ever") {
  // Each line leaves a quote open, whether or not it begins within one.
  std::string text = "id,text\n";
  for (int i = 0; i < 300'000; ++i)
    text += "a\",\"b\n";
  const auto rows = split(text + "\n", std::size_t{256} << 10U, std::size_t{1} << 20U);
  CHECK(rows.front().text == "id,text");
  CHECK(rows.size() < 1000); // 300,000 of them would have been 300,000 readings of a MiB
}
