#include <tests/actors/support/compressed.hpp>
#include <tests/actors/support/follower.hpp>
#include <tests/actors/support/surroundings.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <unistd.h>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;
namespace fs = std::filesystem;

TEST_CASE("lines appended to a file come as they are written") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  CHECK(f.read().empty());
  append(path, "two\nthr");
  CHECK(f.read() == strings{"two"});
  append(path, "ee\n");
  CHECK(f.read() == strings{"three"});
  CHECK(f.records[0].where() == path + ":3");
  CHECK_FALSE(f.ended);
}

TEST_CASE("a last line without its end counts after two seconds of quiet") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\ntwo");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  CHECK(f.read_after(1999ms).empty());
  append(path, "!");
  CHECK(f.read().empty());
  CHECK(f.read_after(1999ms).empty()); // it was not quiet
  CHECK(f.read_after(1ms) == strings{"two!"});
  CHECK(f.read_after(10s).empty());
  append(path, "\nthree\n");
  CHECK(f.read() == strings{"three"});
  CHECK(f.records[0].line == 3);
}

TEST_CASE("a file that is missing is waited for") {
  const temporary_folder folder;
  const std::string path = folder / "log";
  follower f{{path}};
  CHECK(f.read().empty());
  append(path, "one\n");
  CHECK(f.read() == strings{"one"});
}

TEST_CASE("a folder that is missing is an error at once") {
  CHECK_THROWS_WITH(follower{{"/nowhere/log"}},
                    Catch::Contains("cannot read input directory: No such file or directory (/nowhere)"));
}

TEST_CASE("a rotated file is read to its end and the new one from its start") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  append(path, "two\n");
  fs::rename(path, path + ".1");
  append(path, "three\n");
  CHECK(f.read() == strings{"two", "three"});
  append(path + ".1", "late\nhalf");
  append(path, "four\n");
  auto both = f.read();
  std::sort(both.begin(), both.end());
  CHECK(both == strings{"four", "late"});
  CHECK(f.read_after(2s) == strings{"half"});
}

TEST_CASE("several rotations between two looks lose no generation and double none") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  folder.write("log.9", "before\n"); // was there first
  folder.write("log.bak", "copy\n");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  strings expected;
  for (int round = 2; round <= 5; ++round) {
    for (int n = 4; n >= 1; --n)
      if (fs::exists(path + '.' + std::to_string(n)))
        fs::rename(path + '.' + std::to_string(n), path + '.' + std::to_string(n + 1));
    fs::rename(path, path + ".1");
    append(path, std::to_string(round) + "\n");
    expected.push_back(std::to_string(round));
  }
  fs::copy_file(path, path + ".old.copy");
  auto read = f.read();
  std::sort(read.begin(), read.end());
  CHECK(read == expected);
  CHECK(f.read_after(10s).empty());
}

TEST_CASE("a file that is replaced by a rename is read from its start") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  fs::rename(folder.write("new", "ONE\ntwo\n"), path);
  CHECK(f.read() == strings{"ONE", "two"});
}

TEST_CASE("a file that was deleted and made anew is read from its start") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  fs::remove(path);
  CHECK(f.read_after(5s).empty());
  append(path, "one\n");
  CHECK(f.read() == strings{"one"});
}

TEST_CASE("a name given back to a rotated file goes on where that was read") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  fs::rename(path, path + ".1");
  CHECK(f.read_after(2min).empty()); // closed by now
  CHECK(f.read_after(2min).empty());
  fs::rename(path + ".1", path);
  append(path, "two\n");
  CHECK(f.read() == strings{"two"});
}

TEST_CASE("a truncated file is read from its start") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "first\nsecond\nhal");
  follower f{{path}};
  CHECK(f.read() == strings{"first", "second"});
  fs::copy_file(path, path + ".1");
  fs::resize_file(path, 0);
  append(path, "new\n");
  CHECK(f.read() == strings{"hal", "new"});
  CHECK(f.records.back().line == 1);
  // The copy is not taken for a rotated file later on.
  fs::rename(path, path + ".2");
  append(path, "newer\n");
  CHECK(f.read() == strings{"newer"});
}

