#include <tests/framework/weir/cluster/support/raw_client.hpp>
#include <tests/framework/weir/cluster/support/test_certificates.hpp>
#include <tests/framework/weir/cluster/support/test_host.hpp>
#include <tests/support/await.hpp>
#include <tests/support/catch.hpp>

#include <weir/cluster/transport/transport.hpp>

#include <algorithm>
#include <filesystem>
#include <string>

using namespace weir::cluster;
using namespace weir_tests;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

transport_options with(tls_files tls) {
  transport_options options;
  options.tls = std::move(tls);
  return options;
}

/// Why `client` is not let in, or would not go in; empty if it is.
std::string refused(test_host& client, std::uint16_t port, const std::string& name = "localhost") {
  const auto answer = client.ask_echo(name, port);
  return answer ? "" : answer.error().message();
}

bool any_contains(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

/// The error that a transport with these files starts with.
std::string start_error(const tls_files& files) {
  try {
    const test_host host{with(files)};
    return "";
  } catch (const std::runtime_error& why) {
    return why.what();
  }
}

} // namespace

TEST_CASE("Two hosts of one CA talk over TLS") {
  test_ca ca;
  test_host server{with(ca.host("server"))};
  test_host client{with(ca.host("client"))};
  const auto port = server.publish_echo();

  SECTION("by address") {
    const auto far = client.network().remote_actor("127.0.0.1", port);
    REQUIRE(far);
    CHECK(client.answers(*far));
    CHECK(server.network().figures().open == 1);
    CHECK(server.network().figures().half_open == 0);
  }
  SECTION("by name") { CHECK(refused(client, port) == ""); }
  SECTION("with messages that need many records") {
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

TEST_CASE("Hosts on one machine talk without TLS") {
  test_host server;
  test_host client;
  CHECK(refused(client, server.publish_echo()) == "");
}

TEST_CASE("A host that was lost is found again at the same port") {
  test_ca ca;
  test_host client{with(ca.host("client"))};
  std::uint16_t port = 0;
  caf::actor old;
  {
    test_host server{with(ca.host("server"))};
    port = server.publish_echo();
    old = *client.network().remote_actor("localhost", port);
    REQUIRE(client.answers(old));
  }
  await([&] { return client.network().figures().open == 0; }, "the client sees that the server is gone");
  CHECK_THAT(refused(client, port), Contains("cannot connect"));

  test_host again{with(ca.host("server"))};
  CHECK(again.publish_echo(port) == port);
  CHECK(refused(client, port) == "");
}

TEST_CASE("A server lets in only hosts with a valid certificate of the CA") {
  test_ca ca;
  auto options = with(ca.host("server"));
  options.deadlines.handshake = std::chrono::milliseconds{60'000};
  test_host server{options};
  const auto port = server.publish_echo();
  const auto is_refused_for = [&](const std::string& reason) {
    await([&] { return any_contains(server.refusals(), reason); }, reason.c_str());
    return server.network().figures().open == 0;
  };

  SECTION("not one of another CA") {
    test_ca other;
    tls_files files = other.host("client");
    files.ca = other.ca_file();
    raw_client client{port};
    client.begin_tls(files);
    CHECK(client.read_to_end().empty());
    CHECK(is_refused_for("certificate: unable to get local issuer certificate"));
  }
  SECTION("not an expired one") {
    raw_client client{port};
    client.begin_tls(ca.host("old", {"localhost"}, expired()));
    CHECK(client.read_to_end().empty());
    CHECK(is_refused_for("certificate: certificate has expired"));
  }
  SECTION("not a self-signed one") {
    test_ca other;
    raw_client client{port};
    client.begin_tls(other.self_signed());
    CHECK(client.read_to_end().empty());
    CHECK(is_refused_for("certificate: self-signed certificate"));
  }
  SECTION("not one without a certificate") {
    raw_client client{port};
    client.begin_tls();
    CHECK(client.read_to_end().empty());
    CHECK(is_refused_for("peer did not return a certificate"));
  }
  SECTION("not one that has an older TLS only") {
    raw_client client{port};
    CHECK_FALSE(client.begin_tls(ca.host("client"), TLS1_2_VERSION));
    CHECK(is_refused_for("unsupported protocol"));
  }
  SECTION("not one without TLS, and the client says what may be wrong") {
    test_host client;
    CHECK_THAT(refused(client, port), Contains("closed the connection before greeting"));
    CHECK(is_refused_for("no trust"));
  }
  CHECK(server.network().figures().not_trusted == 1);
}

TEST_CASE("A server that names its peers lets in no others of the CA") {
  test_ca ca;
  auto options = with(ca.host("server"));
  options.peer_names = {"worker1", "192.0.2.7"};
  test_host server{options};
  const auto port = server.publish_echo();

  test_host stranger{with(ca.host("stranger", {"worker2"}))};
  CHECK_THAT(refused(stranger, port),
             Contains("closed the connection before greeting") || Contains("refused by"));
  test_host by_name{with(ca.host("by_name", {"worker1"}))};
  CHECK(refused(by_name, port) == "");
  test_host by_address{with(ca.host("by_address", {"192.0.2.7"}))};
  CHECK(refused(by_address, port) == "");
}

TEST_CASE("A client talks only to the host that it meant") {
  test_ca ca;
  test_host client{with(ca.host("client"))};

  SECTION("not to one with another name") {
    test_host server{with(ca.host("server", {"another.example"}))};
    const auto port = server.publish_echo();
    CHECK_THAT(refused(client, port), Contains("certificate: hostname mismatch"));
    CHECK_THAT(refused(client, port, "127.0.0.1"), Contains("certificate: IP address mismatch"));
  }
  SECTION("not to one of another CA") {
    test_ca other;
    test_host server{with(other.host("server"))};
    CHECK_THAT(refused(client, server.publish_echo()), Contains("certificate: unable to get local issuer"));
  }
  SECTION("not to one without TLS") {
    auto options = with({});
    options.deadlines.handshake = std::chrono::milliseconds{60'000};
    test_host server{options};
    CHECK_THAT(refused(client, server.publish_echo()), Contains("no trust: "));
  }
  CHECK(client.network().figures().not_trusted > 0);
  CHECK(client.network().figures().open == 0);
}

TEST_CASE("New certificates are used after a reload, bad ones are not") {
  test_ca ca;
  const tls_files files = ca.host("server", {"old.example"});
  test_host server{with(files)};
  const auto port = server.publish_echo();
  test_host client{with(ca.host("client"))};
  CHECK_THAT(refused(client, port), Contains("hostname mismatch"));

  ca.folder().write("server.pem", "this is no certificate");
  const auto bad = server.network().reload_certificates();
  REQUIRE_FALSE(bad);
  CHECK_THAT(bad.error().message(), Contains("server.pem") && Contains("no certificate in it"));
  CHECK_THAT(refused(client, port), Contains("hostname mismatch")); // the old ones are in use

  ca.host("server", {"localhost"});
  REQUIRE(server.network().reload_certificates());
  CHECK(refused(client, port) == "");
}

TEST_CASE("A transport does not start with certificates that cannot work, and says what to do") {
  test_ca ca;
  const tls_files good = ca.host("host");
  tls_files bad = good;
  CHECK(start_error(good) == "");

  SECTION("a file that is not there") {
    bad.key = ca.folder() / "nowhere.key";
    CHECK_THAT(start_error(bad), Contains("cannot be read: No such file") && Contains("nowhere.key") &&
                                     Contains("check --tls-key"));
  }
  SECTION("a file without a certificate") {
    bad.ca = good.key;
    CHECK_THAT(start_error(bad), Contains("no certificate in it") && Contains("ca.pem"));
  }
  SECTION("the key of another host") {
    bad.key = ca.host("other").key;
    CHECK_THAT(start_error(bad),
               Contains("the key is not that of") && Contains("other.key") && Contains("of the same host"));
  }
  SECTION("an expired certificate") {
    bad = ca.host("old", {"localhost"}, expired());
    CHECK_THAT(start_error(bad), Contains("the certificate has expired (") && Contains("old.pem"));
  }
  SECTION("one that is not valid yet") {
    const auto later = std::chrono::system_clock::now() + std::chrono::hours{48};
    bad = ca.host("new", {"localhost"}, {.from = later, .until = later + std::chrono::hours{48}});
    CHECK_THAT(start_error(bad), Contains("not valid yet") && Contains("check the clock"));
  }
  SECTION("one of a CA that has expired") {
    test_ca old{expired()};
    CHECK_THAT(start_error(old.host("host")), Contains("the CA's certificate has expired"));
  }
  SECTION("one of another CA") {
    test_ca other;
    bad.ca = other.ca_file();
    CHECK_THAT(start_error(bad), Contains("is not signed by the CA") && Contains("copy the ca.pem"));
  }
  SECTION("a part of the files only") {
    bad.key.clear();
    CHECK_THAT(start_error(bad), Contains("TLS needs a CA, a certificate and a key"));
  }
  CHECK_THAT(start_error(bad), !Contains("\n"));
}
