// What a record costs in instructions: the hot path, held to a bound that noise does not move.

#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>
#include <tests/support/temporary_folder.hpp>

#include <cstdint>
#include <filesystem>
#include <regex>
#include <string>

using namespace weir::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
constexpr bool counts = false;
#else
constexpr bool counts = true;
#endif

/// Instructions of one run, start and end included.
std::uint64_t instructions(const std::string& how, std::uint64_t records) {
  const temporary_folder folder;
  const auto done = run_program("/usr/bin/valgrind",
                                {"--tool=callgrind", "--callgrind-out-file=/dev/null",
                                 std::string{WEIR_BIN_DIR} + "/hot_path", how, std::to_string(records)},
                                {.folder = folder.path()});
  INFO(done.err);
  REQUIRE(done.exit == 0);
  std::smatch found;
  REQUIRE(std::regex_search(done.err, found, std::regex{R"(Collected : (\d+))"}));
  return std::stoull(found[1]);
}

/// Of one more record: starting up and ending are left out.
double a_record(const std::string& how) {
  constexpr std::uint64_t few = 100'000;
  constexpr std::uint64_t many = 500'000;
  return static_cast<double>(instructions(how, many) - instructions(how, few)) /
         static_cast<double>(many - few);
}

} // namespace

TEST_CASE("a record costs hardly more instructions than in a loop written by hand") {
  if (!counts || !std::filesystem::exists("/usr/bin/valgrind")) {
    WARN("skipped: instructions are counted in optimised builds, with valgrind (Debian package valgrind)");
    return;
  }
  const double loop = a_record("loop");
  for (const auto& [how, most] :
       {std::pair{"pipeline", 1.75}, std::pair{"fused", 1.5}, std::pair{"keyed", 1.15}}) {
    const double cost = a_record(how);
    WARN(how << ": " << cost << " instructions a record, " << cost / loop << " of the loop's " << loop);
    CHECK(cost / loop < most);
  }
}
