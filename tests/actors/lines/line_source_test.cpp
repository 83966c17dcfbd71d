#include <actors/lines/line_source.hpp>
#include <tests/actors/support/compressed.hpp>
#include <tests/actors/support/source_driver.hpp>
#include <tests/actors/support/surroundings.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;

namespace {

using driver = source_driver<line_source>;

driver reader_of(std::vector<std::string> inputs, std::size_t max_line_bytes = std::size_t{1} << 20U) {
  auto source = line_source::open({.inputs = std::move(inputs), .max_line_bytes = max_line_bytes});
  REQUIRE(source);
  return driver{*std::move(source)};
}

std::vector<std::string> texts(const driver& d) {
  std::vector<std::string> all;
  for (const auto& line : d.records)
    all.push_back(line.text);
  return all;
}

using strings = std::vector<std::string>;

std::string numbered_lines(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i)
    text += "line " + std::to_string(i) + '\n';
  return text;
}

/// Peak resident memory of this process in KiB.
long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

} // namespace

TEST_CASE("a file is read line by line with the place of each line") {
  const temporary_folder folder;
  const std::string path = folder.write("a.jsonl", "{\"id\":1}\r\n\n{\"id\":2}\nlast");
  auto d = reader_of({path});
  REQUIRE(d.run_to_end());
  CHECK(texts(d) == strings{"{\"id\":1}", "{\"id\":2}", "last"});
  CHECK(d.records[1].where() == path + ":3");
  CHECK(payload_text(d.records[0]) == "{\"id\":1}");
  CHECK(d.source().progress().done == d.source().progress().total);
}

TEST_CASE("bytes that are not UTF-8 are passed on as they are") {
  const temporary_folder folder;
  auto d = reader_of({folder.write("a", std::string{"caf\xE9 \0 x\n", 9})});
  REQUIRE(d.run_to_end());
  CHECK(texts(d) == strings{std::string{"caf\xE9 \0 x", 8}});
}

