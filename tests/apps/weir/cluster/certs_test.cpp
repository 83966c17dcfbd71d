#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>
#include <tests/support/temporary_folder.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace weir::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

finished certs(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"cluster", "certs"});
  return run_program(WEIR_BIN_DIR "/weir", arguments);
}

} // namespace

TEST_CASE("weir cluster certs makes what hosts need, and says where it goes") {
  const temporary_folder folder;
  const std::string dir = (folder / "new").string();
  const finished first = certs({"--dir", dir, "--host", "host1,10.0.0.1", "--host", "host2"});
  CHECK(first.exit == 0);
  CHECK_THAT(first.out, StartsWith("made a CA: " + dir + "/ca.pem") && Contains("copy to host1:") &&
                            Contains("--tls-ca ca.pem --tls-cert host2.pem --tls-key host2.key") &&
                            Contains("keep " + dir + "/ca.key off all hosts"));
  for (const char* file : {"ca.pem", "ca.key", "host1.pem", "host1.key", "host2.pem", "host2.key"})
    CHECK(std::filesystem::exists(folder / "new" / file));

  const finished later = certs({"--dir", dir, "--host", "host3"});
  CHECK(later.exit == 0);
  CHECK_THAT(later.out, StartsWith("signed by the CA that was there: "));
}

TEST_CASE("weir cluster certs overwrites nothing and says what is wrong in a line") {
  const temporary_folder folder;
  const std::string key = "the key of long ago";
  folder.write("host1.key", key);
  const finished taken = certs({"--dir", folder.path().string(), "--host", "host1"});
  CHECK(taken.exit == 1);
  CHECK(taken.err == "error: exists, and is not overwritten (" + (folder / "host1.key").string() +
                         "): remove it, or choose another folder with --dir\n");
  CHECK(read_file(folder / "host1.key") == key);
  CHECK_FALSE(std::filesystem::exists(folder / "ca.pem"));
  CHECK(certs({"--dir", folder.path().string()}).exit == 2);
  CHECK(certs({"--host", "host1"}).exit == 2);
}
