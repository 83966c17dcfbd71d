#include <weir/cluster/session.hpp>

#include <tests/support/catch.hpp>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

using namespace std::chrono_literals;
using namespace weir::cluster;

namespace {

bytes text(const std::string& s) {
  const auto* const first = reinterpret_cast<const std::byte*>(s.data());
  return {first, first + s.size()};
}
std::string text(const bytes& b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

/// A coordinator and hosts on wires that carry at once, unless they are cut.
struct cluster {
  explicit cluster(std::size_t n, link_limits l = {}) : limits(l), coordinator({"test", 7}, {}, l, 42) {
    for (std::size_t i = 0; i < n; ++i) {
      host_identity own;
      own.name = std::string{"host-"} + static_cast<char>('a' + i);
      own.boot = i + 1;
      hosts.push_back(std::make_unique<host_session>(cluster_identity{"test", 7}, own, 1,
                                                     membership_options{}, limits, i));
    }
  }

  void carry() {
    for (bool any = true; any;) {
      any = false;
      for (; !coordinator.writes().empty(); any = true) {
        const auto w = std::move(coordinator.writes().front());
        coordinator.writes().pop_front();
        if (!open.contains(w.to))
          continue;
        if (!w.frame.empty())
          hosts[owner[w.to]]->received(w.to, std::make_shared<const bytes>(w.frame), now);
        if (w.then_close && open.erase(w.to) > 0)
          hosts[owner[w.to]]->closed(w.to, now);
      }
      for (std::size_t n = 0; n < hosts.size(); ++n) {
        auto& h = *hosts[n];
        for (; !h.writes().empty(); any = true) {
          const auto w = std::move(h.writes().front());
          h.writes().pop_front();
          if (!open.contains(w.to))
            continue;
          if (!w.frame.empty())
            coordinator.received(w.to, std::make_shared<const bytes>(w.frame), now);
          if (w.then_close && open.erase(w.to) > 0)
            coordinator.closed(w.to, now);
        }
        if (h.to_connect()) {
          any = true;
          open.insert(++last);
          owner[last] = n;
          coordinator.opened(last, now);
          h.opened(last, now);
        }
      }
    }
  }
  void pass(weir::duration time) {
    for (const auto end = now + time; now < end; now += 100ms) {
      if (now.time_since_epoch() % 500ms == 0ns)
        coordinator.look(now);
      for (auto& h : hosts)
        if (now >= h->due())
          h->look(now);
      carry();
    }
  }
  /// The connection breaks: what was written and not carried is lost.
  void cut(std::size_t n) {
    for (const auto l : std::set<link_id>(open))
      if (owner[l] == n) {
        open.erase(l);
        coordinator.closed(l, now);
        hosts[n]->closed(l, now);
      }
  }
  std::uint64_t life(std::size_t n) const { return hosts[n]->membership().id()->incarnation; }

  link_limits limits;
  coordinator_session coordinator;
  std::vector<std::unique_ptr<host_session>> hosts;
  std::set<link_id> open;
  std::map<link_id, std::size_t> owner;
  link_id last = 0;
  weir::time_point now{};
};

} // namespace

TEST_CASE("messages go to the host they are for, and back") {
  cluster c{2};
  c.pass(1s);
  REQUIRE(c.coordinator.send(c.life(0), text("to a")));
  REQUIRE(c.coordinator.send(c.life(1), text("to b")));
  REQUIRE(c.hosts[1]->send(text("from b")));
  c.carry();
  CHECK(text(*c.hosts[0]->take()) == "to a");
  CHECK(text(*c.hosts[1]->take()) == "to b");
  const auto m = c.coordinator.take();
  REQUIRE(m);
  CHECK(m->from == c.life(1));
  CHECK(text(m->what) == "from b");
  CHECK_FALSE(c.coordinator.take());
  CHECK(c.coordinator.figures(c.life(1))->messages_received == 1);
}

TEST_CASE("a host that is no member can send nothing, and nothing can be sent to it") {
  cluster c{1};
  CHECK_FALSE(c.hosts[0]->send(text("x")));
  CHECK_FALSE(c.coordinator.send(1, text("x")));
}

TEST_CASE("a host that takes nothing holds up its sender, and nobody else") {
  cluster c{2, {.window_frames = 8}};
  c.pass(1s);
  for (int n = 0; n < 100; ++n) {
    REQUIRE(c.coordinator.send(c.life(0), text("x")));
    REQUIRE(c.coordinator.send(c.life(1), text("y")));
    c.carry();
    while (c.hosts[1]->take()) {
    }
  }
  c.pass(2s);
  std::size_t to_a = 0;
  while (c.hosts[0]->take())
    ++to_a;
  CHECK(to_a == 8);
  CHECK(c.coordinator.figures(c.life(1))->messages_sent == 100);
}

TEST_CASE("over connections that break, messages come once and in order as long as the life lasts") {
  cluster c{2, {.chunk = 8, .window_frames = 16, .window_bytes = 64}};
  c.pass(1s);
  const auto first_life = c.life(0);
  std::mt19937 random{1};
  int sent = 0;
  int got = 0;
  while (got < 500) {
    if (sent < 500)
      REQUIRE(c.coordinator.send(c.life(0), text("message " + std::to_string(sent++))));
    if (random() % 3 == 0)
      c.cut(0);
    c.pass(100ms);
    while (const auto m = c.hosts[0]->take())
      REQUIRE(text(*m) == "message " + std::to_string(got++));
  }
  CHECK(c.life(0) == first_life);
}

TEST_CASE("nonsense closes the connection it came over, and costs no other") {
  cluster c{2};
  c.pass(1s);
  const auto a = c.life(0);
  const auto b = c.life(1);
  link_id of_a = 0;
  for (const auto& [l, n] : c.owner)
    if (n == 0)
      of_a = l;
  c.coordinator.received(of_a, std::make_shared<const bytes>(text("GET / HTTP/1.1")), c.now);
  REQUIRE(c.coordinator.writes().back().then_close);
  c.pass(1s);
  CHECK(c.life(0) == a); // it came back in time
  CHECK(c.life(1) == b);
}

TEST_CASE("at the end every host hears of it, after what was sent before") {
  cluster c{2};
  c.pass(1s);
  REQUIRE(c.coordinator.send(c.life(0), text("last")));
  c.carry();
  CHECK(text(*c.hosts[0]->take()) == "last");
  c.coordinator.end("the workflow has ended");
  c.carry();
  CHECK(c.hosts[0]->membership().ended());
  CHECK(c.hosts[1]->membership().ended());
  CHECK(c.hosts[0]->events().back().text == "the workflow has ended");
}
