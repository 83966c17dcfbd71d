#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/await.hpp>
#include <tests/support/catch.hpp>
#include <weir/observe/http_server.hpp>

#include <chrono>
#include <memory>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;
using namespace weir_tests;

namespace {

http_response text(std::string body) { return {200, "text/plain", std::move(body), {}, {}}; }

std::unique_ptr<http_server> serve(http_options options = {}) {
  auto server = std::make_unique<http_server>(std::move(options));
  server->route("GET", "/ping", [](const http_request&) { return text("ok"); }, http_access::open);
  server->route("GET", "/echo/{word}", [](const http_request& request) {
    return text(std::string{request.parameter("word")} + request.query_value("more").value_or(""));
  });
  server->route("POST", "/upper", [](const http_request& request) { return text(request.body + "!"); });
  server->route("GET", "/throws",
                [](const http_request&) -> http_response { throw std::runtime_error{"broken"}; });
  return server;
}

} // namespace

TEST_CASE("a request is answered, with the security headers") {
  const auto server = serve();
  REQUIRE(server->start());
  REQUIRE(server->port() != 0);
  const auto response = ask(server->port(), "GET", "/echo/a%20b?more=c");
  CHECK(status_of(response) == 200);
  CHECK(body_of(response) == "a bc");
  CHECK_THAT(response, Catch::Contains("Content-Security-Policy: default-src 'none'; script-src 'self'"));
  CHECK_THAT(response, Catch::Contains("X-Content-Type-Options: nosniff"));
  CHECK_THAT(response, Catch::Contains("Referrer-Policy: no-referrer"));
  CHECK_THAT(response, Catch::Contains("Cache-Control: no-store"));
  CHECK(body_of(ask(server->port(), "POST", "/upper", "", "body")) == "body!");
  CHECK(body_of(ask(server->port(), "POST", "/upper",
                    "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n")) == "body!");
}

TEST_CASE("a connection serves several requests, also sent at once") {
  const auto server = serve();
  REQUIRE(server->start());
  test_client client{server->port()};
  client.send(
      "GET /echo/1 HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /echo/2 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n1HTTP/1.1 200 OK"));
  client.send("GET /echo/3 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK_THAT(client.read_to_end(), Catch::EndsWith("\r\n\r\n3"));
}

TEST_CASE("what is wrong with a request is said") {
  const auto server = serve();
  REQUIRE(server->start());
  const auto missing = ask(server->port(), "GET", "/nothing");
  CHECK(status_of(missing) == 404);
  CHECK_THAT(missing, Catch::Contains("POST /upper"));
  const auto method = ask(server->port(), "POST", "/ping");
  CHECK(status_of(method) == 405);
  CHECK_THAT(method, Catch::Contains("Allow: GET, HEAD\r\n"));
  CHECK(status_of(ask(server->port(), "DELETE", "/upper")) == 405);
  const auto thrown = ask(server->port(), "GET", "/throws");
  CHECK(status_of(thrown) == 500);
  CHECK_THAT(thrown, Catch::Contains("{\"error\":\"broken\"}"));
  CHECK(status_of(ask(server->port(), "GET", "http://localhost/ping")) == 400);
  CHECK(status_of(ask(server->port(), "GET", "/ping", "Host: evil.example\r\n")) == 400);
  test_client garbage{server->port()};
  garbage.send("\x16\x03\x01 what is this\r\n\r\n");
  CHECK(status_of(garbage.read_to_end()) == 400);
}

TEST_CASE("a page of another site reaches nothing through a name bound anew to loopback") {
  const auto server = serve();
  REQUIRE(server->start());
  CHECK(status_of(ask(server->port(), "GET", "/ping", "", "", "evil.example")) == 421);
  CHECK(status_of(ask(server->port(), "POST", "/upper", "Origin: http://evil.example\r\n", "x")) == 403);
  CHECK(status_of(ask(server->port(), "POST", "/upper", "Origin: http://localhost\r\n", "x")) == 200);
}

TEST_CASE("a token guards all but what is open") {
  http_options options;
  options.access.token = "s3cret";
  const auto server = serve(options);
  REQUIRE(server->start());
  CHECK(status_of(ask(server->port(), "GET", "/ping")) == 200);
  const auto without = ask(server->port(), "GET", "/echo/x");
  CHECK(status_of(without) == 401);
  CHECK_THAT(without, Catch::Contains("WWW-Authenticate: Bearer"));
  CHECK(status_of(ask(server->port(), "GET", "/no-such-path")) == 401);
  CHECK(status_of(ask(server->port(), "GET", "/echo/x", "Authorization: Bearer s3cret\r\n")) == 200);
}

TEST_CASE("a start that cannot be says why") {
  http_options outside;
  outside.access.host = "0.0.0.0";
  CHECK_FALSE(serve(outside)->start());
  http_options nonsense;
  nonsense.access = {.host = "no such host", .token = "t", .insecure = true};
  const auto bad = serve(nonsense)->start();
  REQUIRE_FALSE(bad);
  CHECK_THAT(bad.error().message(), Catch::Contains("no such host"));

  const auto first = serve();
  REQUIRE(first->start());
  CHECK_FALSE(first->start());
  http_options taken;
  taken.port = first->port();
  const auto second = serve(taken)->start();
  REQUIRE_FALSE(second);
  CHECK_THAT(second.error().message(), Catch::Contains("in use") && Catch::Contains("another port"));
}

