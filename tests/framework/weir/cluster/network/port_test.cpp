#include <tests/support/catch.hpp>

#include <weir/cluster/network/port.hpp>

#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>

using namespace weir;
using namespace weir::cluster;

namespace {

using namespace std::chrono_literals;

bytes text(const std::string& what) {
  bytes to(what.size());
  std::memcpy(to.data(), what.data(), what.size());
  return to;
}

/// One of both ends, as its driver sees it.
struct end_of_link {
  std::shared_ptr<event_queue> events = std::make_shared<event_queue>();
  std::deque<port_event> there;

  /// The next thing reported; nothing after a long time without.
  std::optional<port_event> next() {
    const time_point until{std::chrono::steady_clock::now().time_since_epoch() + 60s};
    while (there.empty() && std::chrono::steady_clock::now().time_since_epoch() < until.time_since_epoch())
      there = events->wait(until).events;
    if (there.empty())
      return {};
    port_event e = std::move(there.front());
    there.pop_front();
    return e;
  }
  bool next_is(port_event::kind what, link_id link) {
    const auto e = next();
    return e && e->what == what && e->link == link;
  }
  std::string next_frame() {
    const auto e = next();
    return e && e->frame ? std::string{reinterpret_cast<const char*>(e->frame->data()), e->frame->size()}
                         : "no frame";
  }
};

struct link_fixture {
  link_fixture() {
    auto opened = listening_port::open({}, here.events);
    REQUIRE(opened);
    server = std::move(*opened);
    client = std::make_unique<connecting_port>(transport_options{}, host_port{"127.0.0.1", server->port()}, 7,
                                               there.events);
    REQUIRE(there.next_is(port_event::kind::opened, 7));
    REQUIRE(here.next_is(port_event::kind::opened, 1));
  }
  end_of_link here;
  end_of_link there;
  std::unique_ptr<listening_port> server;
  std::unique_ptr<connecting_port> client;
};

} // namespace

TEST_CASE("frames cross a link in both directions, in order") {
  link_fixture f;
  for (const char* word : {"one", "two", "three"}) {
    f.server->write(1, text(word));
    f.client->write(text(word));
  }
  for (const char* word : {"one", "two", "three"}) {
    CHECK(f.here.next_frame() == word);
    CHECK(f.there.next_frame() == word);
  }
}

TEST_CASE("a port that ends once its link is closed has lost none of what was written") {
  for (int again = 0; again < 20; ++again) {
    link_fixture f;
    const bytes large(std::size_t{1} << 20U);
    f.server->write(1, large);
    f.server->write(1, text("how it ended"));
    f.server->close(1);
    REQUIRE(f.here.next_is(port_event::kind::closed, 1)); // the peer has it
    f.server.reset();
    CHECK(f.there.next_frame().size() == large.size());
    CHECK(f.there.next_frame() == "how it ended");
    CHECK(f.there.next_is(port_event::kind::closed, 7));
  }
}

TEST_CASE("a link that is being closed reports nothing but its end") {
  link_fixture f;
  f.server->close(1);
  f.server->write(1, text("too late"));
  f.client->write(text("not heard"));
  CHECK(f.there.next_is(port_event::kind::closed, 7));
  CHECK(f.here.next_is(port_event::kind::closed, 1));
}

TEST_CASE("a closed link ends when its peer is gone, too") {
  link_fixture f;
  f.client.reset();
  CHECK(f.here.next_is(port_event::kind::closed, 1));
  f.server->close(1); // of no effect
}
