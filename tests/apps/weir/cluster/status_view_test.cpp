#include <apps/weir/cluster/status_view.hpp>

#include <tests/support/catch.hpp>

using Catch::Matchers::Contains;
using weir::cluster::status_text;

TEST_CASE("weir cluster status shows a table of hosts") {
  const auto shown = status_text(R"({"name":"prod","hosts_wanted":2,"begun":true,"members":[
    {"name":"one","version":"1.2","state":"up","incarnation":3,"labels":{"gpu":"yes","rack":"a"},"workers":4,
     "workers_busy":2,"load":0.5,"links":1,"round_trip_ms":1.5,"bytes_sent":2048,"bytes_received":10,
     "last_seen_s":0.2},
    {"name":"a-long-name","state":"unlinked","round_trip_ms":null}]})");
  REQUIRE(shown);
  CHECK(*shown ==
        "cluster 'prod': 2 hosts\n"
        "HOST         STATE     INC  VERSION  BUSY  LOAD  LINKS  RTT ms  SENT     RECEIVED  SEEN   LABELS\n"
        "one          up        3    1.2      2/4   50 %  1      1.5     2.0 KiB  10 B      200ms  "
        "gpu=yes,rack=a\n"
        "a-long-name  unlinked  -    -        -/-   -     -      -       -        -         -      -\n");
}

TEST_CASE("weir cluster status says when the run waits for hosts, and where there is no cluster") {
  CHECK(*status_text(R"({"name":"prod","hosts_wanted":3,"begun":false,"members":[]})") ==
        "cluster 'prod': 0 hosts; the run begins when 3 have joined\n");
  CHECK_THAT(*status_text(R"({"name":null,"members":[]})"), Contains("no cluster"));
  CHECK_FALSE(status_text("[]"));
  CHECK_FALSE(status_text("{}"));
  CHECK_FALSE(status_text("no JSON"));
}

TEST_CASE("names of hosts cannot command the terminal") {
  const auto shown =
      status_text("{\"name\":\"p\",\"members\":[{\"name\":\"\\u001b[2Jx\",\"labels\":{\"a\":\"\\u0007\"}}]}");
  REQUIRE(shown);
  CHECK(shown->find('\x1b') == std::string::npos);
  CHECK(shown->find('\x07') == std::string::npos);
}
