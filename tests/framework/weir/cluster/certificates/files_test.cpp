#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>

#include <weir/cluster/certificates/authority.hpp>
#include <weir/cluster/certificates/files.hpp>
#include <weir/cluster/transport/tls.hpp>

#include <filesystem>

using namespace weir::cluster;
using Catch::Matchers::Contains;
using weir::test::read_file;
using weir::test::temporary_folder;

namespace {

std::string complaint(const std::filesystem::path& folder, const std::vector<host_names>& hosts) {
  const auto made = make_certificate_files(folder, hosts);
  return made ? "" : made.error().message();
}

bool usable(const certificate_files& files, std::size_t host) {
  return tls_identity::load({files.ca, files.hosts[host].certificate, files.hosts[host].key}).has_value();
}

} // namespace

TEST_CASE("Certificates of a cluster are made in one go, keys for their owner only") {
  const temporary_folder folder;
  const auto made = make_certificate_files(folder / "certs", {{"host1", "host1.lan", "10.0.0.1"}, {"::1"}});
  REQUIRE(made);
  CHECK(made->new_ca);
  CHECK(usable(*made, 0));
  CHECK(usable(*made, 1));
  using std::filesystem::perms;
  const auto mode = [](const auto& file) { return std::filesystem::status(file).permissions(); };
  CHECK(mode(made->ca_key) == (perms::owner_read | perms::owner_write));
  CHECK(mode(made->hosts[0].key) == (perms::owner_read | perms::owner_write));
  CHECK((mode(made->hosts[0].certificate) & perms::others_read) != perms::none);
}

TEST_CASE("Hosts that come later are signed by the CA that is there") {
  const temporary_folder folder;
  REQUIRE(complaint(folder.path(), {{"host1"}}) == "");
  const std::string ca = read_file(folder / "ca.pem");
  const auto later = make_certificate_files(folder.path(), {{"host2"}});
  REQUIRE(later);
  CHECK_FALSE(later->new_ca);
  CHECK(usable(*later, 0));
  CHECK(read_file(folder / "ca.pem") == ca);
}

TEST_CASE("Nothing is overwritten, and nothing is written when something is wrong") {
  const temporary_folder folder;
  REQUIRE(complaint(folder.path(), {{"host1"}}) == "");
  const std::string key = read_file(folder / "host1.key");
  CHECK_THAT(complaint(folder.path(), {{"host2"}, {"host1"}}),
             Contains("host1.pem") && Contains("not overwritten"));
  CHECK(read_file(folder / "host1.key") == key);
  CHECK_FALSE(std::filesystem::exists(folder / "host2.key"));

  CHECK_THAT(complaint(folder.path(), {{"ca"}}), Contains("cannot be called ca"));
  CHECK_THAT(complaint(folder.path(), {{"host3"}, {"host3"}}), Contains("given twice"));
  CHECK_THAT(complaint(folder.path(), {}), Contains("no host"));
  for (const char* wrong : {"../host", "host 1", "", "a/b", "*.lan", "host,DNS:other", "-h"})
    CHECK_THAT(complaint(folder.path(), {{wrong}}), Contains("neither a DNS name nor an address"));

  std::filesystem::remove(folder / "ca.key");
  CHECK_THAT(complaint(folder.path(), {{"host4"}}), Contains("the CA's key is missing"));
  folder.write("ca.key", key);
  CHECK_THAT(complaint(folder.path(), {{"host4"}}), Contains("do not belong together"));
}

TEST_CASE("A host's certificate signs no other certificates") {
  const auto ca = certificate_authority::create("CA", for_years(1));
  REQUIRE(ca);
  auto host = ca->issue({"host"}, for_years(1));
  REQUIRE(host);
  const auto not_ca = certificate_authority::load(std::move(*host));
  REQUIRE_FALSE(not_ca);
  CHECK_THAT(not_ca.error().message(), Contains("not of a CA"));
}
