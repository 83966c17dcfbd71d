#include <weir/cluster/status.hpp>

#include <tests/support/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace std::chrono_literals;
using namespace weir::cluster;
using Catch::Matchers::Contains;

namespace {

member_figures one(member_state state) {
  member_figures m;
  m.who.host.name = "one\xff";
  m.who.host.version = "1.2";
  m.who.host.labels = {{"gpu", "yes"}};
  m.who.host.capacity = 8;
  m.who.id.incarnation = 3;
  m.who.state = state;
  m.who.link = state == member_state::unlinked ? 0 : 5;
  m.who.busy = 2;
  m.who.since = weir::time_point{10s};
  m.who.round_trip = 1500us;
  m.workers = 4;
  m.traffic.bytes_sent = 100;
  m.traffic.bytes_received = 200;
  m.heard = weir::time_point{19s};
  return m;
}

} // namespace

TEST_CASE("the API says of each host what people want to know") {
  const auto all =
      boost::json::parse(cluster_json({"prod", 3, false, {one(member_state::up)}}, weir::time_point{20s}));
  CHECK(all.at("name") == "prod");
  CHECK(all.at("hosts_wanted") == 3);
  CHECK(all.at("begun") == false);
  const auto& m = all.at("members").at(0);
  CHECK(m.at("name") == "one\xef\xbf\xbd"); // JSON is UTF-8
  CHECK(m.at("version") == "1.2");
  CHECK(m.at("state") == "up");
  CHECK(m.at("incarnation") == 3);
  CHECK(m.at("labels").at("gpu") == "yes");
  CHECK(m.at("capacity") == 8);
  CHECK(m.at("workers") == 4);
  CHECK(m.at("workers_busy") == 2);
  CHECK(m.at("load").as_double() == Approx(0.5));
  CHECK(m.at("links") == 1);
  CHECK(m.at("round_trip_ms").as_double() == Approx(1.5));
  CHECK(m.at("bytes_sent") == 100);
  CHECK(m.at("bytes_received") == 200);
  CHECK(m.at("up_s").as_double() == Approx(10));
  CHECK(m.at("last_seen_s").as_double() == Approx(1));
}

TEST_CASE("a host whose connection is broken has no link, and no round trip before the first") {
  auto m = one(member_state::unlinked);
  m.who.round_trip = 0s;
  const auto all = boost::json::parse(cluster_json({"prod", 0, true, {m}}, weir::time_point{20s}));
  CHECK(all.at("members").at(0).at("links") == 0);
  CHECK(all.at("members").at(0).at("round_trip_ms").is_null());
}

TEST_CASE("Prometheus is told of members by state and of bytes by direction") {
  const auto text = cluster_metrics(
      "my \"flow\"", {one(member_state::up), one(member_state::leaving), one(member_state::up)}, {7, 8});
  CHECK_THAT(text, Contains("# TYPE weir_cluster_members gauge\n") &&
                       Contains("weir_cluster_members{workflow=\"my \\\"flow\\\"\",state=\"up\"} 2\n") &&
                       Contains("state=\"unlinked\"} 0\n") && Contains("state=\"leaving\"} 1\n") &&
                       Contains("# TYPE weir_remote_bytes_total counter\n") &&
                       Contains("direction=\"sent\"} 7\n") && Contains("direction=\"received\"} 8\n"));
}
