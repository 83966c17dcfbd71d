#include <weir/observe/http_tls.hpp>

#include <tests/framework/weir/observe/support/tls_client.hpp>
#include <tests/support/await.hpp>
#include <tests/support/catch.hpp>
#include <weir/observe/http_server.hpp>

#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;
using namespace weir_tests;

namespace {

const std::string ping = "GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

http_response text(std::string body) { return {200, "text/plain", std::move(body), {}, {}}; }

http_options with(http_tls files, http_limits limits = {}) {
  http_options options;
  options.tls = std::move(files);
  options.limits = limits;
  return options;
}

std::unique_ptr<http_server> serve(http_options options) {
  auto server = std::make_unique<http_server>(std::move(options));
  server->route("GET", "/ping", [](const http_request&) { return text("ok"); }, http_access::open);
  server->route("POST", "/upper", [](const http_request& request) { return text(request.body + "!"); });
  server->route("GET", "/count", [](const http_request&) {
    http_response answer = text("");
    answer.stream = [n = 0]() mutable -> std::optional<std::string> {
      return ++n < 4 ? std::optional{std::to_string(n) + "\n"} : std::nullopt;
    };
    return answer;
  });
  return server;
}

std::string asked(const http_server& server, const certificates& made, const std::string& request,
                  int newest = 0) {
  tls_client client{server.port(), made.ca(), newest};
  client.send(request);
  return client.read_to_end();
}

std::string why(const http_tls& files) {
  const auto read = server_context(files);
  return read ? "" : read.error().message();
}

} // namespace

