// The admin listener of a real run: what a page, a terminal and Prometheus see of it, and what can be asked.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/end_to_end/support/watched_run.hpp>
#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/framework/weir/observe/support/tls_client.hpp>
#include <tests/support/catch.hpp>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

using namespace weir::test;
using weir_tests::ask;
using weir_tests::body_of;
using weir_tests::status_of;

namespace {

auto has_stored(int rows) {
  return [rows](const boost::json::object& workflow) {
    return figure_of(workflow, "store", "delivered") == rows;
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
  const std::string top = top_once(port);
  CHECK_THAT(top, Catch::Contains("weir review-stream: running"));
  CHECK_THAT(top, Catch::Contains("store"));

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

TEST_CASE("a run serves its figures over https, and reads a renewed certificate on SIGHUP") {
  const temporary_folder work;
  const weir_tests::certificates made;
  const auto files = made.issue("admin");
  const auto port = free_port();
  const auto address = "127.0.0.1:" + std::to_string(port);
  process run{review_stream(),
              {"run", "--input", "-", "--follow", "--output", "a.db", "--admin", address, "--admin-tls-cert",
               files.certificate.string(), "--admin-tls-key", files.key.string()},
              {.folder = work.path(), .input = process_options::stream::piped}};
  REQUIRE(run.says("watch it: https://" + address + "/"));
  const auto top = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> all{"top", "--once", "https://" + address};
    all.insert(all.end(), flags.begin(), flags.end());
    return run_program(WEIR_BIN_DIR "/weir", all);
  };
  const finished seen = top({"--ca", made.ca().string()});
  INFO(seen.err);
  CHECK(seen.exit == 0);
  CHECK_THAT(seen.out, Catch::Contains("weir review-stream: running"));
  const finished stranger = top({});
  CHECK(stranger.exit == 1);
  CHECK_THAT(stranger.err, Catch::Contains("--ca"));
  CHECK(status_of(ask(port, "GET", "/ping")) == 400);

  made.issue("admin");
  run.send_signal(SIGHUP);
  CHECK(run.says("SIGHUP: admin.pem: read again\n"));
  CHECK(weir_tests::tls_client(port, made.ca()).shown() == read_file(files.certificate));
  made.folder().write("admin.key", "broken");
  run.send_signal(SIGHUP);
  CHECK(run.says("SIGHUP: admin.pem: stays as it was: "));
  CHECK(weir_tests::tls_client(port, made.ca()).shown() == read_file(files.certificate));
  run.send_signal(SIGTERM);
  CHECK(run.wait().exit == 0);
}

TEST_CASE("certificates and endpoints that cannot work are refused before anything is read or made") {
  const temporary_folder work;
  const weir_tests::certificates made;
  const auto files = made.issue("admin");
  work.write("in.jsonl", rows(0, 5));
  const auto refused = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> all{"--input", "in.jsonl", "--output", "a.db", "--admin", "127.0.0.1:0"};
    all.insert(all.end(), flags.begin(), flags.end());
    return run_reviews(work.path(), all);
  };
  const finished alone = refused({"--admin-tls-cert", files.certificate.string()});
  CHECK(alone.exit == 2);
  CHECK_THAT(alone.err, Catch::Contains("--admin-tls-key"));
  const finished other = refused(
      {"--admin-tls-cert", files.certificate.string(), "--admin-tls-key", made.issue("other").key.string()});
  CHECK(other.exit == 2);
  CHECK_THAT(other.err, Catch::Contains("other.key") && Catch::Contains("made together"));
  const finished nowhere = refused({"--trace-endpoint", "nonsense"});
  CHECK(nowhere.exit == 2);
  CHECK_THAT(nowhere.err, Catch::Contains("--trace-endpoint"));
  CHECK_FALSE(std::filesystem::exists(work / "a.db"));
  CHECK_FALSE(std::filesystem::exists(work / "dead-letters.jsonl"));
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
