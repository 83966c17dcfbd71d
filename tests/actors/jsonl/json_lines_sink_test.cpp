#include <actors/jsonl/json_lines_sink.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <weir/node/concepts.hpp>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;

static_assert(sink_class<json_lines_sink<int>>);

namespace {

const std::vector<int> one_two{1, 2};

} // namespace

TEST_CASE("each record is a line of its own") {
  const temporary_folder folder;
  const std::string path = folder / "out.jsonl";
  json_lines_sink<int> sink{path, [](const int& n) { return "{\"n\":" + std::to_string(n) + '}'; }};
  sink.on_start();
  CHECK(sink.write(one_two));
  CHECK(sink.on_drain());
  CHECK(read_file(path) == "{\"n\":1}\n{\"n\":2}\n");
}

TEST_CASE("a formatter may append instead of making a string") {
  const temporary_folder folder;
  const std::string path = folder / "out.jsonl";
  json_lines_sink<int> sink{path, [](const int& n, std::string& line) { line += std::to_string(n); }};
  sink.on_start();
  CHECK(sink.write(one_two));
  CHECK(read_file(path) == "1\n2\n");
}

TEST_CASE("a formatter that throws leaves nothing of its task behind") {
  const temporary_folder folder;
  const std::string path = folder / "out.jsonl";
  bool fail = true;
  json_lines_sink<int> sink{path, [&fail](const int& n) {
                              if (n == 2 && fail)
                                throw std::runtime_error("no");
                              return std::to_string(n);
                            }};
  sink.on_start();
  CHECK_THROWS(sink.write(one_two));
  fail = false;
  CHECK(sink.write(one_two));
  CHECK(read_file(path) == "1\n2\n");
}

TEST_CASE("a path that cannot be written shows when the sink is opened") {
  const auto format = [](const int& n) { return std::to_string(n); };
  const auto opened = json_lines_sink<int>::open("/nowhere/out.jsonl", format);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().where == "/nowhere/out.jsonl");
  json_lines_sink<int> later{"/nowhere/out.jsonl", format};
  CHECK_THROWS_WITH(later.on_start(), Catch::Contains("cannot open output file"));
}

TEST_CASE("a copy of a sink writes through a file of its own") {
  const temporary_folder folder;
  const std::string path = folder / "out.jsonl";
  auto sink = json_lines_sink<int>::open(path, [](const int& n) { return std::to_string(n); });
  REQUIRE(sink);
  {
    json_lines_sink<int> copy{*sink};
    copy.on_start();
    CHECK(copy.write(one_two));
  }
  CHECK(sink->write(one_two));
  CHECK(read_file(path) == "1\n2\n1\n2\n");
}
