#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/await.hpp>
#include <tests/support/catch.hpp>
#include <weir/observe/admin_requests.hpp>
#include <weir/observe/run_observer.hpp>
#include <weir/weir.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

namespace {

struct asked {
  std::vector<std::string> ids;
  std::string node;
  int times = 0;
};

/// What of the letters this request asks for; nothing where it is refused.
std::optional<asked> asks(http_request request) {
  asked what;
  const auto answer = replay_letters(
      [&](const std::vector<std::string>& ids, const std::string& node) -> result<std::string> {
        ++what.times;
        what.ids = ids;
        what.node = node;
        return std::string{"{}"};
      },
      request);
  if (answer.status == 200)
    return what;
  CHECK(answer.status == 400);
  CHECK(what.times == 0);
  return std::nullopt;
}

http_request with_body(std::string body) {
  http_request r;
  r.body = std::move(body);
  return r;
}
http_request with_query(std::string query) {
  http_request r;
  r.query = std::move(query);
  return r;
}

admin_options quick() {
  admin_options options;
  options.http.limits.tick = 1ms;
  return options;
}

/// A run whose node "work" fails what is a multiple of ten, until it is mended.
struct live_run {
  std::shared_ptr<std::atomic<bool>> mended = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::atomic<bool>> over = std::make_shared<std::atomic<bool>>(false);
  engine host{{.threads = 2}};
  running job = host.start(flow());
  run_observer seen{job};
  admin listener{quick(), seen.target()};

  workflow flow() {
    workflow w{"live"};
    w.settings().max_dead_letters.share = 1;
    struct numbers {
      std::shared_ptr<std::atomic<bool>> over;
      int next = 0;
      poll_result poll(emitter<int>& out, std::size_t) {
        if (over->load())
          return poll_result::end();
        if (next == 50)
          return poll_result::idle_for(1ms);
        out(next++);
        return poll_result::more();
      }
    };
    w.from("numbers", numbers{over})
        .map("work",
             [mended = mended](const int& x) -> result<int> {
               if (x % 10 == 0 && !mended->load())
                 return permanent("bad number");
               return x;
             })
        .to("drop", [](const int&) {});
    return w;
  }
  ~live_run() {
    listener.stop();
    over->store(true);
    job.wait();
  }
};

} // namespace

TEST_CASE("all letters, some by id or those of a node can be asked for, in the body or in the query") {
  const auto all = asks({});
  REQUIRE(all);
  CHECK(all->ids.empty());
  CHECK(all->node.empty());
  const auto two = asks(with_body(R"({"ids":["a:1","b:2"]})"));
  REQUIRE(two);
  CHECK(two->ids == std::vector<std::string>{"a:1", "b:2"});
  const auto node = asks(with_body(R"({"node":"parse"})"));
  REQUIRE(node);
  CHECK(node->node == "parse");
  const auto one = asks(with_query("id=a%3A1&node=parse"));
  REQUIRE(one);
  CHECK(one->ids == std::vector<std::string>{"a:1"});
  CHECK(one->node == "parse");
}

TEST_CASE("a request that is not understood replays nothing, rather than all") {
  for (const char* const body : {"[]", "{", "\"a:1\"", R"({"ids":"a:1"})", R"({"ids":[]})", R"({"ids":[1]})",
                                 R"({"id":["a:1"]})", R"({"node":7})", R"({"ids":["a"],"nodes":"x"})"}) {
    INFO(body);
    CHECK_FALSE(asks(with_body(body)));
  }
}

TEST_CASE("a number is digits and nothing else") {
  CHECK(whole_number("0") == 0U);
  CHECK(whole_number("100") == 100U);
  for (const char* const text : {"", "-1", "+1", "1.5", "7x", " 7", "99999999999999999999"})
    CHECK_FALSE(whole_number(text));
}

TEST_CASE("letters are replayed over the listener, and the figures follow") {
  live_run run;
  REQUIRE(run.listener.start());
  const auto port = run.listener.port();
  await([&] { return run.job.dead_letters().size() == 5; }, "five dead letters");
  CHECK(status_of(ask(port, "GET", "/api/v1/dead-letters/replay")) == 405);
  CHECK(status_of(ask(port, "POST", "/api/v1/dead-letters/replay", "Origin: http://elsewhere\r\n")) == 403);
  CHECK(run.job.dead_letters().size() == 5);
  run.mended->store(true);
  const auto one = ask(port, "POST", "/api/v1/dead-letters/replay?id=numbers:10&node=work");
  CHECK(status_of(one) == 200);
  CHECK(body_of(one) == R"({"replayed":["numbers:10"],"refused":[]})");
  const auto again = ask(port, "POST", "/api/v1/dead-letters/replay?id=numbers:10");
  CHECK_THAT(body_of(again), Catch::Contains(R"("replayed":[],"refused":[{"id":"numbers:10","node":"")"));
  CHECK_THAT(body_of(ask(port, "POST", "/api/v1/dead-letters/replay")), Catch::Contains(R"("refused":[])"));
  await([&] { return run.job.figures()[2].delivered == 50; }, "all are delivered");
  CHECK(body_of(ask(port, "GET", "/api/v1/dead-letters")) == R"({"dead_letters":[]})");
  await(
      [&] {
        return ask(port, "GET", "/metrics")
                   .find("weir_dead_letters_replayed_total{workflow=\"live\",node=\"work\"} 5") !=
               std::string::npos;
      },
      "the counter of replays");
  await([&] { return ask(port, "GET", "/api/v1/workflow").find("\"dead_letters\":5") == std::string::npos; },
        "no dead letters in the workflow");
}

TEST_CASE("a tap streams records until its limit, or until the client goes") {
  live_run run;
  REQUIRE(run.listener.start());
  const auto port = run.listener.port();
  CHECK(status_of(ask(port, "GET", "/api/v1/nodes/nobody/tap")) == 404);
  CHECK(status_of(ask(port, "GET", "/api/v1/nodes/work/tap?rate=0")) == 400);
  CHECK(status_of(ask(port, "GET", "/api/v1/nodes/work/tap?rate=101")) == 400);
  CHECK(status_of(ask(port, "GET", "/api/v1/nodes/work/tap?limit=few")) == 400);
  await([&] { return run.job.dead_letters().size() == 5; }, "five dead letters");
  run.mended->store(true);
  test_client looks{port};
  REQUIRE(looks.send("GET /api/v1/nodes/work/tap?rate=100&limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  REQUIRE(looks.read_until("text/event-stream"));
  REQUIRE(looks.read_until("\r\n\r\n"));
  run.job.replay(std::vector<std::string>{"numbers:30"});
  CHECK_THAT(looks.read_to_end(), Catch::Contains(R"("id":"numbers:30","node":"work")") &&
                                      Catch::Contains("event: record\n") &&
                                      Catch::Contains(R"("payload":"30","truncated":false)"));
  CHECK(looks.closed());
  for (std::size_t i = 0; i < 3 * most_taps; ++i) { // those who go leave room for others
    await(
        [&] {
          test_client goes{port};
          return goes.send("GET /api/v1/nodes/drop/tap HTTP/1.1\r\nHost: localhost\r\n\r\n") &&
                 goes.read_until("200 OK");
        },
        "a tap that has room");
  }
}