TEST_CASE("gzip and zstd are recognised by their content") {
  const temporary_folder folder;
  const std::string text = numbered_lines(100'000);
  const std::string one = folder.write("one.dat", gzip(text));
  const std::string two = folder.write("two.dat", zstd(text));
  auto d = reader_of({one, two});
  REQUIRE(d.run_to_end());
  REQUIRE(d.records.size() == 200'000);
  CHECK(d.records[99'999].text == "line 100000");
  CHECK(d.records[100'000].text == "line 1");
  CHECK(d.records.back().where() == two + ":100000");
  CHECK(d.rejected.empty());
  CHECK(d.source().progress().done == std::filesystem::file_size(one) + std::filesystem::file_size(two));
}

TEST_CASE("concatenated gzip members and zstd frames are one text") {
  const temporary_folder folder;
  auto d =
      reader_of({folder.write("a", gzip("one\ntw") + gzip("") + gzip("o\nthree\n") + std::string(512, '\0')),
                 folder.write("b", zstd("four\nfi") + zstd("ve\n"))});
  REQUIRE(d.run_to_end());
  CHECK(texts(d) == strings{"one", "two", "three", "four", "five"});
  CHECK(d.rejected.empty());
}

TEST_CASE("a directory is read file by file in order of name") {
  const temporary_folder folder;
  folder.write("b.jsonl", "b1\nb2");
  folder.write("a.jsonl.gz", gzip("a1"));
  folder.write("c.jsonl", "");
  folder.write(".hidden", "no");
  std::filesystem::create_directory(folder / "sub");
  auto d = reader_of({folder.path()});
  REQUIRE(d.run_to_end(1));
  CHECK(texts(d) == strings{"a1", "b1", "b2"});
  CHECK(d.records[0].file.view() == (folder / "a.jsonl.gz").string());
}

TEST_CASE("a corrupt gzip file gives one rejected record and the next file is read") {
  const temporary_folder folder;
  std::string text;
  for (int i = 0; i < 200'000; ++i)
    text += std::to_string(static_cast<unsigned>(i) * 2654435761U) + '\n';
  std::string packed = gzip(text);
  packed.replace(packed.size() / 2, 64, std::string(64, '\xFF'));
  const std::string broken = folder.write("broken.gz", packed);
  auto d = reader_of({broken, folder.write("good", "good\n")});
  REQUIRE(d.run_to_end());
  REQUIRE(d.rejected.size() == 1);
  CHECK(d.rejected[0].why.what.starts_with("corrupt gzip data: "));
  CHECK(d.rejected[0].why.where.starts_with(broken + " at byte "));
  CHECK(d.rejected[0].why.kind == error_kind::permanent);
  CHECK(d.records.size() > 50'000);
  CHECK(d.records.back().text == "good");
  std::string read;
  for (std::size_t i = 0; i < 50'000; ++i)
    read += d.records[i].text + '\n';
  CHECK(text.starts_with(read));
}

TEST_CASE("compressed files that are cut off are rejected with what was left") {
  const temporary_folder folder;
  const std::string packed = gzip("one\ntwo\nthree and more");
  auto d =
      reader_of({folder.write("cut.gz", packed.substr(0, packed.size() - 8)),
                 folder.write("cut.zst", zstd("four\nfive").substr(0, 12)), folder.write("good", "six")});
  REQUIRE(d.run_to_end());
  CHECK(texts(d) == strings{"one", "two", "six"});
  REQUIRE(d.rejected.size() == 2);
  CHECK(d.rejected[0].payload == "three and more");
  CHECK(d.rejected[0].why.what == "gzip data is cut off");
  CHECK(d.rejected[1].why.what == "zstd data is cut off");
}

TEST_CASE("a line of 100 MB is rejected without being held") {
  const temporary_folder folder;
  const std::string path = folder / "huge";
  {
    std::ofstream out{path, std::ios::binary};
    out << "before\n";
    const std::string megabyte(1'000'000, 'x');
    for (int i = 0; i < 100; ++i)
      out << megabyte;
    out << "\nafter\n";
  }
  const long before = peak_kib();
  auto d = reader_of({path});
  REQUIRE(d.run_to_end());
  CHECK(peak_kib() - before < 10 * 1024);
  CHECK(texts(d) == strings{"before", "after"});
  REQUIRE(d.rejected.size() == 1);
  CHECK(d.rejected[0].payload == std::string(1000, 'x') + "\u2026 (100000000 bytes)");
  CHECK(d.rejected[0].why.message() == "line of 100000000 bytes is over the limit of 1048576 (" + path +
                                           ":2): make it shorter, or split it");
}

TEST_CASE("a long line counts as a record when a limit is set") {
  const temporary_folder folder;
  auto source =
      line_source::open({.inputs = {folder.write("a", "one\n" + std::string(50, 'x') + "\ntwo\nthree\n")},
                         .max_line_bytes = 10,
                         .limit = 3});
  REQUIRE(source);
  driver d{*std::move(source)};
  REQUIRE(d.run_to_end(2));
  CHECK(texts(d) == strings{"one", "two"});
  CHECK(d.rejected.size() == 1);
}

TEST_CASE("a poll emits no more than the demand") {
  const temporary_folder folder;
  auto d = reader_of({folder.write("a", numbered_lines(10))});
  CHECK(d.poll(3).what() == poll_result::state::more);
  CHECK(d.records.size() == 3);
  CHECK(d.poll(7).what() == poll_result::state::more);
  CHECK(d.records.size() == 10);
  CHECK(d.poll(1).what() == poll_result::state::end);
  CHECK(d.poll(1).what() == poll_result::state::end);
}

TEST_CASE("a poll over blank lines returns soon") {
  const temporary_folder folder;
  auto d = reader_of({folder.write("a", std::string(4'000'000, '\n') + "end")});
  int polls = 1;
  while (d.poll(10).what() == poll_result::state::more)
    ++polls;
  CHECK(polls > 3);
  CHECK(texts(d) == strings{"end"});
}

TEST_CASE("standard input is read as it comes and never blocks") {
  piped_input input;
  auto d = reader_of({"-"});
  CHECK(d.source().progress().total == 0);
  const auto empty = d.poll(10);
  CHECK(empty.what() == poll_result::state::idle);
  CHECK(empty.descriptor() == 0);
  input.write("one\ntw");
  CHECK(d.poll(10).what() == poll_result::state::idle);
  CHECK(texts(d) == strings{"one"});
  input.write("o\nthree");
  input.close();
  REQUIRE(d.run_to_end());
  CHECK(texts(d) == strings{"one", "two", "three"});
  CHECK(d.records[1].where() == "-:2");
}

TEST_CASE("standard input may be gzip that arrives byte by byte") {
  piped_input input;
  auto d = reader_of({"-"});
  for (const char byte : gzip("one\ntwo\n")) {
    input.write(std::string(1, byte));
    CHECK(d.poll(10).what() == poll_result::state::idle);
  }
  input.close();
  REQUIRE(d.run_to_end());
  CHECK(texts(d) == strings{"one", "two"});
}

TEST_CASE("a named pipe is waited for without blocking") {
  const temporary_folder folder;
  const std::string path = folder / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  auto d = reader_of({path});
  const int writer = ::open(path.c_str(), O_WRONLY | O_NONBLOCK);
  REQUIRE(writer >= 0);
  CHECK(d.poll(10).what() == poll_result::state::idle);
  REQUIRE(::write(writer, "one\n", 4) == 4);
  ::close(writer);
  REQUIRE(d.run_to_end());
  CHECK(texts(d) == strings{"one"});
}

TEST_CASE("a missing file is named before anything is read") {
  const auto source = line_source::open({.inputs = {"/nowhere/reviews.jsonl"}});
  REQUIRE_FALSE(source);
  CHECK(source.error().message() ==
        "cannot read input file: No such file or directory (/nowhere/reviews.jsonl): "
        "check the path and that you may read it");
}

TEST_CASE("a file or directory without permission is named before anything is read") {
  const temporary_folder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  const std::string closed = folder / "closed";
  std::filesystem::create_directory(closed);
  const std::string secret = folder.write("secret", "x");
  std::filesystem::permissions(closed, std::filesystem::perms::none);
  std::filesystem::permissions(secret, std::filesystem::perms::none);
  const without_privileges nobody;
  if (!nobody) {
    WARN("skipped: cannot drop the rights of root");
    return;
  }
  const auto directory = line_source::open({.inputs = {closed}});
  const auto file = line_source::open({.inputs = {secret}});
  REQUIRE_FALSE(directory);
  CHECK(directory.error().what == "cannot read input directory: Permission denied");
  CHECK(directory.error().where == closed);
  REQUIRE_FALSE(file);
  CHECK(file.error().what == "cannot read input file: Permission denied");
}

TEST_CASE("a directory without files is an error") {
  const temporary_folder folder;
  const auto source = line_source::open({.inputs = {folder.path()}});
  REQUIRE_FALSE(source);
  CHECK(source.error().what == "no files in the input directory");
}

TEST_CASE("a file that goes away before its turn is rejected and the others are read") {
  const temporary_folder folder;
  const std::string first = folder.write("first", "one\n");
  auto d = reader_of({first, folder.write("second", "two\n")});
  std::filesystem::remove(first);
  REQUIRE(d.run_to_end());
  CHECK(texts(d) == strings{"two"});
  REQUIRE(d.rejected.size() == 1);
  CHECK(d.rejected[0].why.where == first);
}