TEST_CASE("with certificate and key the listener speaks TLS 1.3, or 1.2, and nothing older") {
  const certificates made;
  const auto server = serve(with(made.issue("a")));
  REQUIRE(server->start());
  tls_client client{server->port(), made.ca()};
  REQUIRE(client.connected());
  CHECK(client.version() == "TLSv1.3");
  client.send("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
  REQUIRE(client.read_until("ok"));
  client.send(ping);
  CHECK(status_of(client.read_to_end()) == 200);
  CHECK(client.ended()); // not merely cut off
  CHECK(body_of(asked(*server, made, ping, TLS1_2_VERSION)) == "ok");
  CHECK_FALSE(tls_client(server->port(), made.ca(), TLS1_1_VERSION).connected());
  const certificates others;
  CHECK_FALSE(tls_client(server->port(), others.ca()).connected());
}

TEST_CASE("bodies, refusals of them and streams come through TLS whole") {
  const certificates made;
  http_limits limits;
  limits.tick = 1ms;
  const auto server = serve(with(made.issue("a"), limits));
  REQUIRE(server->start());
  const auto post = [](std::size_t size) {
    return "POST /upper HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
           std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
  };
  CHECK(body_of(asked(*server, made, post(1'000'000))).size() == 1'000'001);
  CHECK(status_of(asked(*server, made, post(1'100'000))) == 413);
  tls_client streamed{server->port(), made.ca()};
  streamed.send("GET /count HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(body_of(streamed.read_to_end()) == "1\n2\n3\n");
  CHECK(streamed.ended());
}

TEST_CASE("beyond this machine a token is needed, and TLS or insecure") {
  const certificates made;
  http_options options = with(made.issue("a"));
  options.access.host = "0.0.0.0";
  CHECK_FALSE(serve(options)->start());
  options.access.token = "s3cret";
  CHECK(serve(options)->start());
  options.tls = {};
  const auto plain = serve(options)->start();
  REQUIRE_FALSE(plain);
  CHECK_THAT(plain.error().message(), Catch::Contains("--admin-tls-cert") && Catch::Contains("--insecure"));
}

TEST_CASE("files that cannot serve are refused with their name and what to do") {
  const certificates made;
  const auto good = made.issue("good");
  const auto other = made.issue("other");
  CHECK(why(good).empty());
  CHECK_THAT(why({good.certificate, {}}), Catch::Contains("--admin-tls-key"));
  CHECK_THAT(why({{}, good.key}), Catch::Contains("--admin-tls-cert"));
  CHECK_THAT(why({made.folder() / "none.pem", good.key}),
             Catch::Contains("none.pem") && Catch::Contains("--admin-tls-cert"));
  CHECK_THAT(why({good.certificate, made.folder() / "none.key"}),
             Catch::Contains("none.key") && Catch::Contains("--admin-tls-key"));
  CHECK_THAT(why({good.key, good.key}), Catch::Contains("no certificate in it"));
  CHECK_THAT(why({good.certificate, good.certificate}), Catch::Contains("no key in it"));
  CHECK_THAT(why({good.certificate, other.key}),
             Catch::Contains("the key is not that of") && Catch::Contains("other.key"));
  const auto now = std::chrono::system_clock::now();
  CHECK_THAT(why(made.issue("past", {.from = now - 48h, .until = now - 1h})), Catch::Contains("expired"));
  CHECK_THAT(why(made.issue("future", {.from = now + 24h, .until = now + 48h})),
             Catch::Contains("not valid yet"));
}

TEST_CASE("a certificate that was renewed is shown once it is read again; one that is broken is not") {
  const certificates made;
  const auto files = made.issue("a");
  const auto server = serve(with(files));
  REQUIRE(server->start());
  const auto shown = [&] { return tls_client{server->port(), made.ca()}.shown(); };
  const std::string first = weir::test::read_file(files.certificate);
  REQUIRE(shown() == first);
  tls_client open{server->port(), made.ca()};
  made.issue("a");
  const std::string second = weir::test::read_file(files.certificate);
  REQUIRE(second != first);
  CHECK(shown() == first);
  CHECK(server->reload_certificate());
  CHECK(shown() == second);
  open.send(ping); // made before, goes on
  CHECK(status_of(open.read_to_end()) == 200);

  made.folder().write("a.pem", "broken");
  const auto broken = server->reload_certificate();
  REQUIRE_FALSE(broken);
  CHECK_THAT(broken.error().message(), Catch::Contains("a.pem"));
  CHECK(shown() == second);
}

TEST_CASE("plain HTTP on the TLS port is told so") {
  const certificates made;
  const auto server = serve(with(made.issue("a")));
  REQUIRE(server->start());
  const std::string answer = ask(server->port(), "GET", "/ping");
  CHECK(status_of(answer) == 400);
  CHECK_THAT(answer, Catch::Contains("https"));
  CHECK_THAT(answer, !Catch::Contains("\r\n\r\nok"));
}

TEST_CASE("who does not finish the handshake is closed, and held no room but his own") {
  const certificates made;
  http_limits limits;
  limits.handshake_time = 100ms;
  limits.connections = 4;
  const auto server = serve(with(made.issue("a"), limits));
  REQUIRE(server->start());
  std::vector<std::unique_ptr<test_client>> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(std::make_unique<test_client>(server->port()));
    if (i % 2 == 0)
      silent.back()->send({"\x16\x03\x01\x02\x00\x01", 6}); // begins to greet
  }
  for (const auto& client : silent)
    CHECK(client->read_to_end().empty());
  await([&] { return status_of(asked(*server, made, ping)) == 200; }, "room for a connection");
}

TEST_CASE("random bytes instead of a handshake do not stop the TLS listener") {
  const certificates made;
  const auto server = serve(with(made.issue("a")));
  REQUIRE(server->start());
  std::mt19937 random{11};
  for (int i = 0; i < 1'000; ++i) {
    std::string bytes(random() % 300, '\0');
    for (char& c : bytes)
      c = static_cast<char>(random());
    if (i % 2 == 0)
      bytes.insert(0, "\x16\x03\x01", 3);
    test_client client{server->port()};
    client.send(bytes);
    client.end_of_requests();
    client.read_to_end();
  }
  CHECK(body_of(asked(*server, made, ping)) == "ok");
}
