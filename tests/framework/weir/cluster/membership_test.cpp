#include <tests/framework/weir/cluster/support/membership_world.hpp>
#include <tests/support/catch.hpp>

using namespace std::chrono_literals;
using namespace weir::cluster;
using weir_tests::membership_world;

namespace {

struct running_world : membership_world {
  explicit running_world(settings s = {}, std::uint64_t seed = 1) : membership_world(s, seed) {
    start_coordinator();
    for (std::size_t n = 0; n < s.hosts; ++n)
      start_host(n);
  }
};

const weir::error& refusal_of(const membership_world& w, std::size_t host) {
  for (const auto& h : w.at_hosts)
    if (h.host == host && h.what.what == host_event::kind::refused && h.what.why)
      return *h.what.why;
  FAIL("the host was not refused");
  throw 0;
}

} // namespace

TEST_CASE("hosts join within a second, each with an incarnation of its own") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  const auto members = w.coordinator().members();
  REQUIRE(members.size() == 3);
  CHECK(members[0].id.incarnation != members[1].id.incarnation);
  CHECK(members[1].id.incarnation != members[2].id.incarnation);
  w.run_for(2s);
  CHECK(w.coordinator().members()[0].round_trip > 0ns);
  CHECK(w.coordinator().members()[0].round_trip < 100ms);
}

TEST_CASE("a host of another cluster is refused on both sides, and does not try again") {
  membership_world w{{.hosts = 1}, 1};
  w.identity_of(0).name = "other";
  w.start_coordinator();
  w.start_host(0);
  REQUIRE(w.run_until([&] { return w.host(0)->ended(); }, 1s));
  CHECK(refusal_of(w, 0).message() ==
        "the host wants to join cluster 'other', this is cluster 'test' (host 'host-1'): give both the same "
        "--cluster-name, or the host another --cluster-join");
  REQUIRE(w.count(member_event::kind::refused) == 1);
  CHECK(w.at_coordinator.front().what.why->message() == refusal_of(w, 0).message());
}

TEST_CASE("a host with another workflow, or of another protocol, is refused and told which") {
  membership_world w{{.hosts = 2}, 1};
  w.identity_of(0).fingerprint = 0xabc;
  w.identity_of(1).protocol = 9;
  w.start_coordinator();
  w.start_host(0);
  w.start_host(1);
  REQUIRE(w.run_until([&] { return w.host(0)->ended() && w.host(1)->ended(); }, 1s));
  CHECK(refusal_of(w, 0).message() ==
        "the host was started with another workflow (fingerprint 0000000000000abc, the coordinator's is "
        "0000000000000007) (host 'host-1'): start the same program with the same workflow options on every "
        "host");
  CHECK(
      refusal_of(w, 1).message() ==
      "the host speaks version 9 of the cluster protocol, the coordinator version 2 (host 'host-2'): run the "
      "same build on every host");
  CHECK(w.coordinator().size() == 0);
}

TEST_CASE("a second host of the same name is refused while the first lives, and may try again") {
  membership_world w{{.hosts = 2}, 1};
  w.name_host(1, "host-1");
  w.start_coordinator();
  w.start_host(0);
  REQUIRE(w.run_until([&] { return w.together(0); }, 1s));
  w.start_host(1);
  w.run_for(5s);
  CHECK(refusal_of(w, 1).what == "a host of that name is a member already");
  CHECK_FALSE(w.host(1)->ended());
  CHECK(w.together(0));
  CHECK(w.count(0, host_event::kind::lost) == 0);
  w.kill_host(0);
  CHECK(w.run_until([&] { return w.host(1)->joined(); }, 5s));
}

TEST_CASE(
    "the coordinator is found behind seeds that do not answer, and hosts wait for one that comes later") {
  membership_world w{{.hosts = 2, .seeds = 3}, 1};
  w.start_host(0);
  w.start_host(1);
  w.run_for(30s);
  CHECK(w.at_coordinator.empty());
  w.start_coordinator();
  CHECK(w.run_until([&] { return w.all_together(); }, 7s)); // a round of three seeds at 2 s each, at most
}

