#include <tests/actors/support/compressed.hpp>
#include <tests/actors/support/follower.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

/// Open files of this process.
std::size_t open_files() {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{}));
}

} // namespace

TEST_CASE("files of a directory are read in order of name, later ones in order of arrival") {
  const temporary_folder folder;
  folder.write("b", "b\n");
  folder.write("a", "a\n");
  folder.write(".hidden", "no\n");
  fs::create_directory(folder / "sub");
  follower f{{folder.path()}};
  CHECK(f.read() == strings{"a", "b"});
  folder.write("z", "z\n");
  folder.write("c", "c\n");
  CHECK(f.read() == strings{"z", "c"});
  append(folder / "a", "more\n");
  CHECK(f.read() == strings{"more"});
  CHECK(f.records[0].where() == (folder / "a").string() + ":2");
}

TEST_CASE("an empty directory is waited for") {
  const temporary_folder folder;
  follower f{{folder.path()}};
  CHECK(f.read().empty());
  folder.write("a", "a\n");
  CHECK(f.read() == strings{"a"});
}

TEST_CASE("a file moved in, or unhidden, is read whole") {
  const temporary_folder folder;
  const temporary_folder elsewhere;
  follower f{{folder.path()}};
  fs::rename(elsewhere.write("x", "moved\n"), folder / "x");
  folder.write(".part", "unhidden\n");
  CHECK(f.read() == strings{"moved"});
  fs::rename(folder / ".part", folder / "whole");
  CHECK(f.read() == strings{"unhidden"});
}

TEST_CASE("a file renamed within the directory is not read again and goes on") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  follower f{{folder.path()}};
  CHECK(f.read() == strings{"one"});
  fs::rename(path, path + ".1");
  append(path, "two\n");
  append(path + ".1", "late\n");
  auto both = f.read();
  std::sort(both.begin(), both.end());
  CHECK(both == strings{"late", "two"});
  CHECK(f.read_after(20s).empty()); // closed by now
  fs::rename(path + ".1", path + ".2");
  append(path + ".2", "later\n");
  CHECK(f.read() == strings{"later"});
}

TEST_CASE("a file that was deleted is forgotten, and one in its place is new") {
  const temporary_folder folder;
  const std::string path = folder.write("a", "one\n");
  follower f{{folder.path()}};
  CHECK(f.read() == strings{"one"});
  fs::remove(path);
  CHECK(f.read_after(1s).empty());
  CHECK(f.read_after(1s).empty());
  append(path, "one\n"); // perhaps with the same inode
  CHECK(f.read() == strings{"one"});
}

TEST_CASE("a compressed file is read as it arrives, whatever its pauses") {
  const temporary_folder folder;
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += std::to_string(i * 7919) + '\n';
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    const std::string path = folder.write("r", "");
    follower f{{folder.path()}};
    std::string read;
    for (std::size_t at = 0; at < packed.size(); at += 10'000) {
      append(path, packed.substr(at, 10'000));
      for (const auto& line : f.read_after(at == 0 ? 1ms : 5s))
        read += line + '\n';
    }
    CHECK(read == text);
    CHECK(f.rejected.empty());
    fs::remove(path);
  }
}

TEST_CASE("a compressed file that stays cut off is reported once and read on when it grows") {
  const temporary_folder folder;
  const std::string packed = gzip("one\ntwo\n");
  const std::string path = folder.write("r.gz", packed.substr(0, packed.size() - 4));
  follower f{{folder.path()}};
  CHECK(f.read() == strings{"one", "two"});
  CHECK(f.read_after(59s).empty());
  CHECK(f.rejected.empty());
  f.read_after(1s);
  f.read_after(1h);
  REQUIRE(f.rejected.size() == 1);
  CHECK(f.rejected[0].why.what == "gzip data is cut off");
  append(path, packed.substr(packed.size() - 4) + gzip("three\n"));
  CHECK(f.read() == strings{"three"});
}

TEST_CASE("a corrupt file is reported once and the others are followed") {
  const temporary_folder folder;
  folder.write("a.gz", std::string{"\x1F\x8B"} + "no gzip at all, sorry");
  folder.write("b", "b\n");
  follower f{{folder.path()}};
  CHECK(f.read() == strings{"b"});
  CHECK(f.rejected.size() == 1);
  append(folder / "a.gz", "more of it");
  append(folder / "b", "c\n");
  CHECK(f.read() == strings{"c"});
  CHECK(f.read_after(5s).empty());
  CHECK(f.rejected.size() == 1);
}

TEST_CASE("a thousand files take few descriptors and all go on where they stopped") {
  const temporary_folder folder;
  constexpr int count = 1000;
  const auto file = [&](int n) { return (folder / std::to_string(n)).string(); };
  for (int n = 0; n < count; ++n)
    append(file(n), n % 10 == 0 ? gzip("one\n") : "one\nha");
  const std::size_t before = open_files();
  follower f{{folder.path()}};
  CHECK(f.read().size() == count);
  CHECK(open_files() - before < 40);
  for (int n = 0; n < count; ++n)
    append(file(n), n % 10 == 0 ? gzip("half\n") : "lf\n");
  CHECK(f.read() == strings(count, "half"));
  f.read_after(20s);
  f.read_after(1s);
  CHECK(open_files() - before < 6); // all are quiet
}
