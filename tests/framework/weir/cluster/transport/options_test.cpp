#include <tests/support/catch.hpp>

#include <weir/cluster/transport/options.hpp>

using namespace weir::cluster;
using Catch::Matchers::Contains;

namespace {

std::string complaint(const transport_options& options) {
  const auto checked = check(options);
  return checked ? "" : checked.error().message();
}

} // namespace

TEST_CASE("Without TLS only loopback is listened on, unless one says so") {
  transport_options options;
  CHECK(complaint(options) == "");
  for (const char* loopback : {"localhost", "127.0.0.7", "::1"}) {
    options.listen = loopback;
    CHECK(complaint(options) == "");
  }
  for (const char* open : {"0.0.0.0", "::", "192.0.2.1", "host1"}) {
    options.listen = open;
    options.insecure = false;
    CHECK_THAT(complaint(options), Contains("without TLS") && Contains(open) && Contains("--insecure"));
    options.insecure = true;
    CHECK(complaint(options) == "");
  }
  options.insecure = false;
  options.tls = {"ca.pem", "host.pem", "host.key"};
  CHECK(complaint(options) == "");
}

TEST_CASE("Limits of nothing and messages of any size are refused") {
  transport_options options;
  options.limits.half_open = 0;
  CHECK_THAT(complaint(options), Contains("a limit of 0 connections"));
  options = {};
  options.limits.message_bytes = std::size_t{2} << 30;
  CHECK_THAT(complaint(options), Contains("4 KiB to 1 GiB"));
}

TEST_CASE("Seeds are HOST:PORT") {
  transport_options options;
  options.seeds = {"host1:4711", "[2001:db8::1]:80"};
  CHECK(complaint(options) == "");
  for (const char* wrong :
       {"host1", "host1:", ":4711", "host1:99999", "2001:db8::1:80", "host1:47x", "[]:1", ""}) {
    options.seeds = {wrong};
    CHECK_THAT(complaint(options), Contains("not HOST:PORT"));
  }
  const auto parsed = parse_host_port("[::1]:4711");
  REQUIRE(parsed);
  CHECK(parsed->host == "::1");
  CHECK(parsed->port == 4711);
}
