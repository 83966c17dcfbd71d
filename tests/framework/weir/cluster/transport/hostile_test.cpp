// What strangers and broken or malicious members send to a host. The host is in this process: a crash of CAF
// ends the test.

#include <tests/framework/weir/cluster/support/raw_client.hpp>
#include <tests/framework/weir/cluster/support/test_certificates.hpp>
#include <tests/framework/weir/cluster/support/test_host.hpp>
#include <tests/support/await.hpp>
#include <tests/support/catch.hpp>

#include <weir/cluster/transport/basp_check.hpp>
#include <weir/cluster/transport/transport.hpp>

#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <malloc.h>
#include <unistd.h>

using namespace weir::cluster;
using namespace weir_tests;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t most_growth = (32 + 256) * mebibyte; // what is freed stays a while, in quarantine
#else
constexpr std::uint64_t most_growth = 32 * mebibyte;
#endif

std::uint64_t resident_bytes() {
  ::malloc_trim(0); // what is free is no growth
  std::ifstream in{"/proc/self/statm"};
  std::uint64_t pages = 0;
  in >> pages >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::chrono::nanoseconds cpu(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

/// Processor time of all threads but the test's own.
std::chrono::nanoseconds cpu_of_others() {
  return cpu(CLOCK_PROCESS_CPUTIME_ID) - cpu(CLOCK_THREAD_CPUTIME_ID);
}

transport_options tls_with(tls_files files) {
  transport_options options;
  options.tls = std::move(files);
  return options;
}

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes)
    c = static_cast<char>(random());
  return bytes;
}

/// Anything from noise to a message that is nearly right.
std::string random_input(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t n) { return random() % n; };
  std::string input;
  if (below(2) == 0)
    input = client_greeting();
  for (std::uint64_t messages = below(4); messages > 0; --messages) {
    basp_header header{.operation = static_cast<std::uint8_t>(below(8)),
                       .flags = static_cast<std::uint8_t>(below(4) == 0 ? below(256) : 0),
                       .payload = static_cast<std::uint32_t>(below(8) == 0 ? random() : below(200)),
                       .data = below(2) == 0 ? 0 : random(),
                       .source = below(3) == 0 ? 0 : below(20),
                       .receiver = below(3) == 0 ? 0 : below(20)};
    input += header.bytes() + random_bytes(random, std::min<std::size_t>(header.payload, 300));
  }
  if (below(3) == 0)
    input += random_bytes(random, below(100));
  if (below(3) == 0)
    input.resize(below(input.size() + 1));
  return input;
}

} // namespace

TEST_CASE("The 32 bytes that crash CAF's own port do not reach it") {
  test_host server;
  const auto port = server.publish_echo();
  for (const std::uint8_t operation : {0, 1}) {
    raw_client client{port};
    client.send(
        basp_header{.operation = operation, .data = operation == 0 ? basp_check::version : 0}.bytes());
    client.read_to_end();
  }
  await([&] { return server.network().figures().bad_messages == 2; }, "both are refused");

  SECTION("nor from a host of the cluster") {
    test_ca ca;
    test_host secure{tls_with(ca.host("server"))};
    const auto secure_port = secure.publish_echo();
    for (const std::uint8_t operation : {0, 1}) {
      raw_client client{secure_port};
      REQUIRE(client.begin_tls(ca.host("client" + std::to_string(operation))));
      client.send(basp_header{.operation = operation}.bytes());
      client.read_to_end();
    }
    await([&] { return secure.network().figures().bad_messages == 2; }, "both are refused");
  }
  test_host client;
  CHECK(client.ask_echo("localhost", port));
}

TEST_CASE("A length of a gibibyte costs no memory") {
  test_ca ca;
  test_host server{tls_with(ca.host("server"))};
  const auto port = server.publish_echo();
  const tls_files files = ca.host("client");
  const auto before = resident_bytes();
  for (int i = 0; i < 8; ++i) {
    raw_client client{port};
    REQUIRE(client.begin_tls(files));
    basp_header huge{.operation = static_cast<std::uint8_t>(i % 4 == 0 ? 1 : 2 + i % 4),
                     .payload = 1024 * mebibyte,
                     .receiver = i % 4 == 0 ? 0U : 7U};
    client.send((i % 4 == 0 ? "" : client_greeting()) + huge.bytes());
    client.read_to_end();
  }
  await([&] { return server.network().figures().bad_messages == 8; }, "all are refused");
  CHECK(resident_bytes() < before + most_growth);
}

