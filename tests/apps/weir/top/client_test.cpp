#include <apps/weir/top/client.hpp>

#include <tests/apps/weir/support/canned_server.hpp>
#include <tests/framework/weir/observe/support/tls_client.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <weir/observe/http_server.hpp>

#include <chrono>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace weir::top;
using namespace weir::test;

TEST_CASE("URLs of admin listeners are understood, others are refused with the reason") {
  CHECK(parse_url("http://127.0.0.1:7000")->authority() == "127.0.0.1:7000");
  CHECK(parse_url("localhost:7000/")->authority() == "localhost:7000");
  CHECK(parse_url("http://box")->authority() == "box:7461");
  CHECK(parse_url("http://[::1]:80")->authority() == "[::1]:80");
  for (const std::string wrong :
       {"", "http://", "https://", "ftp://box", "http://me:pw@box", "http://box/path", "http://box:0",
        "http://box:99999", "http://box:", "http://[::1", "http://a b", "http://a\r\nX: y"})
    CHECK(!parse_url(wrong));
  CHECK(parse_url("https://box")->url() == "https://box:7461");
  CHECK(parse_url("box")->url() == "http://box:7461");
}

TEST_CASE("a token is the first line of its file, and fit for a header") {
  const temporary_folder work;
  CHECK(*read_token(work.write("good", " secret-1 \r\nmore\n").string()) == "secret-1");
  CHECK(!read_token(work.write("empty", "\n").string()));
  CHECK(!read_token(work.write("two", "two words\n").string()));
  CHECK(!read_token((work / "none").string()));
}

TEST_CASE("the client reads workflow and events, posts, and sends its token") {
  canned_server server;
  server.answer("GET /api/v1/workflow", workflow_json("running", 12));
  server.answer("GET /api/v1/events", events_json("gone"));
  server.answer("POST /api/v1/pause", R"({"state":"paused"})", 202);
  client c{*parse_url(server.url()), "secret"};
  REQUIRE(c.workflow());
  CHECK(c.workflow()->records_per_s == 12);
  REQUIRE(c.events());
  CHECK(c.events()->size() == 1);
  CHECK(c.act("pause"));
  const std::string last = server.requests().back();
  CHECK_THAT(last, Catch::StartsWith("POST /api/v1/pause HTTP/1.1\r\n"));
  CHECK_THAT(last, Catch::Contains("Authorization: Bearer secret\r\n"));
  CHECK_THAT(last, Catch::Contains("Host: " + server.url().substr(7) + "\r\n"));
  CHECK_THAT(last, !Catch::Contains("Origin:"));
}

TEST_CASE("over https only who proves to be that host is believed, and given the token") {
  const weir_tests::certificates made;
  weir::http_options options;
  options.tls = made.issue("a");
  options.access.token = "secret";
  weir::http_server server{options};
  server.route("GET", "/api/v1/workflow", [](const weir::http_request&) {
    weir::http_response answer;
    answer.body = workflow_json("running", 12);
    return answer;
  });
  REQUIRE(server.start());
  const auto port = std::to_string(server.port());
  const auto asked = [&](const std::string& host, const trust& believed) {
    return client{*parse_url(host + port), "secret", *client_context(believed)}.workflow();
  };
  const trust ca{.ca = made.ca().string()};
  const auto seen = asked("https://127.0.0.1:", ca);
  REQUIRE(seen);
  CHECK(seen->records_per_s == 12);
  CHECK(asked("https://localhost:", ca));
  CHECK(asked("https://127.0.0.1:", {.insecure = true}));

  const auto stranger = asked("https://127.0.0.1:", {});
  REQUIRE_FALSE(stranger);
  CHECK_THAT(stranger.error().message(), Catch::Contains("not to be trusted") && Catch::Contains("--ca"));
  const weir_tests::certificates others;
  CHECK_FALSE(asked("https://127.0.0.1:", {.ca = others.ca().string()}));
  const auto plain = asked("http://127.0.0.1:", {});
  REQUIRE_FALSE(plain);
  CHECK_THAT(plain.error().message(), Catch::Contains("https"));
}

TEST_CASE("a certificate for another host is not believed") {
  const weir_tests::certificates made;
  weir::http_options options;
  options.access.host = "::1";
  options.tls = made.issue("a"); // 127.0.0.1 and localhost
  weir::http_server server{options};
  REQUIRE(server.start());
  client c{*parse_url("https://[::1]:" + std::to_string(server.port())), "",
           *client_context({.ca = made.ca().string()})};
  const auto seen = c.workflow();
  REQUIRE_FALSE(seen);
  CHECK_THAT(seen.error().message(), Catch::Contains("IP address mismatch"));
}

TEST_CASE("https to what speaks no TLS, and a --ca without a certificate, are told") {
  weir::http_server server{{}};
  REQUIRE(server.start());
  client c{*parse_url("https://127.0.0.1:" + std::to_string(server.port())), "", *client_context({})};
  const auto seen = c.workflow();
  REQUIRE_FALSE(seen);
  CHECK_THAT(seen.error().message(), Catch::Contains("http://"));
  const temporary_folder work;
  CHECK_THAT(client_context({.ca = work.write("x.pem", "nothing").string()}).error().message(),
             Catch::Contains("x.pem") && Catch::Contains("--ca"));
  CHECK_FALSE(client_context({.ca = (work / "none.pem").string()}));
}

TEST_CASE("what goes wrong is said with what to do") {
  canned_server server;
  client c{*parse_url(server.url())};
  const auto why = [&c] { return c.workflow().error().message(); };
  CHECK_THAT(why(), Catch::Contains("404"));
  server.answer("GET /api/v1/workflow", R"({"error":"no token\u001b[2J"})", 401);
  CHECK_THAT(why(), Catch::Contains("no token?[2J") && Catch::Contains("--token-file"));
  server.answer("GET /api/v1/workflow", "", 500);
  CHECK_THAT(why(), Catch::Contains("status 500"));
  server.answer("GET /api/v1/workflow", "<html>hello");
  CHECK_THAT(why(), Catch::Contains("no JSON"));
  server.answer("GET /api/v1/workflow", "garbage\r\n\r\n", 200, "SSH-2.0-OpenSSH\r\n");
  CHECK_THAT(why(), Catch::Contains("no HTTP"));
  server.answer("GET /api/v1/workflow", "{", 200, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
  CHECK_THAT(why(), Catch::Contains("connection ended"));
  server.answer("GET /api/v1/workflow", "", 200, "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n");
  CHECK_THAT(why(), Catch::Contains("8 MiB"));
  server.stop();
  CHECK_THAT(why(), Catch::Contains("connection refused") && Catch::Contains("--admin 127.0.0.1:"));
}

TEST_CASE("a call to a server that never answers is cancelled at once") {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* address = reinterpret_cast<sockaddr*>(&at);
  REQUIRE(::bind(listener, address, size) == 0);
  REQUIRE(::listen(listener, 4) == 0);
  REQUIRE(::getsockname(listener, address, &size) == 0);
  client c{{"127.0.0.1", std::to_string(ntohs(at.sin_port))}};
  const auto from = std::chrono::steady_clock::now();
  int accepted = -1;
  std::thread canceller{[&] {
    accepted = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    c.cancel();
  }};
  const auto answer = c.workflow();
  canceller.join();
  CHECK(!answer);
  CHECK(std::chrono::steady_clock::now() - from < std::chrono::seconds{4});
  ::close(accepted);
  ::close(listener);
}
