// A real Prometheus server scrapes a real run: what it knows is what /metrics says.

#include <tests/end_to_end/support/prometheus.hpp>
#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/end_to_end/support/watched_run.hpp>
#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/catch.hpp>

#include <csignal>
#include <sstream>
#include <string>

using namespace weir::test;
using weir_tests::ask;
using weir_tests::body_of;

TEST_CASE("a Prometheus server that scrapes review-stream knows every series of /metrics") {
  if (!prometheus_is_there())
    return;
  const temporary_folder work;
  const auto port = free_port();
  process run{
      review_stream(),
      {"run", "--input", "-", "--follow", "--output", "a.db", "--admin", "127.0.0.1:" + std::to_string(port)},
      {.folder = work.path(), .input = process_options::stream::piped}};
  REQUIRE(run.says("watch it: "));
  const prometheus_server prometheus{work.path(), port};
  CHECK(run.write(rows(0, 200) + "not a review\n"));
  REQUIRE(in_time([&] {
    return prometheus.value(R"(weir_records_delivered_total{node="store"})") == 200.0 &&
           prometheus.value(R"(sum(weir_dead_letters_total))") == 1.0;
  }));
  CHECK(prometheus.value("up") == 1.0);

  const std::string metrics = body_of(ask(port, "GET", "/metrics"));
  const finished checked = check_metrics(metrics);
  INFO(checked.out << checked.err);
  CHECK(checked.exit == 0);
  CHECK(checked.err.empty());

  // The run has nothing to do now, so what counts stands still. The text of a series is its own query.
  std::size_t series = 0;
  std::istringstream lines{metrics};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#')
      continue;
    ++series;
    const auto end = line.rfind(' ');
    const std::string name = line.substr(0, end);
    INFO(line);
    const auto known = prometheus.value(name);
    REQUIRE(known);
    if (name.find("_total{") != std::string::npos || name.find("_count{") != std::string::npos)
      CHECK(*known == std::stod(line.substr(end + 1)));
  }
  CHECK(series > 100);

  run.close_input();
  run.send_signal(SIGTERM);
  CHECK(run.wait().exit == 0);
}
