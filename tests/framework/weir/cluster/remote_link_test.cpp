#include <weir/cluster/remote_link.hpp>

#include <tests/support/catch.hpp>

#include <deque>
#include <random>

using namespace weir::cluster;

namespace {

constexpr membership_id life{1, 1};

bytes message_of(std::size_t size, std::uint8_t first = 0) {
  bytes b(size);
  for (std::size_t i = 0; i < size; ++i)
    b[i] = static_cast<std::byte>(first + i * 7);
  return b;
}

/// As it comes off the wire: a payload of its own.
link_frame copied(const link_frame& f) {
  link_frame c = f;
  c.of = f.of ? std::make_shared<const bytes>(f.payload(), f.payload() + f.size) : nullptr;
  c.offset = 0;
  return c;
}

/// Everything either side has to say, until both are silent.
void exchange(remote_link& a, remote_link& b) {
  for (bool said = true; said;) {
    said = false;
    while (const auto f = a.next()) {
      REQUIRE(b.receive(copied(*f)));
      said = true;
    }
    while (const auto f = b.next()) {
      REQUIRE(a.receive(copied(*f)));
      said = true;
    }
  }
}

link_frame chunk_frame(std::uint64_t sequence, std::size_t size, bool last = true) {
  link_frame f;
  f.id = life;
  f.sequence = sequence;
  f.last = last;
  f.of = std::make_shared<const bytes>(size);
  f.size = size;
  return f;
}

} // namespace

TEST_CASE("messages arrive whole and in order, in both directions") {
  remote_link a{life};
  remote_link b{life};
  a.attach(false);
  b.attach(false);
  REQUIRE(a.send(message_of(10, 1)));
  REQUIRE(a.send(message_of(3'000'000, 2)));
  REQUIRE(b.send(message_of(20, 3)));
  exchange(a, b);
  CHECK(b.take() == message_of(10, 1));
  CHECK(b.take() == message_of(3'000'000, 2));
  CHECK_FALSE(b.take());
  CHECK(a.take() == message_of(20, 3));
  CHECK(b.figures().messages_received == 2);
}

TEST_CASE("a message larger than the window arrives all the same") {
  remote_link a{life};
  remote_link b{life};
  a.attach(false);
  b.attach(false);
  REQUIRE(a.send(message_of(40'000'000)));
  exchange(a, b);
  CHECK(b.take() == message_of(40'000'000));
}

TEST_CASE("a message that is empty or too large, or too many, are refused to the sender") {
  remote_link a{life, {.max_message = 100, .max_queued = 150}};
  CHECK_FALSE(a.send({}));
  const auto large = a.send(message_of(101));
  REQUIRE_FALSE(large);
  CHECK(large.error().message() ==
        "a message of 101 bytes cannot be sent to another host (remote link): at most "
        "100 bytes: make records or batches smaller");
  REQUIRE(a.send(message_of(100)));
  CHECK_FALSE(a.send(message_of(100)));
}

TEST_CASE("a receiver that takes nothing stops the sender at the window, and taking makes room again") {
  remote_link a{life, {.window_frames = 8}};
  remote_link b{life, {.window_frames = 8}};
  a.attach(false);
  b.attach(false);
  for (int n = 0; n < 100; ++n)
    REQUIRE(a.send(message_of(100)));
  exchange(a, b);
  b.look();
  exchange(a, b);
  CHECK(b.figures().messages_received == 8);
  for (int n = 0; n < 4; ++n)
    REQUIRE(b.take());
  exchange(a, b);
  CHECK(b.figures().messages_received == 12);
}

TEST_CASE("after a reconnect the rest comes, nothing twice") {
  remote_link a{life};
  remote_link b{life};
  a.attach(false);
  b.attach(false);
  for (std::uint8_t n = 0; n < 10; ++n)
    REQUIRE(a.send(message_of(100, n)));
  for (int n = 0; n < 6; ++n) {
    const auto f = a.next();
    REQUIRE(f);
    if (n < 4) // the last two are lost with the connection
      REQUIRE(b.receive(copied(*f)));
  }
  a.detach();
  b.detach();
  CHECK_FALSE(a.next());
  a.attach(true);
  b.attach(true);
  exchange(a, b);
  for (std::uint8_t n = 0; n < 10; ++n)
    CHECK(b.take() == message_of(100, n));
  CHECK_FALSE(b.take());
  CHECK(a.figures().frames_repeated == 2); // b said what it had
  CHECK(b.figures().duplicates == 0);
}

