// What is wrong with a stream is seen from outside, and page, terminal and Prometheus say the same of it.

#include <tests/end_to_end/support/prometheus.hpp>
#include <tests/end_to_end/support/watched_run.hpp>
#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>
#include <tests/support/temporary_folder.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

using namespace weir::test;
using weir_tests::ask;
using weir_tests::body_of;
using weir_tests::status_of;

namespace {

const std::string program = WEIR_BIN_DIR "/throttled";

bool agree(double a, double b) { return std::abs(a - b) <= 0.02 * std::max(a, b); }

/// "… 400 records/s …": the number before the unit.
double rate_in(const std::string& top) {
  const auto unit = top.find(" records/s");
  if (unit == std::string::npos)
    return -1;
  const auto before = top.find_last_of(" \n", unit - 1);
  return std::strtod(top.c_str() + before + 1, nullptr);
}

} // namespace

TEST_CASE("page, terminal and Prometheus agree on the rate before a throttled sink, and name the sink") {
  const temporary_folder work;
  const auto port = free_port();
  process run{program, {std::to_string(port), "400"}};
  REQUIRE(run.says("watch it"));
  std::optional<prometheus_server> prometheus;
  if (prometheus_is_there())
    prometheus.emplace(work.path(), port);

  double page = 0;
  double terminal = 0;
  double scraped = 0;
  const bool all_agree = in_time([&] {
    page = workflow_at(port).at("rates").at("records_per_s").to_number<double>();
    terminal = rate_in(top_once(port));
    scraped = prometheus
                  ? prometheus->value(R"(rate(weir_records_received_total{node="notes"}[10s]))").value_or(-1)
                  : page;
    return agree(page, 400) && agree(terminal, 400) && agree(scraped, 400) && agree(page, terminal) &&
           agree(page, scraped) && agree(terminal, scraped);
  });
  INFO("page " << page << ", terminal " << terminal << ", Prometheus " << scraped << " a second");
  CHECK(all_agree);

  const auto workflow = workflow_at(port);
  REQUIRE(workflow.at("culprit").is_object());
  CHECK(workflow.at("culprit").at("node") == "store");
  CHECK_THAT(std::string{workflow.at("culprit").at("reason").as_string()}, Catch::Contains("% busy, 1 of 1"));
  CHECK_THAT(top_once(port), Catch::Contains("limits: store: "));
  if (prometheus)
    CHECK(in_time([&] { return prometheus->label("weir_culprit == 1", "node") == "store"; }));

  run.send_signal(SIGTERM);
  CHECK(run.wait().exit == 0);
}

TEST_CASE(
    "user code that throws is seen in events, terminal and dead letters with its cause, and is the culprit") {
  const auto port = free_port();
  process run{program, {std::to_string(port), "800", "1000"}};
  REQUIRE(run.says("watch it"));
  const std::string cause = "the judge is out of his mind";
  CHECK(in_time([&] { return status_of(ask(port, "GET", "/ready")) == 200; }));
  CHECK(
      in_time([&] { return body_of(ask(port, "GET", "/api/v1/events")).find(cause) != std::string::npos; }));
  CHECK(in_time([&] { return top_once(port).find(cause) != std::string::npos; }));
  CHECK(in_time([&] {
    const auto workflow = workflow_at(port);
    const auto& culprit = workflow.at("culprit");
    return culprit.is_object() && culprit.at("node") == "judge" &&
           std::string{culprit.at("reason").as_string()}.find("of its attempts fail, last cause: " + cause) !=
               std::string::npos;
  }));
  const std::string metrics = body_of(ask(port, "GET", "/metrics"));
  const std::string judge = R"({workflow="throttled",node="judge",kind="error"} )";
  CHECK_THAT(metrics, Catch::Contains("weir_errors_total" + judge) &&
                          !Catch::Contains("weir_errors_total" + judge + "0\n"));
  CHECK_THAT(metrics, Catch::Contains("weir_dead_letters_total" + judge) &&
                          !Catch::Contains("weir_dead_letters_total" + judge + "0\n"));
  CHECK(figure_of(workflow_at(port), "judge", "dead_letters") > 0);
  CHECK_THAT(body_of(ask(port, "GET", "/api/v1/dead-letters")), Catch::Contains(cause));
  run.send_signal(SIGTERM);
  run.wait();
}
