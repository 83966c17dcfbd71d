// A whole run: an engine that follows a file while it is written and rotated, into a CSV file.

#include <actors/csv/csv_sink.hpp>
#include <actors/lines/line_source.hpp>
#include <tests/actors/support/follower.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <weir/weir.hpp>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <thread>

using namespace weir;
using namespace weir::actors;
using namespace weir::test;

TEST_CASE("a run that follows a rotated table stores each row once") {
  const temporary_folder folder;
  const std::string in = folder / "in.csv";
  const std::string out = folder / "out.csv";
  constexpr int rounds = 20;
  constexpr int each = 50;
  auto source = line_source::open({.inputs = {in},
                                   .limit = static_cast<std::uint64_t>(rounds * each),
                                   .format = row_format::automatic,
                                   .follow = true});
  REQUIRE(source);
  workflow wf{"follow"};
  wf.from("rows", *std::move(source))
      .to("store",
          csv_sink<text_line>{out, {"row"}, [](const text_line& l, csv_row& row) { row.text(l.text); }});
  std::multiset<std::string> expected{"row"};
  for (int i = 0; i < rounds * each; ++i)
    expected.insert("\"" + std::to_string(i) + ",x\"");
  std::thread writer{[&] {
    for (int round = 0; round < rounds; ++round) {
      if (round > 0)
        std::filesystem::rename(in, in + '.' + std::to_string(round));
      append(in, "id,text\n");
      for (int i = 0; i < each; ++i)
        append(in, std::to_string(round * each + i) + ",x\n");
    }
  }};
  const auto end = run(wf);
  writer.join();
  CHECK(end.exit_code() == 0);
  // Not in order: some of these generations are born within one tick of the kernel's clock.
  std::multiset<std::string> stored;
  std::istringstream lines{read_file(out)};
  for (std::string line; std::getline(lines, line);)
    stored.insert(line);
  CHECK(stored == expected);
}
