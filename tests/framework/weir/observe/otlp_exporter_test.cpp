#include <weir/observe/otlp_exporter.hpp>

#include <tests/framework/weir/observe/support/collector.hpp>
#include <tests/support/await.hpp>
#include <tests/support/catch.hpp>

#include <chrono>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace weir;
using weir_tests::await;
using weir_tests::collector;

namespace {

span sample(std::uint64_t id) {
  span s;
  s.trace = {0x0af7651916cd43ddULL, 0x8448eb211c80319cULL};
  s.id = id;
  s.node = "analyze";
  s.start = std::chrono::system_clock::time_point{1s};
  s.end = s.start + 5ms;
  s.queued = 2ms;
  s.processing = 3ms;
  s.worker = 1;
  return s;
}

exporter_options quick() {
  exporter_options o;
  o.linger = 1ms;
  o.first_backoff = 1ms;
  o.most_backoff = 5ms;
  return o;
}

/// Accepts connections into its backlog and never says a word.
class silent_server {
 public:
  silent_server() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&a), sizeof a);
    ::listen(descriptor_, 16);
    socklen_t size = sizeof a;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&a), &size);
    port_ = ntohs(a.sin_port);
  }
  ~silent_server() { close(); }
  silent_server(const silent_server&) = delete;
  silent_server& operator=(const silent_server&) = delete;
  void close() {
    if (descriptor_ >= 0)
      ::close(std::exchange(descriptor_, -1));
  }
  http_endpoint endpoint() const {
    return *http_endpoint::parse("http://127.0.0.1:" + std::to_string(port_));
  }

 private:
  int descriptor_;
  int port_ = 0;
};

} // namespace

TEST_CASE("an exporter posts spans as OTLP JSON") {
  collector there;
  REQUIRE(there.start());
  otlp_exporter to{*http_endpoint::parse(there.url() + "/"), quick()};
  for (std::uint64_t id = 1; id <= 3; ++id)
    to.add(sample(id));
  to.close();
  const auto got = there.spans();
  REQUIRE(got.size() == 3);
  CHECK(there.content_type() == "application/json");
  CHECK(got[0].trace == "0af7651916cd43dd8448eb211c80319c");
  CHECK(got[0].id == "0000000000000001");
  CHECK(got[0].start == 1'000'000'000);
  CHECK(got[0].end == 1'005'000'000);
  CHECK(got[0].number("weir.queued_ns") == 2'000'000);
  CHECK(got[0].number("weir.processing_ns") == 3'000'000);
  CHECK(got[0].number("weir.worker") == 1);
  CHECK(to.figures().exported == 3);
  CHECK(to.figures().dropped == 0);
}

TEST_CASE("a collector that is overloaded is asked again, and gets each span once") {
  collector there;
  REQUIRE(there.start());
  there.refuse(GENERATE(429U, 503U), 3);
  otlp_exporter to{*http_endpoint::parse(there.url()), quick()};
  to.add(sample(7));
  await([&] { return to.figures().exported == 1; }, "the span to arrive");
  CHECK(there.spans().size() == 1);
  CHECK(there.requests() == 4);
  CHECK(to.figures().failures == 3);
}

TEST_CASE("what a collector refuses for good is dropped and counted, with the reason") {
  collector there;
  REQUIRE(there.start());
  there.refuse(400, 1);
  otlp_exporter to{*http_endpoint::parse(there.url()), quick()};
  to.add(sample(7));
  await([&] { return to.figures().dropped == 1; }, "the span to be dropped");
  CHECK(there.requests() == 1);
  CHECK(to.figures().last_failure == "the collector answered 400");
  CHECK(exporter_metrics(to.figures()).find("weir_trace_spans_total{result=\"dropped\"} 1\n") !=
        std::string::npos);
}

TEST_CASE("a full queue drops what comes, and never waits") {
  silent_server nobody;
  auto o = quick();
  o.queue = 10;
  o.flush_time = 1ms;
  otlp_exporter to{nobody.endpoint(), o};
  for (std::uint64_t id = 1; id <= 10'000; ++id)
    to.add(sample(id));
  to.close();
  CHECK(to.figures().exported == 0);
  CHECK(to.figures().dropped == 10'000);
}

TEST_CASE("closing waits for a silent collector no longer than it was told") {
  silent_server nobody;
  auto o = quick();
  o.request_time = 10min;
  o.flush_time = 20ms;
  otlp_exporter to{nobody.endpoint(), o};
  to.add(sample(1));
  const auto began = std::chrono::steady_clock::now();
  to.close();
  CHECK(std::chrono::steady_clock::now() - began < 30s); // a hang guard: not the 10 minutes
  CHECK(to.figures().dropped == 1);
  CHECK(to.figures().last_failure.find("no answer in time") != std::string::npos);
}

TEST_CASE("where nothing listens an exporter tries again until it gives up") {
  silent_server gone;
  const auto where = gone.endpoint();
  gone.close();
  auto o = quick();
  o.give_up = 50ms;
  otlp_exporter to{where, o};
  to.add(sample(1));
  await([&] { return to.figures().dropped == 1; }, "the span to be dropped");
  CHECK(to.figures().failures > 1);
}

TEST_CASE("an endpoint's user and password become a header, and are in no error") {
  collector there;
  REQUIRE(there.start());
  const auto port = there.url().substr(std::string{"http://127.0.0.1:"}.size());
  const auto where = http_endpoint::parse("http://Aladdin:open sesame@127.0.0.1:" + port);
  CHECK_FALSE(where); // a space
  const auto right = http_endpoint::parse("http://Aladdin:sesame@127.0.0.1:" + port + "/otel");
  REQUIRE(right);
  CHECK(right->path == "/otel");
  CHECK(right->authorization == "Basic QWxhZGRpbjpzZXNhbWU=");
  const auto wrong = http_endpoint::parse("http://Aladdin:sesame@127.0.0.1:x");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message().find("sesame") == std::string::npos);
}

TEST_CASE("an endpoint that cannot be posted to is refused") {
  for (const char* url : {"", "localhost:4318", "https://host", "http://", "http://:80", "http://h:0",
                          "http://h:99999", "http://h:", "http://[::1", "http://[::1]x", "http://h/a?b"}) {
    INFO(url);
    CHECK_FALSE(http_endpoint::parse(url));
  }
  const auto v6 = http_endpoint::parse("http://[::1]:4318/");
  REQUIRE(v6);
  CHECK(v6->host == "::1");
  CHECK(v6->port == "4318");
  CHECK(v6->path.empty());
}
