// The admin listener of a real run: what a page, a terminal and Prometheus see of it, and what can be asked.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/catch.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace weir::test;
using weir_tests::ask;
using weir_tests::body_of;
using weir_tests::status_of;
using namespace std::chrono_literals;

namespace {

std::uint16_t free_port() {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(s, reinterpret_cast<const sockaddr*>(&at), size) == 0);
  REQUIRE(::getsockname(s, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  ::close(s);
  return ntohs(at.sin_port);
}

boost::json::object workflow_at(std::uint16_t port) {
  return boost::json::parse(body_of(ask(port, "GET", "/api/v1/workflow"))).as_object();
}

/// Asks until `is_so` of the workflow, a minute at most.
template <class IsSo>
bool becomes(std::uint16_t port, IsSo is_so) {
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (!is_so(workflow_at(port))) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::sleep_for(50ms); // the listener looks at the run once a second
  }
  return true;
}

auto has_stored(std::int64_t rows) {
  return [rows](const boost::json::object& workflow) {
    for (const auto& n : workflow.at("nodes").as_array())
      if (n.at("id") == "store")
        return n.at("delivered").to_number<std::int64_t>() == rows;
    return false;
  };
}

} // namespace

TEST_CASE("page, terminal and metrics show the same run, which can be paused, resumed and drained") {
  const temporary_folder work;
  const auto port = free_port();
  const auto address = "127.0.0.1:" + std::to_string(port);
  process run{review_stream(),
              {"run", "--input", "-", "--follow", "--output", "a.db", "--admin", address},
              {.folder = work.path(), .input = process_options::stream::piped}};
  REQUIRE(run.says("watch it: http://" + address + "/"));
  CHECK(run.write(rows(0, 200)));
  REQUIRE(becomes(port, has_stored(200)));
  CHECK(status_of(ask(port, "GET", "/ready")) == 200);
  CHECK(workflow_at(port).at("state") == "running");
  CHECK_THAT(body_of(ask(port, "GET", "/metrics")),
             Catch::Contains("weir_records_received_total{workflow=\"review-stream\",node=\"reviews\"} 200"));
  CHECK(status_of(ask(port, "GET", "/")) == 200);
  const finished top =
      run_program(std::filesystem::path{WEIR_BIN_DIR "/weir"}, {"top", "--once", "http://" + address});
  CHECK(top.exit == 0);
  CHECK_THAT(top.out, Catch::Contains("weir review-stream: running"));
  CHECK_THAT(top.out, Catch::Contains("store"));

  CHECK(status_of(ask(port, "POST", "/api/v1/pause")) == 202);
  CHECK(becomes(port, [](const auto& w) { return w.at("state") == "paused"; }));
  CHECK(run.write(rows(200, 250)));
  CHECK(has_stored(200)(workflow_at(port)));
  CHECK(status_of(ask(port, "POST", "/api/v1/resume")) == 202);
  CHECK(becomes(port, has_stored(250)));

  CHECK(status_of(ask(port, "POST", "/api/v1/drain", "Origin: http://elsewhere.example\r\n")) == 403);
  CHECK(status_of(ask(port, "GET", "/metrics", "", "", "elsewhere.example")) == 421);
  CHECK(status_of(ask(port, "POST", "/api/v1/drain")) == 202);
  const finished end = run.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK_THAT(end.err, Catch::Contains("draining: asked over the admin listener"));
  CHECK(stored(work / "a.db") == 250);
}

TEST_CASE("an admin address that cannot be listened on is refused before anything is read") {
  const temporary_folder work;
  work.write("in.jsonl", rows(0, 5));
  const auto refused = [&](const std::string& address) {
    return run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db", "--admin", address});
  };
  const finished outside = refused("0.0.0.0:0");
  CHECK(outside.exit == 2);
  CHECK_THAT(outside.err, Catch::Contains("error: ") && Catch::Contains("--admin"));
  CHECK(refused("nonsense:port").exit == 2);
  CHECK_FALSE(std::filesystem::exists(work / "dead-letters.jsonl"));
  CHECK(refused("off").exit == 0);
}