TEST_CASE("a file that was truncated and filled again to the same size is read from its start") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  folder.write("log", "two\n");
  fs::last_write_time(path, fs::last_write_time(path) + 1s); // the kernel's clock may not have moved on
  CHECK(f.read() == strings{"two"});
  fs::rename(path, path + ".1"); // and after a rotation
  folder.write("log", "six\n");
  CHECK(f.read() == strings{"six"});
  folder.write("log", "ten\n");
  fs::last_write_time(path, fs::last_write_time(path) + 1s);
  CHECK(f.read() == strings{"ten"});
}
TEST_CASE("a file that was truncated and is longer than before is known by how it begins") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  follower f{{path}};
  CHECK(f.read() == strings{"one"});
  folder.write("log", "other\nlines\n");
  CHECK(f.read() == strings{"other", "lines"});
}

TEST_CASE("a followed table keeps its header, and a new file brings its own") {
  const temporary_folder folder;
  const std::string path = folder.write("t.csv", "id,text\n1,\"a\n");
  follower f{{path}, row_format::automatic};
  CHECK(f.read().empty());
  append(path, "b\"\n");
  CHECK(f.read() == strings{"1,\"a\nb\""});
  CHECK(f.records[0].header.view() == "id,text");
  fs::rename(path, path + ".1");
  append(path, "id;stars;text\n2;5;x\n");
  CHECK(f.read() == strings{"2;5;x"});
  CHECK(f.records[0].header.view() == "id;stars;text");
  CHECK(f.records[0].line == 2);
}

TEST_CASE("the limit ends it, and waiting costs a descriptor only") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "one\n");
  auto source = line_source::open({.inputs = {path}, .limit = 2, .follow = true});
  REQUIRE(source);
  source_driver<line_source> d{*std::move(source)};
  while (d.poll(10).what() == poll_result::state::more) {
  }
  const auto idle = d.poll(10);
  REQUIRE(idle.what() == poll_result::state::idle);
  append(path, "two\nthree\n");
  pollfd asked{idle.descriptor(), POLLIN, 0};
  CHECK(::poll(&asked, 1, 10'000) == 1);
  while (d.poll(10).what() == poll_result::state::more) {
  }
  CHECK(d.poll(10).what() == poll_result::state::end);
  CHECK(d.records.size() == 2);
}

TEST_CASE("standard input is read to its end beside a followed file") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "file\n");
  piped_input input;
  follower f{{path, "-"}};
  input.write("in\nput");
  CHECK(f.read() == strings{"in", "file"});
  input.close();
  CHECK(f.read() == strings{"put"});
  CHECK_FALSE(f.ended);
  append(path, "more\n");
  CHECK(f.read() == strings{"more"});
}

TEST_CASE("standard input alone ends where it ends") {
  piped_input input;
  follower f{{"-"}};
  input.write("one\n");
  CHECK(f.read() == strings{"one"});
  CHECK_FALSE(f.ended);
  input.close();
  CHECK(f.read().empty());
  CHECK(f.ended);
}

TEST_CASE("no line is lost or doubled while a fast writer rotates its file") {
  const temporary_folder folder;
  const std::string path = folder.write("log", "");
  constexpr int lines = 200'000;
  follower f{{path}};
  std::thread writer{[&] {
    int generation = 0;
    auto* out = std::fopen(path.c_str(), "a");
    for (int i = 0; i < lines; ++i) {
      std::fprintf(out, "%d\n", i);
      if (i % 1000 == 999) {
        fs::rename(path, path + '.' + std::to_string(++generation));
        std::fprintf(out, "late %d\n", generation); // what the old file gets before its writer lets it go
        std::fclose(out);
        out = std::fopen(path.c_str(), "a");
      }
    }
    std::fclose(out);
  }};
  std::vector<int> seen(lines);
  int late = 0;
  int other = 0;
  const auto count = [&](duration wait = {}) {
    for (const auto& text : f.read_after(wait)) {
      if (text.starts_with("late "))
        ++late;
      else if (const int n = std::atoi(text.c_str()); n >= 0 && n < lines && std::to_string(n) == text)
        ++seen[static_cast<std::size_t>(n)];
      else
        ++other;
    }
  };
  for (int calm = 0; calm < 1000 && late < lines / 1000; ++calm) {
    const int before = late;
    count();
    if (late != before)
      calm = 0;
    std::this_thread::yield();
  }
  writer.join();
  count();
  count(1s);
  CHECK(std::count(seen.begin(), seen.end(), 1) == lines);
  CHECK(late == lines / 1000);
  CHECK(other == 0);
}
