#include <actors/jsonl/line_writer.hpp>
#include <tests/actors/support/surroundings.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <csignal>
#include <string>

#include <unistd.h>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;

namespace {

/// 100 lines of 100 bytes.
std::string block(char fill) {
  std::string lines;
  for (int i = 0; i < 100; ++i)
    lines += std::string(99, fill) + '\n';
  return lines;
}

} // namespace

TEST_CASE("lines are appended to what a file holds") {
  const temporary_folder folder;
  const std::string path = folder.write("out.jsonl", "old\n");
  {
    auto writer = line_writer::open(path);
    REQUIRE(writer);
    CHECK(writer->write("one\ntwo\n"));
    CHECK(writer->write("three\n"));
    CHECK(writer->sync());
  }
  CHECK(read_file(path) == "old\none\ntwo\nthree\n");
}

TEST_CASE("a line torn by a crash does not spoil the next one") {
  const temporary_folder folder;
  const std::string path = folder.write("out.jsonl", "old\n{\"to");
  auto writer = line_writer::open(path);
  REQUIRE(writer);
  CHECK(writer->write("new\n"));
  CHECK(read_file(path) == "old\n{\"to\nnew\n");
}

TEST_CASE("an output path that cannot be opened is named with what to do") {
  const auto writer = line_writer::open("/nowhere/out.jsonl");
  REQUIRE_FALSE(writer);
  CHECK(writer.error().message() ==
        "cannot open output file: No such file or directory (/nowhere/out.jsonl): check "
        "that the directory exists and that you may write there");
  const temporary_folder folder;
  const auto directory = line_writer::open(folder.path());
  REQUIRE_FALSE(directory);
  CHECK(directory.error().what == "cannot open output file: Is a directory");
}

TEST_CASE("a full device is an exhausted error") {
  auto writer = line_writer::open("/dev/full");
  REQUIRE(writer);
  const auto written = writer->write("line\n");
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == error_kind::exhausted);
  CHECK(written.error().message() ==
        "disk full: cannot write: No space left on device (/dev/full): free some space "
        "and run again");
}

TEST_CASE("a disk that fills up within a block keeps whole blocks only") {
  const temporary_folder folder;
  const small_disk disk{folder.path()};
  if (!disk) {
    WARN("skipped: cannot mount a small file system");
    return;
  }
  const std::string path = folder / "out.jsonl";
  auto writer = line_writer::open(path);
  REQUIRE(writer);
  std::string expected;
  auto written = writer->write(block('a'));
  while (written) {
    expected += block('a');
    written = writer->write(block('a'));
  }
  CHECK(written.error().kind == error_kind::exhausted);
  CHECK(expected.size() == 60'000);
  CHECK(read_file(path) == expected);
  CHECK(writer->write("short\n")); // it fits, and the file has no torn line in it
  CHECK(read_file(path) == expected + "short\n");
}

TEST_CASE("a reader of the output that has gone is an exhausted error") {
  const temporary_folder folder;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  auto writer = line_writer::open("/dev/fd/" + std::to_string(ends[1]));
  REQUIRE(writer);
  CHECK(writer->write("one\n"));
  CHECK(writer->sync());
  ::close(ends[0]);
  const auto written = writer->write("two\n");
  std::signal(SIGPIPE, before);
  ::close(ends[1]);
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == error_kind::exhausted);
  CHECK(written.error().what == "cannot write: the reader has gone");
}