TEST_CASE("a host that dies with its connection is lost as soon as it could have come back") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  w.kill_host(1);
  const auto killed = w.now();
  REQUIRE(w.run_until([&] { return w.count(member_event::kind::lost) == 1; }, 10s));
  CHECK(w.now() - killed < 1600ms);
  CHECK(w.coordinator().find("host-2") == nullptr);
  CHECK(w.together(0));
  CHECK(w.together(2));
}

TEST_CASE("a host whose machine dies without a word is lost in less than 3 s") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    running_world w{{}, seed};
    REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
    w.run_for(std::chrono::milliseconds{37 * seed});
    w.kill_host(1, true);
    const auto killed = w.now();
    REQUIRE(w.run_until([&] { return w.count(member_event::kind::lost) == 1; }, 10s));
    CHECK(w.now() - killed <= 3s + 5ms);
  }
}

TEST_CASE("a host that is stopped for 20 s is fenced, and joins again with a new life") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  const auto old = *w.host(0)->id();
  w.pause_host(0, 20s);
  REQUIRE(w.run_until([&] { return w.count(member_event::kind::lost) == 1; }, 4s));
  w.run_for(16s);
  REQUIRE(w.run_until([&] { return w.together(0); }, 3s));
  CHECK(w.host(0)->id()->incarnation > old.incarnation);
  CHECK(w.count(0, host_event::kind::lost) == 1);
  CHECK(w.coordinator().accept(w.coordinator().find("host-1")->link, old) == nullptr);
}

TEST_CASE("a coordinator that is stopped for 2 s does not take its own pause for the death of hosts") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  w.pause_coordinator(2s);
  w.run_for(10s);
  CHECK(w.all_together());
  CHECK(w.count(member_event::kind::lost) == 0);
}

TEST_CASE("a coordinator that is stopped for 20 s is given up by its hosts, which come back to it") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  w.pause_coordinator(20s);
  REQUIRE(
      w.run_until([&] { return !w.host(0)->joined() && !w.host(1)->joined() && !w.host(2)->joined(); }, 4s));
  w.run_for(16s);
  CHECK(w.run_until([&] { return w.all_together(); }, 10s));
  CHECK(w.broken.empty());
}

TEST_CASE("a connection that breaks and is made again costs nothing") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  const auto old = *w.host(0)->id();
  w.break_connections(0);
  REQUIRE(w.run_until([&] { return w.count(0, host_event::kind::resumed) == 1; }, 1s));
  CHECK(w.together(0));
  CHECK(*w.host(0)->id() == old);
  CHECK(w.count(0, host_event::kind::lost) == 0);
  CHECK(w.count(member_event::kind::resumed) == 1);
  CHECK(w.count(member_event::kind::lost) == 0);
}

TEST_CASE("a one-way partition is found from either side in less than 3 s, and healed afterwards") {
  const bool to_coordinator = GENERATE(false, true);
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  w.cut(0, to_coordinator, 10s);
  const auto cut = w.now();
  if (to_coordinator)
    REQUIRE(w.run_until([&] { return w.count(member_event::kind::lost) == 1; }, 10s));
  else
    REQUIRE(w.run_until([&] { return w.count(0, host_event::kind::lost) == 1; }, 10s));
  CHECK(w.now() - cut < 3100ms);
  w.run_for(10s);
  CHECK(w.run_until([&] { return w.all_together(); }, 10s));
  CHECK(w.broken.empty());
}

TEST_CASE("hosts outlive their coordinator, stop their work, and take it up when it is back") {
  const bool quietly = GENERATE(false, true);
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  w.kill_coordinator(quietly);
  REQUIRE(
      w.run_until([&] { return !w.host(0)->joined() && !w.host(1)->joined() && !w.host(2)->joined(); }, 4s));
  w.run_for(60s);
  w.start_coordinator();
  CHECK(w.run_until([&] { return w.all_together(); }, 8s));
  CHECK(w.broken.empty());
}

TEST_CASE("a host leaves once what it had is done, and ends in good order") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  w.leave(2);
  REQUIRE(w.run_until([&] { return w.count(member_event::kind::leaving) == 1; }, 1s));
  w.run_for(10s);
  CHECK_FALSE(w.host(2)->ended()); // it still works
  w.coordinator().finished("host-3");
  REQUIRE(w.run_until([&] { return w.host(2)->ended(); }, 2s));
  CHECK(w.at_hosts.back().what.text == "all it had is done");
  CHECK(w.count(member_event::kind::lost) == 0);
  CHECK(w.coordinator().size() == 2);
}

