#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/catch.hpp>
#include <weir/base/event_log.hpp>
#include <weir/observe/admin.hpp>

#include <memory>

using namespace weir;
using namespace std::chrono_literals;
using namespace weir_tests;

namespace {

struct fake_run {
  event_log log;
  bool is_ready = false;
  int drains = 0;

  void tell(std::string cause) {
    event one;
    one.cause = std::move(cause);
    log.add(std::move(one));
  }
};

admin_target target_of(const std::shared_ptr<fake_run>& run) {
  admin_target target;
  target.workflow_json = [] { return std::string{"{\"workflow\":\"w\"}"}; };
  target.history_json = [] { return std::string{"{\"step_s\":1,\"points\":[]}"}; };
  target.events_json = [](std::uint64_t after) { return "{\"after\":" + std::to_string(after) + "}"; };
  target.event_stream = [run](std::uint64_t after) {
    std::string text;
    for (const event& one : run->log.since(after)) {
      text += server_sent_event(std::to_string(one.number), "log", one.cause);
      after = one.number;
    }
    return std::pair{text, after};
  };
  target.metrics_text = [] { return std::string{"weir_build_info 1\n"}; };
  target.dead_letters_json = [] { return std::string{"{\"dead_letters\":[]}"}; };
  target.ready = [run] {
    return run->is_ready ? readiness{true, {}} : readiness{false, {"store is not connected"}};
  };
  target.drain = [run]() -> result<> {
    ++run->drains;
    return {};
  };
  target.pause = []() -> result<> { return permanent("it has ended", "w", "start it again"); };
  target.resume = []() -> result<> { return {}; };
  return target;
}

admin_options quick() {
  admin_options options;
  options.version = "1.2.3";
  options.http.limits.tick = 1ms;
  return options;
}

} // namespace

TEST_CASE("every path of the API answers") {
  const auto run = std::make_shared<fake_run>();
  admin listener{quick(), target_of(run)};
  REQUIRE(listener.start());
  const auto get = [&](const char* path) { return ask(listener.port(), "GET", path); };
  CHECK(listener.url() == "http://127.0.0.1:" + std::to_string(listener.port()) + "/");
  CHECK(status_of(get("/ping")) == 200);
  CHECK(body_of(get("/version")) == "{\"version\":\"1.2.3\"}");
  CHECK(body_of(get("/api/v1/workflow")) == "{\"workflow\":\"w\"}");
  CHECK(body_of(get("/api/v1/history")) == "{\"step_s\":1,\"points\":[]}");
  CHECK(body_of(get("/api/v1/dead-letters")) == "{\"dead_letters\":[]}");
  CHECK_THAT(get("/metrics"),
             Catch::Contains("text/plain; version=0.0.4") && Catch::Contains("weir_build_info"));
  CHECK(body_of(get("/api/v1/events")) == "{\"after\":0}");
  CHECK(body_of(get("/api/v1/events?after=7")) == "{\"after\":7}");
  CHECK(status_of(get("/api/v1/events?after=-7")) == 400);
  const auto missing = get("/api/v2");
  CHECK(status_of(missing) == 404);
  CHECK_THAT(missing, Catch::Contains("/api/v1/workflow"));
}

TEST_CASE("ready is 503 with the reasons until all is connected") {
  const auto run = std::make_shared<fake_run>();
  for (const bool is_ready : {false, true}) {
    run->is_ready = is_ready;
    admin listener{quick(), target_of(run)};
    REQUIRE(listener.start());
    const auto response = ask(listener.port(), "GET", "/ready");
    CHECK(status_of(response) == (is_ready ? 200 : 503));
    CHECK_THAT(response, Catch::Contains(is_ready ? "\"ready\":true" : "store is not connected"));
  }
}

