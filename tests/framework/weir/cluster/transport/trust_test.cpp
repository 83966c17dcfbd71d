#include <tests/framework/weir/cluster/support/test_certificates.hpp>
#include <tests/framework/weir/cluster/support/test_host.hpp>
#include <tests/support/await.hpp>
#include <tests/support/catch.hpp>

#include <weir/cluster/transport/transport.hpp>

#include <string>

using namespace weir::cluster;
using namespace weir_tests;
using Catch::Matchers::Contains;

namespace {

transport_options with(tls_files tls) {
  transport_options options;
  options.tls = std::move(tls);
  return options;
}

} // namespace

TEST_CASE("Two hosts of one CA talk over TLS") {
  test_ca ca;
  test_host server{with(ca.host("server"))};
  test_host client{with(ca.host("client"))};
  const auto port = server.publish_echo();

  SECTION("by address") {
    const auto far = client.network().remote_actor("127.0.0.1", port);
    INFO((far ? "" : far.error().message()));
    for (auto& r : server.refusals()) UNSCOPED_INFO("refused " << r);
    REQUIRE(far);
    CHECK(client.answers(*far));
    CHECK(server.network().figures().open == 1);
    CHECK(server.network().figures().half_open == 0);
  }
  SECTION("by name") { CHECK(client.ask_echo("localhost", port)); }
  SECTION("with a message that needs many records") {
    const auto far = client.network().remote_actor("localhost", port);
    REQUIRE(far);
    caf::scoped_actor self{client.system()};
    std::uint64_t size = 0;
    for (int i = 0; i < 20; ++i)
      self->request(*far, std::chrono::seconds{60}, std::string(1'500'000, 'x'))
          .receive([&](std::uint64_t n) { size += n; }, [](const caf::error&) {});
    CHECK(size == 20 * 1'500'000);
  }
}
