#include <tests/framework/weir/cluster/support/raw_client.hpp>
#include <tests/support/catch.hpp>

#include <weir/cluster/transport/basp_check.hpp>

#include <random>
#include <string>

using namespace weir::cluster;
using namespace weir_tests;
using speaker = basp_check::speaker;

namespace {

constexpr std::size_t most = 1'000'000;

/// What is wrong with this stream of a client; "" if nothing is.
std::string wrong_from_client(const std::string& stream) {
  basp_check check{speaker::client, most};
  const bool passed = check.follow(stream.data(), stream.size());
  CHECK(passed == check.wrong().empty());
  return std::string{check.wrong()};
}

std::string message(const basp_header& header) { return header.bytes() + std::string(header.payload, 'p'); }

std::string after_greeting(const basp_header& header) {
  return wrong_from_client(client_greeting() + header.bytes());
}

} // namespace

TEST_CASE("A stream of messages as CAF sends them passes") {
  const std::string stream =
      client_greeting() + message({.operation = 1, .flags = 2, .payload = 32}) +
      message({.operation = 2, .flags = 1, .payload = 45, .data = 9, .source = 3, .receiver = 77}) +
      message({.operation = 3, .payload = most, .receiver = 1}) +
      message({.operation = 4, .payload = 64, .receiver = 5}) +
      message({.operation = 5, .payload = 70, .source = 5}) + message({.operation = 6});
  CHECK(wrong_from_client(stream) == "");

  basp_check server{speaker::server, most};
  const std::string greeting = message({.operation = 0, .payload = 58, .data = basp_check::version});
  CHECK(server.follow(greeting.data(), greeting.size()));
  CHECK(server.greeted());
}

TEST_CASE("A greeting counts once all of it has arrived") {
  basp_check check{speaker::client, most};
  const std::string greeting = client_greeting();
  for (const char c : greeting) {
    CHECK_FALSE(check.greeted());
    CHECK(check.follow(&c, 1));
  }
  CHECK(check.greeted());
}

TEST_CASE("The first message is the handshake that is due, and it has a payload") {
  CHECK(wrong_from_client(basp_header{.operation = 1}.bytes()) == "payload missing");
  CHECK(wrong_from_client(basp_header{.operation = 6}.bytes()) == "no handshake");
  CHECK(wrong_from_client(basp_header{.operation = 2, .payload = 10, .receiver = 1}.bytes()) ==
        "no handshake");
  CHECK(wrong_from_client(basp_header{.operation = 0, .payload = 10, .data = 3}.bytes()) == "no handshake");
  CHECK(wrong_from_client(basp_header{.operation = 1, .payload = 32, .source = 1}.bytes()) ==
        "handshake with actors");
  basp_check server{speaker::server, most};
  const std::string old = basp_header{.operation = 0, .payload = 58, .data = 2}.bytes();
  CHECK_FALSE(server.follow(old.data(), old.size()));
  CHECK(server.wrong() == "another version of BASP");
}

TEST_CASE("A client may greet again once, to choose the connection") {
  const std::string chooses = message({.operation = 1, .flags = 2, .payload = 32});
  CHECK(wrong_from_client(client_greeting() + chooses + chooses) == "handshake out of turn");
  CHECK(wrong_from_client(client_greeting() + client_greeting()) == "handshake out of turn");
  CHECK(after_greeting({.operation = 0, .payload = 10, .data = 3}) == "handshake out of turn");
}

TEST_CASE("Every field of a header has its bounds") {
  CHECK(after_greeting({.operation = 7}) == "unknown operation");
  CHECK(after_greeting({.operation = 255, .payload = 1}) == "unknown operation");
  CHECK(after_greeting({.operation = 2, .flags = 4, .payload = 1, .receiver = 1}) == "unknown flags");
  CHECK(after_greeting({.operation = 4, .flags = 1, .payload = 1}) == "unknown flags");
  CHECK(after_greeting({.operation = 2, .receiver = 1}) == "payload missing");
  CHECK(after_greeting({.operation = 2, .payload = most + 1, .receiver = 1}) == "payload too long");
  CHECK(after_greeting({.operation = 2, .payload = 1U << 30, .receiver = 1}) == "payload too long");
  CHECK(after_greeting({.operation = 4, .payload = basp_check::notice_bytes + 1}) == "payload too long");
  CHECK(after_greeting({.operation = 3, .payload = 1}) == "message to nobody");
  CHECK(after_greeting({.operation = 4}) == "payload missing");
  CHECK(after_greeting({.operation = 4, .payload = 1, .data = 1}) == "notice with data");
  CHECK(after_greeting({.operation = 5, .payload = 1}) == "notice about nobody");
  CHECK(after_greeting({.operation = 6, .payload = 1}) == "heartbeat with a payload");
  CHECK(after_greeting({.operation = 6, .receiver = 1}) == "heartbeat with actors");
  std::string padded = basp_header{.operation = 6}.bytes();
  padded[2] = 1;
  CHECK(wrong_from_client(client_greeting() + padded) == "unknown flags");
}

TEST_CASE("The verdict does not depend on how the stream is cut") {
  std::mt19937_64 random{20'260'707};
  int accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string stream = client_greeting();
    for (int m = 0; m < 3; ++m)
      stream += message({.operation = static_cast<std::uint8_t>(random() % 8),
                         .payload = static_cast<std::uint32_t>(random() % 100),
                         .source = random() % 2,
                         .receiver = random() % 2});
    const std::string at_once = wrong_from_client(stream);
    basp_check check{speaker::client, most};
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t part = std::min<std::size_t>(1 + random() % 50, stream.size() - at);
      check.follow(stream.data() + at, part);
      at += part;
    }
    CHECK(check.wrong() == at_once);
    accepted += at_once.empty() ? 1 : 0;
  }
  CHECK(accepted > 0);
}
