#include <actors/csv/csv_sink.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <weir/node/concepts.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;

namespace {

struct product {
  std::string name;
  int count;
};
static_assert(sink_class<csv_sink<product>>);

const std::vector<std::string> columns{"name", "count"};
const std::vector<product> two{{"nut, \"large\"", 3}, {"bolt", -4}};

csv_sink<product> sink_to(const std::string& path, csv_options options = {}) {
  return {path, columns, [](const product& p, csv_row& row) { row.text(p.name).number(p.count); }, options};
}

std::string cell(std::string_view text, csv_options options = {}) {
  std::string out;
  csv_row{out, options}.text(text);
  return out;
}

} // namespace

TEST_CASE("an empty file gets a header and a row for each record") {
  const temporary_folder folder;
  const std::string path = folder / "out.csv";
  auto sink = sink_to(path);
  sink.on_start();
  CHECK(sink.write(two));
  CHECK(sink.write(two));
  CHECK(sink.on_drain());
  const std::string rows = "\"nut, \"\"large\"\"\",3\nbolt,-4\n";
  CHECK(read_file(path) == "name,count\n" + rows + rows);
}

TEST_CASE("a file with the same header is appended to") {
  const temporary_folder folder;
  const std::string path = folder.write("out.csv", "\xEF\xBB\xBFname,count\r\nold,1\r\n");
  auto sink = sink_to(path);
  sink.on_start();
  CHECK(sink.write(two));
  CHECK(sink.on_drain());
  CHECK(read_file(path) == "\xEF\xBB\xBFname,count\r\nold,1\r\n\"nut, \"\"large\"\"\",3\nbolt,-4\n");
}

TEST_CASE("a file with another header is refused and left as it is") {
  const temporary_folder folder;
  for (const std::string content : {"id,text\n1,x", "name,count,more\n", "name"}) {
    const std::string path = folder.write("out.csv", content);
    const auto opened =
        csv_sink<product>::open(path, columns, [](const product& p, csv_row& row) { row.text(p.name); });
    REQUIRE_FALSE(opened);
    CHECK(opened.error().what == "the output file has another header: '" +
                                     content.substr(0, content.find('\n')) +
                                     "' where 'name,count' is to be written");
    CHECK(opened.error().where == path);
    CHECK(read_file(path) == content);
  }
}

TEST_CASE("a run without records leaves a table with a header") {
  const temporary_folder folder;
  const std::string path = folder / "out.csv";
  auto sink = sink_to(path);
  sink.on_start();
  CHECK(read_file(path).empty()); // a look at the output before the run leaves nothing
  CHECK(sink.on_drain());
  CHECK(read_file(path) == "name,count\n");
}

TEST_CASE("two sinks of one file write one header") {
  const temporary_folder folder;
  const std::string path = folder / "out.csv";
  auto one = sink_to(path);
  auto other = one;
  one.on_start();
  other.on_start();
  CHECK(one.write(std::vector<product>{{"a", 1}}));
  CHECK(other.write(std::vector<product>{{"b", 2}}));
  CHECK(one.on_drain());
  CHECK(other.on_drain());
  CHECK(read_file(path) == "name,count\na,1\nb,2\n");
}

TEST_CASE("cells are quoted where a reader would misunderstand them") {
  CHECK(cell("plain") == "plain");
  CHECK(cell("a,b") == "\"a,b\"");
  CHECK(cell("a;b") == "a;b");
  CHECK(cell("a;b", {.separator = ';'}) == "\"a;b\"");
  CHECK(cell("a\nb") == "\"a\nb\"");
  CHECK(cell("\"") == "\"\"\"\"");
  CHECK(cell(" a") == "\" a\"");
}

TEST_CASE("text that a spreadsheet would run is made harmless, unless that is turned off") {
  for (const std::string text : {"=1+1", "+1", "-1", "@SUM(A1)"})
    CHECK(cell(text) == "'" + text);
  CHECK(cell("=A1,\"x\"") == "\"'=A1,\"\"x\"\"\"");
  CHECK(cell("\t=1") == "'\t=1");
  CHECK(cell("\r=1") == "\"'\r=1\"");
  CHECK(cell("a=1") == "a=1");
  CHECK(cell("=1+1", {.guard_formulas = false}) == "=1+1");
}

TEST_CASE("numbers are written so that they read back as they were") {
  std::string out;
  csv_row{out, {}}
      .number(-0.1)
      .number(std::numeric_limits<double>::quiet_NaN())
      .number(std::numeric_limits<std::uint64_t>::max())
      .empty()
      .number(-7);
  CHECK(out == "-0.1,,18446744073709551615,,-7");
}
