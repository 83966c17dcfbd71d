#include <apps/review_stream/options.hpp>

#include <tests/support/catch.hpp>

#include <string>
#include <utility>

using namespace weir;
using namespace weir::reviews;
using namespace std::chrono_literals;

namespace {

template <class T>
std::string complaint(const result<T>& r) {
  REQUIRE_FALSE(r);
  CHECK(r.error().kind == error_kind::permanent);
  return r.error().message();
}

} // namespace

TEST_CASE("durations are numbers with a unit") {
  const std::pair<std::string, duration> meant[] = {{"500ms", 500ms}, {"30s", 30s}, {"5m", 5min},
                                                    {"5min", 5min},   {"1h", 1h},   {"1.5s", 1500ms},
                                                    {"20us", 20us},   {"0", 0s},    {"0s", 0s}};
  for (const auto& [text, value] : meant) {
    INFO(text);
    const auto d = parse_duration(text);
    REQUIRE(d);
    CHECK(*d == value);
  }
}

TEST_CASE("what is no duration is told with the units there are") {
  for (const std::string text :
       {"", "s", "30", "-1s", "30 s", "30sec", "soon", "inf", "nan", "1e30h", "1s2"}) {
    INFO(text);
    CHECK(complaint(parse_duration(text)) ==
          "'" + text + "' is not a duration: give a number and a unit: 500ms, 30s, 5m, 1h");
  }
}

TEST_CASE("workers are a number or a range") {
  const auto four = parse_workers("4");
  REQUIRE(four);
  CHECK(four->min == 4);
  CHECK(four->most() == 4);
  const auto range = parse_workers("2..10");
  REQUIRE(range);
  CHECK(range->min == 2);
  CHECK(range->most() == 10);
  CHECK(parse_workers("4096"));
}

TEST_CASE("what is no number of workers is told with examples") {
  for (const std::string text :
       {"banana", "", "0", "-1", "4097", "10..2", "2..", "..4", "2..3..4", "1.5", " 4", "4x"}) {
    INFO(text);
    CHECK(complaint(parse_workers(text)) ==
          "'" + text +
              "' is not a number of workers (--workers): give a number such as 4, or a range such as 2..10");
  }
}

TEST_CASE("an output is SQLite or JSON Lines by its scheme or its ending") {
  using kind = output_uri::kind;
  struct {
    std::string text;
    kind what;
    std::string path;
  } const meant[] = {{"sqlite:reviews.db", kind::sqlite, "reviews.db"},
                     {"sqlite:/tmp/any", kind::sqlite, "/tmp/any"},
                     {"jsonl:out.db", kind::json_lines, "out.db"},
                     {"out.jsonl", kind::json_lines, "out.jsonl"},
                     {"file:out.sqlite3", kind::sqlite, "out.sqlite3"},
                     {"a.db", kind::sqlite, "a.db"},
                     {"a.sqlite", kind::sqlite, "a.sqlite"},
                     {"./odd:name.jsonl", kind::json_lines, "./odd:name.jsonl"},
                     {"-", kind::json_lines, "-"}};
  for (const auto& m : meant) {
    INFO(m.text);
    const auto out = parse_output(m.text);
    REQUIRE(out);
    CHECK(out->what == m.what);
    CHECK(out->path == m.path);
  }
}

TEST_CASE("an output that review-stream cannot write is told with those it can") {
  CHECK(complaint(parse_output("nonsense:x")) == "unknown kind of output 'nonsense' (--output nonsense:x): "
                                                 "use sqlite:FILE, jsonl:FILE, csv:FILE, a path, or - for "
                                                 "standard output");
  for (const std::string text : {"", "sqlite:", "jsonl:"})
    CHECK(complaint(parse_output(text)) ==
          "an output without a path: '" + text + "' (--output): give a path, such as sqlite:reviews.db");
}

TEST_CASE("an input is a path, standard input, or a file by its scheme") {
  const std::pair<std::string, std::string> meant[] = {{"a.jsonl", "a.jsonl"},
                                                       {"file:a.jsonl", "a.jsonl"},
                                                       {"-", "-"},
                                                       {"folder/", "folder/"},
                                                       {"./a:b", "./a:b"}};
  for (const auto& [text, path] : meant) {
    INFO(text);
    const auto in = parse_input(text);
    REQUIRE(in);
    CHECK(*in == path);
  }
}

TEST_CASE("an input that review-stream cannot read is told with those it can") {
  CHECK(complaint(parse_input("ftp:x")) ==
        "unknown kind of input 'ftp' (--input ftp:x): use a file, a directory, or - for standard input");
  CHECK(complaint(parse_input("")) ==
        "an empty input (--input ): use a file, a directory, or - for standard input");
}

TEST_CASE("isolation is shared, thread or process") {
  CHECK(*parse_isolation("shared") == isolation::shared);
  CHECK(*parse_isolation("thread") == isolation::thread);
  CHECK(complaint(parse_isolation("cloud")) ==
        "unknown isolation 'cloud' (--isolation): use shared, thread or process");
  CHECK(*parse_isolation("process") == isolation::process);
  CHECK(complaint(parse_isolation("async")).ends_with("use shared, thread or process"));
}

TEST_CASE("a message shows no password") {
  CHECK(complaint(parse_output("postgres://me:se:cr@t@host/db")) ==
        "unknown kind of output 'postgres' (--output postgres://me:***@host/db): use sqlite:FILE, "
        "jsonl:FILE, csv:FILE, a path, or - for standard output");
  CHECK(without_password("redis://:secret@host") == "redis://:***@host");
  CHECK(without_password("redis://host:6379/reviews@home") == "redis://host:6379/reviews@home");
  CHECK(without_password("a:b@c") == "a:b@c");
}