TEST_CASE("when the work is over every host is told so and ends") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  w.coordinator().end("the workflow has ended");
  REQUIRE(w.run_until([&] { return w.host(0)->ended() && w.host(1)->ended() && w.host(2)->ended(); }, 2s));
  CHECK(w.count(member_event::kind::left) == 3);
  CHECK(w.at_hosts.back().what.text == "the workflow has ended");
  CHECK_FALSE(w.at_hosts.back().what.why);
}

TEST_CASE("connections that never say who they are are bounded and closed") {
  coordinator_membership c{{"test", 7}, {.max_strangers = 4}, 1};
  weir::time_point now{};
  for (link_id l = 1; l <= 6; ++l)
    c.opened(l, now);
  REQUIRE(c.outgoing().size() == 2); // the fifth and sixth
  CHECK(c.outgoing()[0].to == 5);
  CHECK(c.outgoing()[0].then_close);
  c.outgoing().clear();
  for (int n = 0; n < 8; ++n)
    c.look(now += 500ms);
  REQUIRE(c.outgoing().size() == 4);
  CHECK(c.outgoing()[0].then_close);
}

TEST_CASE("nothing is lost in ten minutes of a network that loses 2 % and delays by 100 ms") {
  running_world w{{.least_delay = 90ms, .most_delay = 110ms, .loss = 0.02}, 3};
  REQUIRE(w.run_until([&] { return w.all_together(); }, 10s));
  w.run_for(10min);
  CHECK(w.all_together());
  CHECK(w.count(member_event::kind::lost) == 0);
  CHECK(w.count(0, host_event::kind::lost) == 0);
}

TEST_CASE("processes that get the processor late, by up to a second, are not taken for dead") {
  running_world w;
  REQUIRE(w.run_until([&] { return w.all_together(); }, 1s));
  std::mt19937 random{7};
  for (int n = 0; n < 500; ++n) {
    w.pause_host(random() % 3, std::chrono::milliseconds{random() % 1000});
    w.pause_coordinator(std::chrono::milliseconds{random() % 1000});
    w.run_for(std::chrono::milliseconds{1000 + random() % 500});
  }
  w.run_for(2s);
  CHECK(w.all_together());
  CHECK(w.count(member_event::kind::lost) == 0);
}

TEST_CASE("whatever happens, lives never overlap, and when it is over all are together again") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    const std::size_t hosts = 1 + random() % 4;
    running_world w{{.hosts = hosts,
                     .seeds = 1 + random() % 3,
                     .most_delay = std::chrono::milliseconds{1 + random() % 60},
                     .loss = 0.01 * static_cast<double>(random() % 5)},
                    seed};
    for (int n = 0; n < 40; ++n) {
      const std::size_t h = random() % hosts;
      const auto time = std::chrono::milliseconds{random() % 6000};
      switch (random() % 9) {
      case 0:
        w.kill_host(h, random() % 2 == 0);
        break;
      case 1:
        w.kill_host(h, random() % 2 == 0);
        w.start_host(h);
        break;
      case 2:
        w.pause_host(h, time);
        break;
      case 3:
        w.pause_coordinator(time);
        break;
      case 4:
        w.cut(h, random() % 2 == 0, time);
        break;
      case 5:
        w.break_connections(h);
        break;
      case 6:
        if (w.coordinator_runs())
          w.kill_coordinator(random() % 2 == 0);
        else
          w.start_coordinator();
        break;
      default:
        break;
      }
      w.run_for(std::chrono::milliseconds{random() % 3000});
    }
    if (!w.coordinator_runs())
      w.start_coordinator();
    for (std::size_t h = 0; h < hosts; ++h) {
      w.kill_host(h);
      w.start_host(h);
    }
    CHECK(w.run_until([&] { return w.all_together(); }, 40s));
    CHECK(w.broken.empty());
    for (const auto& b : w.broken)
      UNSCOPED_INFO(b);
  }
}
