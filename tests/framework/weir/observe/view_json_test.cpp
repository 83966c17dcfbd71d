#include <tests/framework/weir/observe/observations.hpp>
#include <tests/support/catch.hpp>

#include <weir/observe/view_json.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <set>

using namespace weir;
using namespace weir_tests;
namespace json = boost::json;

namespace {

json::object workflow_of(observation o) {
  monitor m;
  const auto up = o.up;
  m.take(std::move(o), at(up));
  return json::parse(workflow_json(*m.view(), "0.1.0")).as_object();
}

std::set<std::string> keys(const json::value& of) {
  std::set<std::string> names;
  for (const auto& entry : of.as_object())
    names.insert(std::string{entry.key()});
  return names;
}

bool has_all(const json::value& of, const std::set<std::string>& wanted) {
  const auto there = keys(of);
  return std::ranges::includes(there, wanted);
}

} // namespace

TEST_CASE("the workflow document has every field that was agreed") {
  observation o = after(4);
  o.nodes[0].figures.progress_done = 10;
  o.nodes[0].figures.progress_total = 100;
  const auto w = workflow_of(std::move(o));
  CHECK(has_all(w, {"workflow", "state", "version", "started", "up_s", "ready", "rates", "progress",
                    "warnings", "culprit", "limits", "nodes", "edges", "resources", "memory"}));
  CHECK(w.at("started").as_string() == "2023-11-14T22:13:20.000Z");
  CHECK(has_all(w.at("rates"), {"records_per_s", "error_ratio", "latency_ms", "queue_records", "queue_bytes",
                                "workers_busy", "workers", "workers_max"}));
  CHECK(keys(w.at("rates").at("latency_ms")) == std::set<std::string>{"p50", "p95", "p99"});
  CHECK(keys(w.at("progress")) == std::set<std::string>{"done", "total", "eta_s"});
  CHECK(keys(w.at("culprit")) == std::set<std::string>{"node", "reason"});
  CHECK(keys(w.at("limits").at(0)) == std::set<std::string>{"node", "score", "reason"});
  REQUIRE(w.at("nodes").as_array().size() == 3);
  for (const auto& n : w.at("nodes").as_array()) {
    CHECK(has_all(n, {"id",          "role",       "state",        "cause",          "stalled",
                      "sent",        "delivered",  "filtered",     "received_per_s", "sent_per_s",
                      "errors",      "retries",    "errors_per_s", "timeouts",       "restarts",
                      "received",    "time",       "dead_letters", "queue_records",  "queue_bytes",
                      "task_ms",     "latency_ms", "workers",      "worker_list",    "progress",
                      "last_failure"}));
    CHECK(keys(n.at("time")) == std::set<std::string>{"busy", "idle", "backpressured"});
    CHECK(keys(n.at("workers")) == std::set<std::string>{"min", "max", "now", "busy", "hung"});
  }
  CHECK(w.at("nodes").at(0).at("role").as_string() == "source");
  CHECK(w.at("nodes").at(1).at("role").as_string() == "step");
  CHECK(w.at("nodes").at(2).at("role").as_string() == "sink");
  CHECK(w.at("nodes").at(1).at("latency_ms").is_null());
  CHECK(w.at("nodes").at(2).at("latency_ms").at("p99").to_number<double>() == Approx(5));
  CHECK(keys(w.at("nodes").at(1).at("worker_list").at(0)) ==
        std::set<std::string>{"index", "state", "task_age_s", "restarts"});
  CHECK(has_all(w.at("edges").at(0),
                {"from", "port", "to", "records", "records_per_s", "in_flight", "window", "keyed"}));
}

TEST_CASE("resources are shown by name, each with the figures of its kind") {
  const auto w = workflow_of(after(4));
  REQUIRE(w.at("resources").as_array().size() == 3);
  const auto& pool = w.at("resources").at(0);
  CHECK(pool.at("name").as_string() == "database");
  CHECK(pool.at("kind").as_string() == "connection_pool");
  CHECK(pool.at("in_use").to_number<int>() == 4);
  CHECK(pool.at("wait_ms").at("p99").to_number<double>() == Approx(2));
  CHECK(w.at("resources").at(1).at("hits").to_number<int>() == 9);
  CHECK(w.at("resources").at(2).at("kind").as_string() == "model_cache");
}

TEST_CASE("the last failure is shown with its kind, cause and age") {
  observation o = after(4);
  o.nodes[1].health.last_failure = failure_note{failure_kind::crash, "killed by signal 11", 1500ms};
  const auto w = workflow_of(std::move(o));
  CHECK(w.at("nodes").at(0).at("last_failure").is_null());
  const auto& last = w.at("nodes").at(1).at("last_failure");
  CHECK(last.at("kind").as_string() == "crash");
  CHECK(last.at("cause").as_string() == "killed by signal 11");
  CHECK(last.at("ago_s").to_number<double>() == Approx(1.5));
}

TEST_CASE("what is not known is null") {
  observation o = after(4);
  o.state = "completed";
  const auto w = workflow_of(std::move(o));
  CHECK(w.at("progress").is_null());
  CHECK(w.at("culprit").is_null());
  CHECK(w.at("nodes").at(0).at("progress").is_null());
}

TEST_CASE("a view of nothing is a valid document") {
  CHECK(json::parse(workflow_json(monitor_view{}, "0.1.0")).at("nodes").as_array().empty());
}

TEST_CASE("causes that are not UTF-8 do not spoil the document") {
  observation o = after(4);
  o.nodes[1].health.cause = "bad \xff byte \"quoted\"\n";
  CHECK_NOTHROW(workflow_of(std::move(o)));
}

TEST_CASE("history is written oldest first, with its step") {
  monitor m;
  for (std::uint64_t s = 1; s <= 3; ++s)
    m.take(after(s), at(std::chrono::seconds{s}));
  const auto history = m.history();
  const auto v = json::parse(history_json(history));
  CHECK(v.at("step_s").as_int64() == 1);
  REQUIRE(v.at("points").as_array().size() == 3);
  CHECK(v.at("points").at(0).at("t").as_int64() == 1'700'000'001);
  CHECK(keys(v.at("points").at(0)) == std::set<std::string>{"t", "records_per_s", "p50_ms", "p99_ms",
                                                            "error_ratio", "queue_records", "workers_busy",
                                                            "workers"});
}

TEST_CASE("events, dead letters, states and errors are documents, too") {
  event_log log;
  event e;
  e.kind = event_kind::restart;
  e.node = "analyze";
  e.worker = 2;
  e.cause = "it hung";
  log.add(e);
  log.add({});
  const auto events = log.since(0);
  const auto v = json::parse(events_json(events));
  REQUIRE(v.at("events").as_array().size() == 2);
  const auto& first = v.at("events").at(0);
  CHECK(first.at("number").to_number<int>() == 1);
  CHECK(first.at("kind").as_string() == "restart");
  CHECK(first.at("worker").to_number<int>() == 2);
  CHECK(v.at("events").at(1).at("worker").is_null());
  CHECK(event_json(events[0]).find('\n') == std::string::npos);

  dead_letter letter;
  letter.id = "reads:7";
  letter.payload = "{\"text\":\"<b>\xfe\"}";
  const std::vector<dead_letter> letters{letter};
  const auto d = json::parse(dead_letters_json(letters));
  CHECK(keys(d.at("dead_letters").at(0)) == std::set<std::string>{"id", "node", "cause", "kind", "attempts",
                                                                  "first_seen", "last_seen", "payload"});
  CHECK(state_json("draining") == R"({"state":"draining"})");
  CHECK(error_json("no such node: x") == R"({"error":"no such node: x"})");
}