TEST_CASE("a header or a body that is too large is refused") {
  const auto server = serve();
  REQUIRE(server->start());
  const std::string long_value(20'000, 'x');
  CHECK(status_of(ask(server->port(), "GET", "/ping", "X: " + long_value + "\r\n")) == 431);
  const std::string large(1'100'000, 'x');
  CHECK(status_of(ask(server->port(), "POST", "/upper", "", large)) == 413);
  const std::string fits(1'000'000, 'x');
  CHECK(body_of(ask(server->port(), "POST", "/upper", "", fits)).size() == fits.size() + 1);
}

TEST_CASE("a client that sends its request drop by drop is closed") {
  http_options options;
  options.limits.request_time = 100ms;
  const auto server = serve(options);
  REQUIRE(server->start());
  test_client silent{server->port()};
  test_client slow{server->port()};
  slow.send("GET /ping HTTP/1.1\r\nHost: localhost\r\n");
  while (slow.send("X") && slow.connected())
    std::this_thread::yield();
  CHECK_FALSE(slow.send("X"));
  CHECK(silent.read_to_end().empty());
}

TEST_CASE("a connection without requests is closed in the end") {
  http_options options;
  options.limits.idle_time = 50ms;
  const auto server = serve(options);
  REQUIRE(server->start());
  test_client client{server->port()};
  client.send("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(status_of(client.read_to_end()) == 200);
}

TEST_CASE("one connection too many gets 503; when another ends there is room") {
  http_options options;
  options.limits.connections = 2;
  const auto server = serve(options);
  REQUIRE(server->start());
  const std::string request = "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n";
  test_client first{server->port()};
  first.send(request);
  REQUIRE(first.read_until("ok"));
  {
    test_client second{server->port()};
    second.send(request);
    REQUIRE(second.read_until("ok"));
    CHECK(status_of(ask(server->port(), "GET", "/ping")) == 503);
  }
  await([&] { return status_of(ask(server->port(), "GET", "/ping")) == 200; }, "room for a connection");
}

TEST_CASE("a stream is asked again and again until it ends or its client does") {
  http_options options;
  options.limits.tick = 1ms;
  auto server = serve(options);
  auto alive = std::make_shared<int>(0);
  server->route("GET", "/count", [alive](const http_request&) {
    http_response answer = text("start\n");
    answer.stream = [n = 0, alive]() mutable -> std::optional<std::string> {
      return ++n < 4 ? std::optional{std::to_string(n) + "\n"} : std::nullopt;
    };
    return answer;
  });
  server->route("GET", "/forever", [alive](const http_request&) {
    http_response answer = text("");
    answer.stream = [alive]() -> std::optional<std::string> { return "more\n"; };
    return answer;
  });
  const long before = alive.use_count();
  REQUIRE(server->start());
  CHECK(body_of(ask(server->port(), "GET", "/count")) == "start\n1\n2\n3\n");
  {
    test_client client{server->port()};
    client.send("GET /forever HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(client.read_until("more\nmore\nmore\n"));
    CHECK(alive.use_count() > before);
  }
  await([&] { return alive.use_count() <= before; }, "a stream goes with its client");
  CHECK(body_of(ask(server->port(), "HEAD", "/forever")).empty());
}

TEST_CASE("a client that does not read its stream is closed") {
  http_options options;
  options.limits.tick = 1ms;
  options.limits.waiting_bytes = 100'000;
  auto server = serve(options);
  auto alive = std::make_shared<int>(0);
  server->route("GET", "/flood", [alive](const http_request&) {
    http_response answer = text("");
    answer.stream = [alive]() -> std::optional<std::string> { return std::string(50'000, 'x'); };
    return answer;
  });
  const long before = alive.use_count();
  REQUIRE(server->start());
  test_client client{server->port(), 4'096};
  client.send("GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n");
  REQUIRE(client.read_until("x"));
  await([&] { return alive.use_count() <= before; }, "the slow client is closed");
  CHECK(client.read_to_end().size() < 50'000'000);
}

TEST_CASE("random bytes do not stop the listener") {
  const auto server = serve();
  REQUIRE(server->start());
  std::mt19937 random{7};
  const std::string valid = "POST /upper?x=%41 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                            "Connection: close\r\n\r\n4\r\nbody\r\n0\r\n\r\n";
  int answered = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes;
    if (i % 2 == 0) {
      bytes.resize(random() % 200);
      for (char& c : bytes)
        c = static_cast<char>(random());
    } else {
      bytes = valid;
      for (unsigned n = random() % 4 + 1; n > 0; --n)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      if (random() % 4 == 0)
        bytes.resize(random() % bytes.size());
    }
    test_client client{server->port()};
    client.send(bytes);
    client.end_of_requests();
    answered += client.read_to_end().empty() ? 0 : 1;
  }
  CHECK(answered > 1'000);
  CHECK(status_of(ask(server->port(), "GET", "/ping")) == 200);
}

TEST_CASE("stop returns at once, whatever connections there are") {
  http_options options;
  options.limits.tick = 1ms;
  auto server = serve(options);
  server->route("GET", "/forever", [](const http_request&) {
    http_response answer = text("");
    answer.stream = []() -> std::optional<std::string> { return "more\n"; };
    return answer;
  });
  REQUIRE(server->start());
  std::vector<std::unique_ptr<test_client>> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<test_client>(server->port()));
    clients.back()->send(i % 3 == 0   ? "GET /forever HTTP/1.1\r\nHost: localhost\r\n\r\n"
                         : i % 3 == 1 ? "GET /pi"
                                      : "");
  }
  REQUIRE(clients[27]->read_until("more\n"));
  const auto begin = std::chrono::steady_clock::now();
  server->stop();
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  for (const auto& client : clients)
    client->read_to_end();
  server->stop();
  CHECK_FALSE(test_client{server->port()}.connected());
}