TEST_CASE("Silent and slow clients neither spin a thread nor keep a good host out") {
  test_ca ca;
  const bool secure = GENERATE(true, false);
  transport_options options = secure ? tls_with(ca.host("server")) : transport_options{};
  options.limits.half_open = 8;
  options.limits.connections_per_peer = 100;
  options.deadlines.handshake = 3s;
  test_host server{options};
  const auto port = server.publish_echo();
  test_host good{secure ? tls_with(ca.host("good")) : transport_options{}};
  CHECK(good.ask_echo("localhost", port)); // the first costs more than those after it

  std::vector<std::unique_ptr<raw_client>> strangers;
  const auto cpu_before = cpu_of_others();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 40; ++i) {
    strangers.push_back(std::make_unique<raw_client>(port));
    if (i % 2 == 0)
      strangers.back()->send("\x16"); // a first byte of TLS, no second
  }
  await([&] { return server.network().figures().accepted == 41; }, "all are there");
  CHECK(server.network().figures().half_open <= 8); // on a busy machine some have met their deadline by now
  CHECK(server.network().figures().over_limits <= 32);
  CHECK(server.network().figures().over_limits >= 24);

  test_host late{secure ? tls_with(ca.host("late")) : transport_options{}};
  CHECK(late.ask_echo("localhost", port));
  CHECK(server.network().figures().open == 2);

  for (const auto& stranger : strangers)
    stranger->read_to_end(); // sleeps until the deadline has closed all of them
  const auto waited = std::chrono::steady_clock::now() - begin;
  CHECK(cpu_of_others() - cpu_before < waited / 2);
  await([&] { return server.network().figures().half_open == 0; }, "none is left");
  CHECK(server.network().figures().open == 2);
}

TEST_CASE("One address cannot take more than its share of connections") {
  transport_options options;
  options.limits.connections_per_peer = 3;
  options.deadlines.handshake = 60s;
  test_host server{options};
  const auto port = server.publish_echo();
  const auto greet = [&](std::uint32_t process) {
    auto client = std::make_unique<raw_client>(port);
    client->send(client_greeting(process));
    return client;
  };
  std::vector<std::unique_ptr<raw_client>> members;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    members.push_back(greet(i)); // CAF closes the second connection of one process
    await([&] { return server.network().figures().open == i; }, "a greeting is heard");
  }
  raw_client another{port};
  CHECK(another.read_to_end().empty());
  CHECK(server.network().figures().over_limits == 1);
  CHECK(server.network().figures().open == 3);
}

TEST_CASE("Ten thousand random inputs do no harm, and a good host is served meanwhile") {
  const std::uint64_t seed = 20'260'707;
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  test_ca ca;
  test_host plain;
  test_host secure{tls_with(ca.host("server"))};
  const auto plain_port = plain.publish_echo();
  const auto secure_port = secure.publish_echo();
  const tls_files member = ca.host("member");
  test_host good_plain;
  test_host good_secure{tls_with(ca.host("good"))};
  const auto far_plain = good_plain.network().remote_actor("localhost", plain_port);
  const auto far_secure = good_secure.network().remote_actor("localhost", secure_port);
  REQUIRE(far_plain);
  REQUIRE(far_secure);

  std::optional<std::uint64_t> before;
  constexpr int inputs = 10'000;
  for (int i = 0; i < inputs; ++i) {
    if (i == inputs / 10) // what is made once is made
      before = resident_bytes();
    const std::string input = random_input(random);
    // Of ten: one from a member of the cluster, four from strangers at TLS, the rest where there is no TLS.
    raw_client client{i % 10 < 5 ? secure_port : plain_port};
    if (i % 10 == 0)
      client.begin_tls(member);
    client.send(input);
    client.end();
    client.read_to_end(); // else what the server has not read yet is lost
    if (i % 1000 == 0) {
      CHECK(good_plain.answers(*far_plain, i));
      CHECK(good_secure.answers(*far_secure, i));
    }
  }
  await([&] { return plain.network().figures().open == 1 && secure.network().figures().open == 1; },
        "all others are gone");
  CHECK(good_plain.answers(*far_plain));
  CHECK(good_secure.answers(*far_secure));
  CHECK(plain.network().figures().bad_messages > 1000);
  CHECK(secure.network().figures().bad_messages > 100);
  CHECK(secure.network().figures().not_trusted > 1000);
  CHECK(resident_bytes() < *before + most_growth);

  // All is over: nobody works.
  const auto idle_before = cpu_of_others();
  raw_client silent{plain_port};
  silent.send("x");
  const auto begin = std::chrono::steady_clock::now();
  silent.read_to_end(); // sleeps until the handshake's deadline
  CHECK(cpu_of_others() - idle_before < (std::chrono::steady_clock::now() - begin) / 2);
}
