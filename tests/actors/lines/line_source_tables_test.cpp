#include <actors/lines/line_source.hpp>
#include <actors/lines/table_header.hpp>
#include <tests/actors/support/compressed.hpp>
#include <tests/actors/support/source_driver.hpp>
#include <tests/actors/support/surroundings.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

using driver = source_driver<line_source>;

driver reader_of(line_source_options options) {
  auto source = line_source::open(std::move(options));
  REQUIRE(source);
  return driver{*std::move(source)};
}

} // namespace

TEST_CASE("a row of a table comes with its header, its separator and its place") {
  const temporary_folder folder;
  const std::string path = folder.write("r.csv", "id;text\r\n\r\n1;\"a\r\nb\"\r\n2;c");
  auto d = reader_of({.inputs = {path}, .format = row_format::automatic});
  REQUIRE(d.run_to_end());
  REQUIRE(d.records.size() == 2);
  CHECK(d.records[0].text == "1;\"a\r\nb\"");
  CHECK(d.records[0].where() == path + ":3");
  CHECK(d.records[0].header.view() == "id;text");
  CHECK(d.records[0].separator == ';');
  CHECK(d.records[0].format == row_format::csv);
  CHECK(d.records[1].where() == path + ":5");
}

TEST_CASE("each file of a directory is judged for itself") {
  const temporary_folder folder;
  folder.write("a.csv.gz", gzip("id,text\n1,x\n"));
  folder.write("b", "id\ttext\n2\ty\n");
  folder.write("c", "{\"id\":3,\n");
  folder.write("d", "");
  folder.write("e.csv", "only,a,header\n");
  auto d = reader_of({.inputs = {folder.path()}, .format = row_format::automatic});
  REQUIRE(d.run_to_end(1));
  REQUIRE(d.records.size() == 3);
  CHECK(d.records[0].format == row_format::csv);
  CHECK(d.records[1].format == row_format::tsv);
  CHECK(d.records[1].header.view() == "id\ttext");
  CHECK(d.records[2].format == row_format::lines);
  CHECK(d.records[2].header.view().empty());
  CHECK(d.records[2].separator == '\0');
}

TEST_CASE("the header does not count for the limit") {
  const temporary_folder folder;
  auto d =
      reader_of({.inputs = {folder.write("r.csv", "id\n1\n2\n3\n")}, .limit = 2, .format = row_format::csv});
  REQUIRE(d.run_to_end());
  CHECK(d.records.size() == 2);
}

TEST_CASE("standard input may be a table that arrives byte by byte") {
  piped_input input;
  auto d = reader_of({.inputs = {"-"}, .format = row_format::automatic});
  for (const char byte : std::string{"id,text\n1,\"x\ny\"\n"}) {
    input.write(std::string(1, byte));
    CHECK(d.poll(10).what() == poll_result::state::idle);
  }
  input.close();
  REQUIRE(d.run_to_end());
  REQUIRE(d.records.size() == 1);
  CHECK(d.records[0].text == "1,\"x\ny\"");
}

TEST_CASE("a row with an unclosed quote is rejected and the next line is read") {
  const temporary_folder folder;
  const std::string path = folder.write("r.csv", "id,text\n1,\"open\n2,ok\n");
  auto d = reader_of({.inputs = {path}, .format = row_format::csv});
  REQUIRE(d.run_to_end());
  REQUIRE(d.rejected.size() == 1);
  CHECK(d.rejected[0].payload == "1,\"open");
  CHECK(d.rejected[0].why.where == path + ":2");
  CHECK(d.rejected[0].why.what.starts_with("a quote is not closed"));
  REQUIRE(d.records.size() == 1);
  CHECK(d.records[0].text == "2,ok");
}

TEST_CASE("a header that cannot be read rejects its file once and the next file is read") {
  const temporary_folder folder;
  auto d =
      reader_of({.inputs = {folder.write("a.csv", "id,\"text\n1,x\n2,y\n"), folder.write("b.csv", "id\n3\n")},
                 .format = row_format::csv});
  REQUIRE(d.run_to_end());
  REQUIRE(d.rejected.size() == 1);
  CHECK(d.rejected[0].why.what.starts_with("the header cannot be read: "));
  REQUIRE(d.records.size() == 1);
  CHECK(d.records[0].text == "3");
}

TEST_CASE("the header of a table can be seen before the run") {
  const temporary_folder folder;
  const auto table = table_header(folder.write("r.gz", gzip("id;\"te\nxt\"\n1;x\n")), row_format::automatic);
  REQUIRE(table);
  REQUIRE(*table);
  CHECK((*table)->header.view() == "id;\"te\nxt\"");
  CHECK((*table)->separator == ';');
  CHECK((*table)->format == row_format::csv);
  const auto lines = table_header(folder.write("l", "{}\n"), row_format::automatic);
  REQUIRE(lines);
  CHECK_FALSE(*lines);
  const auto one_line = table_header(folder.write("h.tsv", "id\ttext"), row_format::automatic);
  REQUIRE(one_line);
  REQUIRE(*one_line);
  CHECK((*one_line)->header.view() == "id\ttext");
}

TEST_CASE("a header that cannot be seen is an error that says where") {
  const temporary_folder folder;
  const auto missing = table_header(folder / "none", row_format::csv);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().what == "cannot read input file: No such file or directory");
  const auto input = table_header("-", row_format::csv);
  REQUIRE_FALSE(input);
  CHECK(input.error().fix == "name a regular file");
  const auto broken = table_header(folder.write("b.csv", "\"id\n1\n"), row_format::csv);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().where == (folder / "b.csv").string() + ":1");
}

TEST_CASE("a source with a rate says how long to wait for the next line") {
  const temporary_folder folder;
  const auto time = std::make_shared<manual_clock>();
  auto d = reader_of({.inputs = {folder.write("a", "1\n2\n3\n4\n")}, .rate = 2, .time = time});
  const auto first = d.poll(10);
  CHECK(d.records.size() == 1);
  CHECK(first.wait() == duration{500ms});
  time->advance(500ms);
  CHECK(d.poll(10).wait() == duration{500ms});
  CHECK(d.records.size() == 2);
}