TEST_CASE("an idle link is one where everything has been acknowledged") {
  remote_link a{life};
  remote_link b{life};
  a.attach(false);
  b.attach(false);
  exchange(a, b);
  CHECK(a.idle());
  REQUIRE(a.send(message_of(1)));
  CHECK_FALSE(a.idle());
  exchange(a, b);
  CHECK_FALSE(a.idle()); // one small message is acknowledged with the next heartbeat
  b.look();
  exchange(a, b);
  CHECK(a.idle());
}

TEST_CASE("frames of another life are dropped") {
  remote_link b{life};
  b.attach(false);
  auto old = chunk_frame(1, 10);
  old.id = {1, 2};
  REQUIRE(b.receive(old));
  CHECK_FALSE(b.take());
}

TEST_CASE("a peer that breaks the rules is found out, and costs no memory") {
  remote_link b{life, {.chunk = 1000, .window_frames = 4, .window_bytes = 4000, .max_message = 2500}};
  b.attach(false);
  SECTION("a gap") { CHECK_FALSE(b.receive(chunk_frame(2, 10))); }
  SECTION("an empty chunk") { CHECK_FALSE(b.receive(chunk_frame(1, 0))); }
  SECTION("a chunk too large") { CHECK_FALSE(b.receive(chunk_frame(1, 1001))); }
  SECTION("more chunks than granted") {
    for (std::uint64_t n = 1; n <= 4; ++n)
      REQUIRE(b.receive(chunk_frame(n, 10)));
    CHECK_FALSE(b.receive(chunk_frame(5, 10)));
  }
  SECTION("a message too large") {
    REQUIRE(b.receive(chunk_frame(1, 1000, false)));
    REQUIRE(b.receive(chunk_frame(2, 1000, false)));
    CHECK_FALSE(b.receive(chunk_frame(3, 1000, false)));
  }
  SECTION("an acknowledgement of what was never sent") {
    link_frame f;
    f.id = life;
    f.acknowledged = 1;
    CHECK_FALSE(b.receive(f));
  }
  CHECK(b.held_bytes() <= 4000);
}

TEST_CASE("a peer that grants without end and acknowledges nothing gets the window, and no more") {
  remote_link a{life, {.chunk = 1000, .window_frames = 1000, .window_bytes = 4000}};
  a.attach(false);
  link_frame generous;
  generous.id = life;
  generous.may_frames = UINT64_MAX;
  generous.may_bytes = UINT64_MAX;
  REQUIRE(a.receive(generous));
  for (int n = 0; n < 20; ++n)
    REQUIRE(a.send(message_of(500)));
  int frames = 0;
  while (const auto f = a.next())
    frames += f->sequence != 0 ? 1 : 0;
  CHECK(frames == 8);
}

TEST_CASE("over connections that break at any moment, every message arrives once and in order") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    const link_limits limits{.chunk = 30 + random() % 270,
                             .window_frames = 4 + random() % 30,
                             .window_bytes = 300 + random() % 5000,
                             .max_message = 3000,
                             .max_queued = 1'000'000};
    remote_link ends[2] = {remote_link{life, limits}, remote_link{life, limits}};
    std::deque<link_frame> wire[2]; // to the other end
    std::deque<bytes> expected[2];  // at end 0, at end 1
    std::uint64_t to_send[2] = {100, 100};
    bool ok = true;
    const auto bound = limits.window_bytes + limits.max_message;
    ends[0].attach(false);
    ends[1].attach(false);
    int breaks = 30;
    for (int step = 0; step < 1'000'000 && ok; ++step) {
      const std::size_t side = random() % 2;
      auto& own = ends[side];
      const auto what = random() % 100;
      if (what < 25 && to_send[side] > 0 && own.queued_bytes() < 2000) {
        auto m = message_of(1 + random() % 3000, static_cast<std::uint8_t>(random()));
        expected[1 - side].push_back(m);
        ok = own.send(std::move(m)).has_value();
        --to_send[side];
      } else if (what < 55) {
        if (const auto f = own.next())
          wire[side].push_back(copied(*f));
      } else if (what < 85) {
        if (auto& in = wire[1 - side]; !in.empty()) {
          ok = own.receive(in.front()).has_value();
          in.pop_front();
        }
      } else if (what < 93) {
        if (const auto m = own.take()) {
          ok = !expected[side].empty() && *m == expected[side].front();
          expected[side].pop_front();
        }
      } else if (what < 97) {
        own.look();
      } else if (breaks > 0) {
        --breaks;
        for (auto& w : wire)
          w.clear();
        for (auto& e : ends)
          e.detach();
        for (auto& e : ends)
          e.attach(true);
      }
      ok = ok && own.held_bytes() - own.queued_bytes() <= 2 * bound;
      if (to_send[0] + to_send[1] == 0 && expected[0].empty() && expected[1].empty())
        break;
    }
    CHECK(ok);
    CHECK(expected[0].empty());
    CHECK(expected[1].empty());
  }
}