TEST_CASE("drain, pause and resume are orders: POST, 202, or 409 with the reason") {
  const auto run = std::make_shared<fake_run>();
  admin listener{quick(), target_of(run)};
  REQUIRE(listener.start());
  const auto port = listener.port();
  const auto drained = ask(port, "POST", "/api/v1/drain");
  CHECK(status_of(drained) == 202);
  CHECK(body_of(drained) == "{\"state\":\"draining\"}");
  CHECK(body_of(ask(port, "POST", "/api/v1/resume")) == "{\"state\":\"running\"}");
  const auto refused = ask(port, "POST", "/api/v1/pause");
  CHECK(status_of(refused) == 409);
  CHECK(body_of(refused) == "{\"error\":\"it has ended (w): start it again\"}\n");
  const auto method = ask(port, "GET", "/api/v1/drain");
  CHECK(status_of(method) == 405);
  CHECK_THAT(method, Catch::Contains("Allow: POST"));
  CHECK(status_of(ask(port, "POST", "/api/v1/drain", "Origin: http://evil.example\r\n")) == 403);
  listener.stop();
  CHECK(run->drains == 1);
}

TEST_CASE("events are streamed, from the last one seen, with the workflow between them") {
  const auto run = std::make_shared<fake_run>();
  for (const char* cause : {"one", "two", "three"})
    run->tell(cause);
  admin listener{quick(), target_of(run)};
  REQUIRE(listener.start());
  test_client client{listener.port()};
  client.send("GET /api/v1/events?after=1 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
              "Last-Event-ID: 2\r\n\r\n");
  REQUIRE(client.read_until("event: workflow\ndata: {\"workflow\":\"w\"}\n\n"));
  CHECK_THAT(client.received(), Catch::Contains("Content-Type: text/event-stream"));
  CHECK_THAT(client.received(), Catch::Contains("id: 3\nevent: log\ndata: three\n\n"));
  CHECK_THAT(client.received(), !Catch::Contains("data: two"));
  run->tell("four");
  CHECK(client.read_until("id: 4\nevent: log\ndata: four\n\n"));
  listener.stop();
  client.read_to_end();
  CHECK(client.closed());
}

TEST_CASE("without a page the front page says how to get one; what is not there is not offered") {
  admin listener{quick(), {}};
  REQUIRE(listener.start());
  const auto page = ask(listener.port(), "GET", "/");
  CHECK(status_of(page) == 200);
  CHECK_THAT(page, Catch::Contains("Node.js") && Catch::Contains("GET /ping"));
  CHECK_THAT(page, !Catch::Contains("/api/v1/drain"));
  CHECK(status_of(ask(listener.port(), "POST", "/api/v1/drain")) == 404);
}

TEST_CASE("the page and its files need no token, the API does") {
  auto options = quick();
  options.http.access.token = "s3cret";
  options.assets = {{"/", "text/html; charset=utf-8", "<p>page</p>"},
                    {"/app.js", "text/javascript", "zipped", true}};
  const auto run = std::make_shared<fake_run>();
  admin listener{options, target_of(run)};
  REQUIRE(listener.start());
  const auto port = listener.port();
  CHECK(body_of(ask(port, "GET", "/")) == "<p>page</p>");
  const auto script = ask(port, "GET", "/app.js");
  CHECK_THAT(script, Catch::Contains("Content-Encoding: gzip") && Catch::Contains("Cache-Control: no-cache"));
  CHECK(status_of(ask(port, "GET", "/ping")) == 200);
  CHECK(status_of(ask(port, "GET", "/ready")) == 503);
  for (const char* path : {"/version", "/metrics", "/api/v1/workflow", "/api/v1/history", "/api/v1/events",
                           "/api/v1/dead-letters"}) {
    CHECK(status_of(ask(port, "GET", path)) == 401);
    CHECK(status_of(ask(port, "GET", path, "Authorization: Bearer s3cret\r\n")) == 200);
  }
  CHECK(status_of(ask(port, "POST", "/api/v1/drain")) == 401);
}
