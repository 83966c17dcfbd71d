#include <tests/framework/weir/observe/observations.hpp>
#include <tests/support/catch.hpp>

#include <weir/observe/metrics.hpp>

#include <cstdio>
#include <cstdlib>

using namespace weir;
using namespace weir_tests;
using Catch::Contains;

namespace {

std::string text_of(observation o) {
  monitor m;
  const auto up = o.up;
  m.take(std::move(o), at(up));
  return metrics_text(*m.view(), "0.1.0");
}

} // namespace

TEST_CASE("every name that users rely on is there, with its help and type") {
  observation o = after(4);
  o.nodes[0].figures.progress_total = 100;
  const std::string text = text_of(std::move(o));
  for (const char* name : {"weir_records_received_total counter",
                           "weir_records_sent_total counter",
                           "weir_records_filtered_total counter",
                           "weir_tasks_processed_total counter",
                           "weir_task_duration_seconds histogram",
                           "weir_errors_total counter",
                           "weir_retries_total counter",
                           "weir_timeouts_total counter",
                           "weir_restarts_total counter",
                           "weir_dead_letters_total counter",
                           "weir_queue_records gauge",
                           "weir_queue_bytes gauge",
                           "weir_workers gauge",
                           "weir_time_ratio gauge",
                           "weir_record_latency_seconds histogram",
                           "weir_memory_budget_bytes gauge",
                           "weir_build_info gauge",
                           "weir_pool_connections gauge",
                           "weir_pool_wait_seconds histogram",
                           "weir_cache_requests_total counter"}) {
    CHECK_THAT(text, Contains("# TYPE " + std::string{name} + "\n"));
    const std::string bare{name, std::string{name}.find(' ')};
    CHECK_THAT(text, Contains("# HELP " + bare + " "));
  }
}

TEST_CASE("figures carry workflow, node and what tells them apart") {
  observation o = after(4);
  o.nodes[1].errors_by[static_cast<std::size_t>(failure_kind::timeout)] = 3;
  o.nodes[1].restarts_by[static_cast<std::size_t>(restart_reason::crash)] = 2;
  o.nodes[2].dead_letters_by[static_cast<std::size_t>(failure_kind::invalid)] = 1;
  const std::string text = text_of(std::move(o));
  const std::string analyze = R"({workflow="review-stream",node="analyze")";
  CHECK_THAT(text, Contains("weir_records_received_total" + analyze + "} 400\n"));
  CHECK_THAT(text, Contains("weir_errors_total" + analyze + R"(,kind="timeout"} 3)" + "\n"));
  CHECK_THAT(text, Contains("weir_restarts_total" + analyze + R"(,reason="crash"} 2)" + "\n"));
  CHECK_THAT(text, Contains("weir_workers" + analyze + R"(,state="idle"} 9)" + "\n"));
  CHECK_THAT(text, Contains(R"(node="store",kind="invalid"} 1)" + std::string{"\n"}));
  CHECK_THAT(text, Contains(R"(weir_memory_budget_bytes{workflow="review-stream",kind="limit"} 10000)"));
}

TEST_CASE("pools and caches are metrics, by name and state") {
  const std::string text = text_of(after(4));
  const std::string pool = R"({workflow="review-stream",pool="database")";
  CHECK_THAT(text, Contains("weir_pool_connections" + pool + R"(,state="in_use"} 4)" + "\n"));
  CHECK_THAT(text, Contains("weir_pool_connections" + pool + R"(,state="free"} 15)" + "\n"));
  CHECK_THAT(text, Contains("weir_pool_wait_seconds_count" + pool + "} 10\n"));
  CHECK_THAT(text,
             Contains(R"(weir_cache_requests_total{workflow="review-stream",cache="pages",result="hit"} 9)"));
}

TEST_CASE("the shares of a node's time add to 1, and one node at most is the culprit") {
  const std::string text = text_of(after(4)); // nothing is at its limit: its source is
  for (const char* id : {"reads", "analyze", "store"}) {
    double sum = 0;
    for (const char* state : {"busy", "idle", "backpressured"}) {
      const std::string series = R"(weir_time_ratio{workflow="review-stream",node=")" + std::string{id} +
                                 R"(",state=")" + state + R"("} )";
      const auto found = text.find(series);
      REQUIRE(found != std::string::npos);
      sum += std::strtod(text.c_str() + found + series.size(), nullptr);
    }
    CHECK(sum == Approx(1));
  }
  const std::string culprit = R"(weir_culprit{workflow="review-stream",node=)";
  CHECK_THAT(text, Contains(culprit + R"("reads"} 1)" + "\n") &&
                       Contains(culprit + R"("analyze"} 0)" + "\n") &&
                       Contains(culprit + R"("store"} 0)" + "\n"));
}

TEST_CASE("buckets of a histogram rise to the count, and its sum is in seconds") {
  observation o = after(4);
  o.nodes[2].record_latency.buckets = {{2ms, 10}, {40ms, 5}, {400s, 1}};
  const std::string text = text_of(std::move(o));
  const std::string store = R"({workflow="review-stream",node="store")";
  CHECK_THAT(text, Contains("weir_record_latency_seconds_bucket" + store + R"(,le="0.001"} 0)"));
  CHECK_THAT(text, Contains("weir_record_latency_seconds_bucket" + store + R"(,le="0.0025"} 10)"));
  CHECK_THAT(text, Contains("weir_record_latency_seconds_bucket" + store + R"(,le="0.05"} 15)"));
  CHECK_THAT(text, Contains("weir_record_latency_seconds_bucket" + store + R"(,le="300"} 15)"));
  CHECK_THAT(text, Contains("weir_record_latency_seconds_bucket" + store + R"(,le="+Inf"} 16)"));
  CHECK_THAT(text, Contains("weir_record_latency_seconds_count" + store + "} 16"));
  CHECK_THAT(text, Contains("weir_record_latency_seconds_sum" + store + "} 400.2"));
}

TEST_CASE("node ids that need it are escaped") {
  observation o = after(4);
  o.nodes[1].figures.id = "a \"b\"\\\n";
  CHECK_THAT(text_of(std::move(o)), Contains(R"(node="a \"b\"\\\n")"));
}

TEST_CASE("a monitor that has seen nothing still gives its build") {
  CHECK_THAT(metrics_text(monitor_view{}, "0.1.0"), Contains(R"(version="0.1.0")"));
}

TEST_CASE("promtool finds nothing wrong with the text") {
  if (std::system("command -v promtool > /dev/null 2>&1") != 0) { // NOLINT: a test on one thread
    WARN("skipped: promtool is missing (Debian package prometheus)");
    return;
  }
  std::FILE* promtool = ::popen("timeout 60 promtool check metrics", "w");
  REQUIRE(promtool != nullptr);
  const std::string text = text_of(after(4));
  CHECK(std::fwrite(text.data(), 1, text.size(), promtool) == text.size());
  CHECK(::pclose(promtool) == 0);
}
